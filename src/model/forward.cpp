// The stages of a forward pass: embedding, layers, head. Attention's own stages are in
// forward_attention.cpp.
#include "model/forward.h"

#include <algorithm>

#include "base/check.h"
#include "model/forward_pass.h"
#include "model/rope_angles.h"
#include "tensor/blocks.h"

namespace plmm::model {
namespace {

std::size_t at(int row, int width) {
  return static_cast<std::size_t>(row) * static_cast<std::size_t>(width);
}

}  // namespace

ForwardPass::ForwardPass(const Model& model, KvCache& cache, Workspace& workspace, ThreadPool& pool,
                         std::span<const text::TokenId> tokens, int position, int n_logits,
                         std::span<float> logits, const Cancel& cancel, AppliedLora lora)
    : model_(model),
      c_(model.config()),
      k_(model.kernels()),
      cache_(cache),
      ws_(workspace),
      pool_(pool),
      tokens_(tokens),
      n_(static_cast<int>(tokens.size())),
      position_(position),
      n_logits_(n_logits),
      logits_(logits),
      cancel_(cancel),
      lora_(lora) {}

void ForwardPass::run(int thread) {
  embed(thread);
  barrier();
  for (int i = 0; i < c_.n_layers && finished(); ++i) layer(i, thread);
  if (n_logits_ > 0 && finished()) head(thread);
}

void ForwardPass::embed(int thread) {
  const Range mine = tokens_of(thread);
  const auto& embedding = model_.weights().embedding;
  const std::size_t row_bytes = embedding.data.size() / static_cast<std::size_t>(embedding.n_out);
  for (int t = mine.begin; t < mine.end; ++t) {
    float* x = ws_.x_ + at(t, c_.n_embd);
    const auto row = static_cast<std::size_t>(tokens_[static_cast<std::size_t>(t)]);
    tensor::decode_row(embedding.type, embedding.data.subspan(row * row_bytes, row_bytes),
                       {x, static_cast<std::size_t>(c_.n_embd)});
    if (c_.embedding_scale != 1.0F) k_.scale(x, c_.embedding_scale, c_.n_embd);
  }
  fill_angles(mine);
}

void ForwardPass::fill_angles(Range tokens) {
  const int half = c_.head_dim / 2;
  for (int kind = 0; kind < (c_.sliding_window > 0 ? 2 : 1); ++kind) {
    float* cosines = ws_.angles_ + at(kind * 2 * n_ + tokens.begin, half);
    fill_rope_angles(c_, model_.weights().rope_factors, kind == 1, position_ + tokens.begin,
                     tokens.end - tokens.begin, cosines, cosines + at(n_, half));
  }
}

void ForwardPass::layer(int index, int thread) {
  attend_block(index, thread);
  feed_forward_block(index, thread);
}

ForwardPass::Input ForwardPass::prepare(const float* x, int n, int width,
                                        const std::vector<float>* norm,
                                        std::initializer_list<const PackedMatrix*> matrices,
                                        const Changes& changes, int thread) {
  const bool single = n == 1;
  std::byte* memory =
      single ? ws_.thread_quantized_[static_cast<std::size_t>(thread)] : ws_.quantized_;
  Input out{x, n, width, kernel::QuantizedRows::in(memory, n, width), changes.width};
  const Range mine = single ? Range{0, 1} : split(n, thread, pool_.size());
  if (norm != nullptr) {
    // A single normed row goes to the thread's own scratch: all threads write it at once.
    float* normed =
        single ? reinterpret_cast<float*>(ws_.thread_scratch_[static_cast<std::size_t>(thread)])
               : ws_.h_;
    for (int t = mine.begin; t < mine.end; ++t) {
      k_.rms_norm(x + at(t, width), norm->data(), width, c_.norm_epsilon, normed + at(t, width));
    }
    out.x = normed;
  }
  if (!std::ranges::all_of(matrices, &PackedMatrix::is_float)) {
    k_.quantize_rows(out.x, width, mine.begin, mine.end, out.quantized);
  }
  if (changes.width > 0) project(changes, out, mine, thread);
  if (!single || changes.width > 0) barrier();
  return out;
}

void ForwardPass::multiply_panels(const Target& target, const Input& in, Range panels, int thread) {
  if (target.w->is_float()) {
    k_.matmul_float(*target.w, panels.begin, panels.end, in.x, in.ldx, 0, in.n, target.y,
                    target.ldy, target.epilogue);
  } else {
    k_.matmul(*target.w, panels.begin, panels.end, in.quantized, 0, in.n, target.y, target.ldy,
              target.epilogue, ws_.thread_scratch_[static_cast<std::size_t>(thread)]);
  }
  add_change(target, in, panels);
}

void ForwardPass::multiply(std::span<const Target> targets, const Input& in, int stage,
                           int thread) {
  int n_panels = 0;
  for (const Target& target : targets) n_panels += target.w->n_panels();
  const auto part = [&](Range all) {  // panels counted through all targets
    int first = 0;
    for (const Target& target : targets) {
      const int begin = std::max(all.begin - first, 0),
                end = std::min(all.end - first, target.w->n_panels());
      if (begin < end) {
        Target rows = target;
        rows.y += begin * kernel::kPanelRows;
        multiply_panels(rows, in, {begin, end}, thread);
      }
      first += target.w->n_panels();
    }
  };
  if (in.n == 1) return part(split(n_panels, thread, pool_.size()));
  for (int task = next_task(stage); task * kTaskPanels < n_panels; task = next_task(stage)) {
    part({task * kTaskPanels, std::min((task + 1) * kTaskPanels, n_panels)});
  }
}

void ForwardPass::gate_and_up_panels(const LayerWeights& weights, const Changes& changes,
                                     const Input& in, Range panels, int thread) {
  const int row = panels.begin * kernel::kPanelRows;
  const int n_rows = std::min(panels.end * kernel::kPanelRows, c_.n_ff) - row;
  float* gate = ws_.ff_ + row;
  float* up = ws_.thread_up_[static_cast<std::size_t>(thread)];
  multiply_panels({&weights.gate, gate, c_.n_ff, kernel::Epilogue::store, changes.of[0]}, in,
                  panels, thread);
  // The up rows are only needed here: a narrow buffer holds them.
  multiply_panels({&weights.up, up, kTaskRows, kernel::Epilogue::store, changes.of[1]}, in, panels,
                  thread);
  const auto activate = c_.activation == Activation::gelu ? k_.gelu_multiply : k_.silu_multiply;
  for (int t = 0; t < n_; ++t) activate(gate + at(t, c_.n_ff), up + at(t, kTaskRows), n_rows);
}

void ForwardPass::gate_and_up(const LayerWeights& weights, const Changes& changes, const Input& in,
                              int stage, int thread) {
  const int n_panels = weights.gate.n_panels();
  if (in.n == 1) {
    const Range mine = split(n_panels, thread, pool_.size());
    for (int p = mine.begin; p < mine.end; p += kTaskPanels) {
      gate_and_up_panels(weights, changes, in, {p, std::min(p + kTaskPanels, mine.end)}, thread);
    }
    return;
  }
  for (int task = next_task(stage); task * kTaskPanels < n_panels; task = next_task(stage)) {
    gate_and_up_panels(weights, changes, in,
                       {task * kTaskPanels, std::min((task + 1) * kTaskPanels, n_panels)}, thread);
  }
}

ForwardPass::Target ForwardPass::block_output(const PackedMatrix& w, const Changes& changes) {
  if (c_.post_norms) return {&w, ws_.h_, c_.n_embd, kernel::Epilogue::store, changes.of[0]};
  return {&w, ws_.x_, c_.n_embd, kernel::Epilogue::add, changes.of[0]};
}

void ForwardPass::finish_block(const std::vector<float>& post_norm, int thread) {
  barrier();
  if (post_norm.empty()) return;
  const Range mine = tokens_of(thread);
  for (int t = mine.begin; t < mine.end; ++t) {
    float* h = ws_.h_ + at(t, c_.n_embd);
    k_.rms_norm(h, post_norm.data(), c_.n_embd, c_.norm_epsilon, h);
    k_.add(ws_.x_ + at(t, c_.n_embd), h, c_.n_embd);
  }
  barrier();
}

void ForwardPass::feed_forward_block(int index, int thread) {
  const LayerWeights& w = model_.weights().layers[static_cast<std::size_t>(index)];
  const int stage = index * kStagesPerLayer;
  const Changes inner = changes(index, {LoraTarget::gate, LoraTarget::up});
  const Input normed =
      prepare(ws_.x_, n_, c_.n_embd, &w.feed_forward_norm, {&w.gate, &w.up}, inner, thread);
  gate_and_up(w, inner, normed, stage + 3, thread);
  barrier();
  const Changes outer = changes(index, {LoraTarget::down});
  const Input in = prepare(ws_.ff_, n_, c_.n_ff, nullptr, {&w.down}, outer, thread);
  const Target target = block_output(w.down, outer);
  multiply({&target, 1}, in, stage + 4, thread);
  if (thread == 0 && cancel_.requested()) stopped_.store(true, std::memory_order_relaxed);
  finish_block(w.post_feed_forward_norm, thread);
}

void ForwardPass::head(int thread) {
  const PackedMatrix& w = model_.weights().head;
  const float* x = ws_.x_ + at(n_ - n_logits_, c_.n_embd);
  const Input in =
      prepare(x, n_logits_, c_.n_embd, &model_.weights().output_norm, {&w}, {}, thread);
  const Target target{&w, logits_.data(), c_.n_vocabulary, kernel::Epilogue::store, {}};
  multiply({&target, 1}, in, c_.n_layers * kStagesPerLayer, thread);
}

bool forward(const Model& model, KvCache& cache, Workspace& workspace, ThreadPool& pool,
             std::span<const text::TokenId> tokens, int position, int n_logits,
             std::span<float> logits, const Cancel& cancel, AppliedLora lora) {
  const int n = static_cast<int>(tokens.size());
  CHECK(n >= 1 && n <= workspace.n_tokens_max());
  CHECK(position >= 0 && position + n <= cache.n_context());
  CHECK(n_logits <= n && logits.size() == at(n_logits, model.config().n_vocabulary));
  workspace.reset_counters();
  ForwardPass pass(model, cache, workspace, pool, tokens, position, n_logits, logits, cancel, lora);
  pool.run([&pass](int thread) { pass.run(thread); });
  return pass.finished();
}

}  // namespace plmm::model
