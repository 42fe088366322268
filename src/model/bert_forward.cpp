// The forward pass of a BERT encoder on one thread, over the tokens of some texts at once.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>

#include "base/check.h"
#include "model/bert.h"

namespace plmm::model {
namespace {

std::size_t at(int row, int width) {
  return static_cast<std::size_t>(row) * static_cast<std::size_t>(width);
}

std::size_t round_up(std::size_t n, std::size_t to) { return (n + to - 1) / to * to; }

/// The mean over rows in their order, then scaled to length 1; the squares are summed in order too.
void pool_mean(const float* x, int n_rows, int width, float* out) {
  std::fill_n(out, width, 0.0F);
  for (int t = 0; t < n_rows; ++t) {
    for (int i = 0; i < width; ++i) out[i] += x[at(t, width) + static_cast<std::size_t>(i)];
  }
  double squares = 0;
  for (int i = 0; i < width; ++i) {
    out[i] /= static_cast<float>(n_rows);
    squares += static_cast<double>(out[i]) * out[i];
  }
  constexpr double kLengthMin = 1e-12;  // a row of zeros stays one
  const auto inverse = static_cast<float>(1.0 / std::max(std::sqrt(squares), kLengthMin));
  for (int i = 0; i < width; ++i) out[i] *= inverse;
}

}  // namespace

Result<BertWorkspace> BertWorkspace::create(const BertConfig& c, int n_tokens_max) {
  BertWorkspace out;
  out.n_tokens_max_ = n_tokens_max;
  const int n_longest = std::min(n_tokens_max, c.n_positions);
  out.ld_scores_ = static_cast<int>(
      round_up(static_cast<std::size_t>(n_longest), static_cast<std::size_t>(kernel::kKeyBlock)));
  const int widest = std::max(c.n_embd, c.n_ff);
  std::byte* base = nullptr;
  std::size_t used = 0;
  // The first round counts, the second hands out.
  const auto bytes = [&](std::size_t n) {
    std::byte* const piece = base == nullptr ? nullptr : base + used;
    used += round_up(n, 64);
    return piece;
  };
  const auto floats = [&](int rows, int width) {
    return reinterpret_cast<float*>(bytes(at(rows, width) * sizeof(float)));
  };
  const auto carve = [&] {
    used = 0;
    out.x_ = floats(n_tokens_max, c.n_embd);
    out.q_ = floats(n_tokens_max, c.n_embd);
    out.k_ = floats(n_tokens_max, c.n_embd);
    out.v_ = floats(n_tokens_max, c.n_embd);
    out.ff_ = floats(n_tokens_max, c.n_ff);
    out.head_keys_ = floats(out.ld_scores_, c.head_dim());
    out.head_values_ = floats(out.ld_scores_, c.head_dim());
    out.scores_ = floats(kernel::kQueryTile, out.ld_scores_);
    out.quantized_ = bytes(kernel::QuantizedRows::bytes(n_tokens_max, widest));
    out.scratch_ = bytes(kernel::scratch_bytes(widest));
  };
  carve();
  out.memory_ = {static_cast<std::byte*>(std::aligned_alloc(64, used)), std::free};
  if (out.memory_ == nullptr) {
    return fail(ErrorCode::io, "no memory for the " + std::to_string(used) +
                                   " bytes of an embedding pass; end other programs");
  }
  base = out.memory_.get();
  carve();
  return out;
}

class BertPass {
 public:
  BertPass(const Bert& bert, BertWorkspace& workspace, const BertBatch& batch)
      : bert_(bert),
        c_(bert.config()),
        k_(bert.kernels()),
        ws_(workspace),
        batch_(batch),
        n_(static_cast<int>(batch.tokens.size())) {}

  void run(std::span<float> out) {
    embed();
    for (const BertLayer& layer : bert_.layers()) {
      attend_block(layer);
      feed_forward_block(layer);
    }
    int first = 0;
    for (std::size_t i = 0; i < batch_.lengths.size(); ++i) {
      pool_mean(ws_.x_ + at(first, c_.n_embd), batch_.lengths[i], c_.n_embd,
                out.data() + i * static_cast<std::size_t>(c_.n_embd));
      first += batch_.lengths[i];
    }
  }

 private:
  void embed() {
    const auto width = static_cast<std::size_t>(c_.n_embd);
    int t = 0;
    for (const int length : batch_.lengths) {
      for (int position = 0; position < length; ++position, ++t) {
        const std::int32_t token = batch_.tokens[static_cast<std::size_t>(t)];
        CHECK(token >= 0 && token < c_.n_vocabulary);
        bert_.embed_token(token, position, {ws_.x_ + at(t, c_.n_embd), width});
      }
    }
    CHECK(t == n_);
    norm(bert_.embedding_norm());
  }

