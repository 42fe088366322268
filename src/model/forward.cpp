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

ForwardPass::ForwardPass(const Model& model, Workspace& workspace, ThreadPool& pool,
                         std::span<const SequencePart> parts, std::span<float> logits,
                         const Cancel& cancel)
    : model_(model),
      c_(model.config()),
      k_(model.kernels()),
      ws_(workspace),
      pool_(pool),
      logits_(logits),
      cancel_(cancel) {
  lay_out(parts);
  ws_.reset_counters();
}

/// Each part's tokens become rows behind those of the part before.
void ForwardPass::lay_out(std::span<const SequencePart> parts) {
  ws_.parts_.clear();
  ws_.groups_.clear();
  ws_.part_of_row_.clear();
  ws_.tokens_.clear();
  ws_.logit_rows_.clear();
  for (const SequencePart& part : parts) {
    const int n = static_cast<int>(part.tokens.size());
    CHECK(n >= 1 && n <= ws_.n_tokens_max() - n_);
    CHECK(part.position >= 0 && part.position + n <= part.cache.n_context());
    CHECK(part.cache.n_context() <= ws_.ld_scores_);
    CHECK(part.n_logits >= 0 && part.n_logits <= n);
    if (ws_.groups_.empty() || ws_.groups_.back().lora != part.lora)
      ws_.groups_.push_back({n_, n_, part.lora});
    ws_.groups_.back().end = n_ + n;
    for (int row = n_ + n - part.n_logits; row < n_ + n; ++row) ws_.logit_rows_.push_back(row);
    ws_.part_of_row_.insert(ws_.part_of_row_.end(), part.tokens.size(),
                            static_cast<int>(ws_.parts_.size()));
    ws_.tokens_.insert(ws_.tokens_.end(), part.tokens.begin(), part.tokens.end());
    ws_.parts_.push_back({.cache = &part.cache, .row = n_, .n = n, .position = part.position});
    n_ += n;
  }
  CHECK(n_ >= 1 && logits_.size() == at(static_cast<int>(ws_.logit_rows_.size()), c_.n_vocabulary));
  share_out_attention();
}

void ForwardPass::run(int thread) {
  embed(thread);
  barrier();
  for (int i = 0; i < c_.n_layers && finished(); ++i) layer(i, thread);
  if (!logits_.empty() && finished()) head(thread);
}

void ForwardPass::embed(int thread) {
  const Range mine = tokens_of(thread);
  const auto& embedding = model_.weights().embedding;
  const std::size_t row_bytes = embedding.data.size() / static_cast<std::size_t>(embedding.n_out);
  for (int t = mine.begin; t < mine.end; ++t) {
    float* x = ws_.x_ + at(t, c_.n_embd);
    const auto row = static_cast<std::size_t>(ws_.tokens_[static_cast<std::size_t>(t)]);
    tensor::decode_row(embedding.type, embedding.data.subspan(row * row_bytes, row_bytes),
                       {x, static_cast<std::size_t>(c_.n_embd)});
    if (c_.embedding_scale != 1.0F) k_.scale(x, c_.embedding_scale, c_.n_embd);
  }
  fill_angles(mine);
}

void ForwardPass::fill_angles(Range rows) {
  const int half = c_.head_dim / 2;
  for (int row = rows.begin; row < rows.end;) {
    const Workspace::Part& part = part_of(row);
    const int n = std::min(rows.end, part.row + part.n) - row;
    for (int kind = 0; kind < (c_.sliding_window > 0 ? 2 : 1); ++kind) {
      float* cosines = ws_.angles_ + at(kind * 2 * n_ + row, half);
      fill_rope_angles(c_, model_.weights().rope_factors, kind == 1, part.position + row - part.row,
                       n, cosines, cosines + at(n_, half));
    }
    row += n;
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
  multiply_panels({&weights.gate, gate, c_.n_ff, kernel::Epilogue::store, &changes, 0}, in, panels,
                  thread);
  // The up rows are only needed here: a narrow buffer holds them.
  multiply_panels({&weights.up, up, kTaskRows, kernel::Epilogue::store, &changes, 1}, in, panels,
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
  if (c_.post_norms) return {&w, ws_.h_, c_.n_embd, kernel::Epilogue::store, &changes, 0};
  return {&w, ws_.x_, c_.n_embd, kernel::Epilogue::add, &changes, 0};
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
  const int n = static_cast<int>(ws_.logit_rows_.size());
  const float* x = gather_logit_rows(thread);
  const Input in = prepare(x, n, c_.n_embd, &model_.weights().output_norm, {&w}, {}, thread);
  const Target target{&w, logits_.data(), c_.n_vocabulary, kernel::Epilogue::store, nullptr, 0};
  multiply({&target, 1}, in, c_.n_layers * kStagesPerLayer, thread);
}

const float* ForwardPass::gather_logit_rows(int thread) {
  const int n = static_cast<int>(ws_.logit_rows_.size()), first = ws_.logit_rows_.front();
  if (ws_.logit_rows_.back() - first + 1 == n) return ws_.x_ + at(first, c_.n_embd);
  // No barrier behind: prepare() norms the same rows on the same thread, in their place.
  const Range mine = split(n, thread, pool_.size());
  for (int i = mine.begin; i < mine.end; ++i) {
    const float* x = ws_.x_ + at(ws_.logit_rows_[static_cast<std::size_t>(i)], c_.n_embd);
    std::copy_n(x, c_.n_embd, ws_.h_ + at(i, c_.n_embd));
  }
  return ws_.h_;
}

bool forward(const Model& model, Workspace& workspace, ThreadPool& pool,
             std::span<const SequencePart> parts, std::span<float> logits, const Cancel& cancel) {
  ForwardPass pass(model, workspace, pool, parts, logits, cancel);
  pool.run([&pass](int thread) { pass.run(thread); });
  return pass.finished();
}

bool forward(const Model& model, KvCache& cache, Workspace& workspace, ThreadPool& pool,
             std::span<const text::TokenId> tokens, int position, int n_logits,
             std::span<float> logits, const Cancel& cancel, AppliedLora lora) {
  const SequencePart part{cache, tokens, position, n_logits, lora};
  return forward(model, workspace, pool, {&part, 1}, logits, cancel);
}

}  // namespace plmm::model
