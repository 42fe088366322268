// Finds, checks and packs the tensors of a model.
#include "model/weights.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <set>
#include <string>

#include "base/file.h"
#include "base/narrow.h"
#include "base/new_file.h"
#include "model/file_identity.h"
#include "model/packed_file.h"
#include "tensor/blocks.h"

namespace plmm::model {
namespace {

std::string in_layer(int layer, std::string_view name) {
  return "blk." + std::to_string(layer) + "." + std::string(name);
}

struct Expected {
  std::string name;
  std::vector<std::uint64_t> ne;  // GGUF order: row length first
  bool optional = false;
};

/// Every tensor that the architecture uses.
std::vector<Expected> expected_tensors(const ModelConfig& c) {
  const auto u = [](int n) { return static_cast<std::uint64_t>(n); };
  const std::uint64_t embd = u(c.n_embd), q = u(c.q_dim()), kv = u(c.kv_dim()), ff = u(c.n_ff);
  std::vector<Expected> out = {{"token_embd.weight", {embd, u(c.n_vocabulary)}},
                               {"output_norm.weight", {embd}},
                               {"output.weight", {embd, u(c.n_vocabulary)}, true},
                               {"rope_freqs.weight", {u(c.head_dim / 2)}, true}};
  for (int i = 0; i < c.n_layers; ++i) {
    const auto add = [&](std::string_view name, std::vector<std::uint64_t> ne) {
      out.push_back({in_layer(i, name), std::move(ne)});
    };
    add("attn_norm.weight", {embd});
    add("ffn_norm.weight", {embd});
    add("attn_q.weight", {embd, q});
    add("attn_k.weight", {embd, kv});
    add("attn_v.weight", {embd, kv});
    add("attn_output.weight", {q, embd});
    add("ffn_gate.weight", {embd, ff});
    add("ffn_up.weight", {embd, ff});
    add("ffn_down.weight", {ff, embd});
    if (c.qkv_bias) {
      add("attn_q.bias", {q});
      add("attn_k.bias", {kv});
      add("attn_v.bias", {kv});
    }
    if (c.qk_norm) {
      add("attn_q_norm.weight", {u(c.head_dim)});
      add("attn_k_norm.weight", {u(c.head_dim)});
    }
    if (c.post_norms) {
      add("post_attention_norm.weight", {embd});
      add("post_ffw_norm.weight", {embd});
    }
  }
  return out;
}

std::string shape_text(const std::vector<std::uint64_t>& ne) {
  std::string out = "[";
  for (const auto n : ne) out += (out.size() > 1 ? ", " : "") + std::to_string(n);
  return out + "]";
}

std::vector<float> read_vector(const gguf::Reader& reader, std::string_view name) {
  const auto* tensor = reader.tensor(name);
  if (tensor == nullptr) return {};
  std::vector<float> out(tensor->ne[0]);
  tensor::decode_row(tensor->type, tensor->data, out);
  return out;
}

kernel::StoredMatrix stored(const gguf::Reader& reader, std::string_view name) {
  const auto* tensor = reader.tensor(name);
  CHECK(tensor != nullptr && tensor->ne.size() == 2);
  return {tensor->type, narrow<int>(tensor->ne[0]), narrow<int>(tensor->ne[1]), tensor->data};
}

/// Row of the file that becomes row i of a query or key matrix: heads whose rotated pairs are
/// neighbours (2i, 2i + 1) are brought into halves, so that one rotation kernel serves all. Scores
/// do not change: both sides move alike.
kernel::RowOrder halves_from_neighbours(int head_dim) {
  return [head_dim](int row) {
    const int head = row / head_dim, i = row % head_dim, half = head_dim / 2;
    return head * head_dim + (i < half ? 2 * i : 2 * (i - half) + 1);
  };
}

/// Collects matrices, allocates them, and packs their panels on all threads.
class Packer {
 public:
  Packer(const gguf::Reader& reader, bool exact) : reader_(&reader), exact_(exact) {}

  void add(std::string name, PackedMatrix& out, kernel::RowOrder order = {}) {
    const auto source = stored(*reader_, name);
    out = kernel::packed_shape(source, exact_);
    jobs_.push_back({std::move(name), source, std::move(order), &out});
  }

  /// Packs into memory of each matrix's own.
  Result<> pack(ThreadPool& pool) {
    for (const Job& job : jobs_) {
      *job.out = kernel::allocate_packed(job.source, exact_);
      if (job.out->data != nullptr) continue;
      return fail(ErrorCode::io, reader_->name() + ": no memory for " +
                                     std::to_string(job.out->bytes()) + " bytes of tensor '" +
                                     job.name +
                                     "'; end other programs or choose a smaller model (plmm ls)");
    }
    run(pool);
    return {};
  }

  /// Maps the file that an earlier run has left, or packs into a new one. Whether that could be
  /// done: if not, the matrices have no data.
  bool map(const std::filesystem::path& folder, ThreadPool& pool, Weights& out) {
    const auto identity = identify(*reader_);
    if (!identity) return false;
    out.identity = *identity;
    // What was looked at of the file need not stay in memory beside the packed weights.
    reader_->map()->release(0, static_cast<std::size_t>(reader_->file_size()));
    if (!make_private_folder(folder)) return false;
    std::vector<const PackedMatrix*> matrices;
    for (const Job& job : jobs_) matrices.push_back(job.out);
    const PackedPlan plan(*identity, matrices);
    const auto path = packed_file(folder, reader_->name());
    if (auto file = open_packed(path, plan, pool)) {
      const auto kept = std::make_shared<MappedFile>(std::move(*file));
      place(plan, const_cast<std::byte*>(kept->bytes().data()));  // nobody writes to weights
      out.file = kept;
      out.was_packed = true;
      return true;
    }
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
    remove_unfinished(folder);
    if (!make_room_for_packed(folder, plan.file_bytes())) return false;
    auto made = NewFile::create(path, plan.file_bytes());
    if (!made) return false;
    const auto kept = std::make_shared<NewFile>(std::move(*made));
    place(plan, kept->bytes().data());
    run(pool);
    plan.seal(kept->bytes(), pool);
    static_cast<void>(kept->publish());  // without a name it serves this run alone
    out.file = kept;
    return true;
  }