  void norm(const BertNorm& norm) {
    for (int t = 0; t < n_; ++t) {
      float* const x = ws_.x_ + at(t, c_.n_embd);
      k_.layer_norm(x, norm.weight.data(), norm.bias.data(), c_.n_embd, c_.norm_epsilon, x);
    }
  }

  /// The rows that the next products read, in 8 bits where the weights are.
  void prepare(const float* x, const BertLinear& linear) {
    in_ = x;
    const int width = linear.weight.n_in;
    if (linear.weight.is_float()) return;
    rows_ = kernel::QuantizedRows::in(ws_.quantized_, n_, width);
    k_.quantize_rows(x, width, 0, n_, rows_);
  }

  /// y = W·in + bias, or y += both.
  void multiply(const BertLinear& linear, float* y, kernel::Epilogue epilogue) {
    const auto& w = linear.weight;
    if (w.is_float()) {
      k_.matmul_float(w, 0, w.n_panels(), in_, w.n_in, 0, n_, y, w.n_out, epilogue);
    } else {
      k_.matmul(w, 0, w.n_panels(), rows_, 0, n_, y, w.n_out, epilogue, ws_.scratch_);
    }
    for (int t = 0; t < n_; ++t) k_.add(y + at(t, w.n_out), linear.bias.data(), w.n_out);
  }

  void attend_block(const BertLayer& layer) {
    prepare(ws_.x_, layer.query);
    multiply(layer.query, ws_.q_, kernel::Epilogue::store);
    multiply(layer.key, ws_.k_, kernel::Epilogue::store);
    multiply(layer.value, ws_.v_, kernel::Epilogue::store);
    const float scale = 1.0F / std::sqrt(static_cast<float>(c_.head_dim()));
    for (int t = 0; t < n_; ++t) k_.scale(ws_.q_ + at(t, c_.n_embd), scale, c_.n_embd);
    int first = 0;
    for (const int length : batch_.lengths) {
      for (int head = 0; head < c_.n_heads; ++head) attend(first, length, head);
      first += length;
    }
    prepare(ws_.q_, layer.output);
    multiply(layer.output, ws_.x_, kernel::Epilogue::add);
    norm(layer.attention_norm);
  }

  void feed_forward_block(const BertLayer& layer) {
    prepare(ws_.x_, layer.up);
    multiply(layer.up, ws_.ff_, kernel::Epilogue::store);
    for (int t = 0; t < n_; ++t) k_.gelu_exact(ws_.ff_ + at(t, c_.n_ff), c_.n_ff);
    prepare(ws_.ff_, layer.down);
    multiply(layer.down, ws_.x_, kernel::Epilogue::add);
    norm(layer.feed_forward_norm);
  }

  /// One head of one text: every token sees all of the text's tokens.
  void attend(int first, int length, int head) {
    const int dim = c_.head_dim();
    const auto row = [&](float* rows, int t) {
      return rows + at(first + t, c_.n_embd) + at(head, dim);
    };
    for (int t = 0; t < length; ++t) {
      k_.store_kv(kernel::CacheType::f32, row(ws_.k_, t), row(ws_.v_, t), t, dim, ws_.head_keys_,
                  ws_.head_values_);
    }
    kernel::AttentionTile tile{};
    tile.cache = kernel::CacheType::f32;
    tile.head_dim = dim;
    tile.keys = ws_.head_keys_;
    tile.values = ws_.head_values_;
    tile.scores = ws_.scores_;
    tile.ld_scores = ws_.ld_scores_;
    for (int t = 0; t < length; t += tile.n_queries) {
      tile.n_queries = std::min(kernel::kQueryTile, length - t);
      for (int i = 0; i < tile.n_queries; ++i) {
        tile.query[i] = tile.out[i] = row(ws_.q_, t + i);  // read before its place is written
        tile.first[i] = 0;
        tile.last[i] = length;
      }
      k_.attention(tile);
    }
  }

  const Bert& bert_;
  const BertConfig& c_;
  const kernel::Kernels& k_;
  BertWorkspace& ws_;
  const BertBatch& batch_;
  int n_;  // tokens
  const float* in_ = nullptr;
  kernel::QuantizedRows rows_;
};

void bert_embed(const Bert& bert, BertWorkspace& workspace, const BertBatch& batch,
                std::span<float> out) {
  CHECK(batch.tokens.size() <= static_cast<std::size_t>(workspace.n_tokens_max()));
  CHECK(out.size() == batch.lengths.size() * static_cast<std::size_t>(bert.config().n_embd));
  BertPass(bert, workspace, batch).run(out);
}

}  // namespace plmm::model