 private:
  void place(const PackedPlan& plan, std::byte* file) {
    for (std::size_t i = 0; i < jobs_.size(); ++i)
      kernel::place_packed(*jobs_[i].out, file + plan.offset(i));
  }

  void run(ThreadPool& pool) {
    constexpr int kPanelsPerTask = 16;
    std::vector<std::pair<const Job*, int>> tasks;
    for (const Job& job : jobs_) {
      for (int p = 0; p < job.out->n_panels(); p += kPanelsPerTask) tasks.emplace_back(&job, p);
    }
    std::atomic<std::size_t> next{0};
    pool.run([&](int) {
      for (std::size_t i = next++; i < tasks.size(); i = next++) {
        const auto& [job, begin] = tasks[i];
        kernel::pack_panels(job->source, job->order, begin,
                            std::min(begin + kPanelsPerTask, job->out->n_panels()), *job->out);
      }
    });
  }

  struct Job {
    std::string name;
    kernel::StoredMatrix source;
    kernel::RowOrder order;
    PackedMatrix* out;
  };
  const gguf::Reader* reader_;
  bool exact_;
  std::vector<Job> jobs_;
};

void add_layer(const gguf::Reader& reader, const ModelConfig& c, int i, Packer& packer,
               LayerWeights& out) {
  const auto vector = [&](std::string_view name) { return read_vector(reader, in_layer(i, name)); };
  out.attention_norm = vector("attn_norm.weight");
  out.feed_forward_norm = vector("ffn_norm.weight");
  out.post_attention_norm = vector("post_attention_norm.weight");
  out.post_feed_forward_norm = vector("post_ffw_norm.weight");
  out.query_norm = vector("attn_q_norm.weight");
  out.key_norm = vector("attn_k_norm.weight");
  out.query_bias = vector("attn_q.bias");
  out.key_bias = vector("attn_k.bias");
  out.value_bias = vector("attn_v.bias");
  const auto order = c.rope_pairs == RopePairs::neighbours ? halves_from_neighbours(c.head_dim)
                                                           : kernel::RowOrder{};
  packer.add(in_layer(i, "attn_q.weight"), out.query, order);
  packer.add(in_layer(i, "attn_k.weight"), out.key, order);
  packer.add(in_layer(i, "attn_v.weight"), out.value);
  packer.add(in_layer(i, "attn_output.weight"), out.output);
  packer.add(in_layer(i, "ffn_gate.weight"), out.gate);
  packer.add(in_layer(i, "ffn_up.weight"), out.up);
  packer.add(in_layer(i, "ffn_down.weight"), out.down);
}

}  // namespace

Result<> check_tensors(const gguf::Reader& reader, const ModelConfig& config) {
  std::set<std::string_view> known;
  const auto expected = expected_tensors(config);
  for (const auto& want : expected) {
    known.insert(want.name);
    const auto* tensor = reader.tensor(want.name);
    if (tensor == nullptr) {
      if (want.optional) continue;
      return fail(ErrorCode::corrupt_data,
                  reader.name() + ": tensor '" + want.name + "' is missing");
    }
    if (tensor->ne != want.ne) {
      return fail(ErrorCode::corrupt_data, reader.name() + ": tensor '" + want.name +
                                               "' has shape " + shape_text(tensor->ne) +
                                               ", the metadata asks for " + shape_text(want.ne));
    }
    if (want.ne.size() == 2 && want.ne[0] % kernel::kBlock != 0) {
      return fail(ErrorCode::unsupported, reader.name() + ": rows of tensor '" + want.name +
                                              "' are not a multiple of 32 long");
    }
  }
  for (const auto& tensor : reader.tensors()) {
    if (known.contains(tensor.name)) continue;
    return fail(ErrorCode::unsupported, reader.name() + ": holds a tensor that architecture '" +
                                            config.architecture + "' does not use: '" +
                                            std::string(tensor.name) + "'");
  }
  return {};
}

Result<Weights> pack_weights(const gguf::Reader& reader, const ModelConfig& config, bool exact,
                             ThreadPool& pool, const std::filesystem::path& packed_folder) {
  Weights out;
  Packer packer(reader, exact);
  out.embedding = stored(reader, "token_embd.weight");
  out.output_norm = read_vector(reader, "output_norm.weight");
  out.rope_factors = read_vector(reader, "rope_freqs.weight");
  out.layers.resize(static_cast<std::size_t>(config.n_layers));
  for (int i = 0; i < config.n_layers; ++i) {
    add_layer(reader, config, i, packer, out.layers[static_cast<std::size_t>(i)]);
  }
  const bool tied = reader.tensor("output.weight") == nullptr;
  packer.add(tied ? "token_embd.weight" : "output.weight", out.head);
  const bool mapped = !packed_folder.empty() && !exact && packer.map(packed_folder, pool, out);
  if (!mapped) TRY(packer.pack(pool));
  return out;
}

}  // namespace plmm::model
