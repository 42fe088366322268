// Segments as parts of shared passes; rows of logits to labels.
#include "train/teacher.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "base/check.h"
#include "base/narrow.h"
#include "model/kv_cache.h"
#include "train/gradient_pass.h"
#include "train/rows.h"

namespace plmm::train {
namespace {

constexpr int kRows = 512;       // of a pass without logits
constexpr int kLogitRows = 128;  // of one with: 128 · 151,936 · 4 bytes are 78 MB

std::size_t u(int n) { return static_cast<std::size_t>(n); }

std::unexpected<Error> bad(const std::string& what) {
  return fail(ErrorCode::invalid_argument, what);
}

std::vector<const Sequence*> sequences_of(const TrainingData& data) {
  std::vector<const Sequence*> out;
  for (const auto* sequences : {&data.training, &data.validation}) {
    for (const Sequence& sequence : *sequences) out.push_back(&sequence);
  }
  return out;
}

}  // namespace

Result<> check_same_tokens(const text::Tokenizer& teacher, const text::Tokenizer& student) {
  const std::string next =
      ". The two must read text as the same tokens: choose a teacher of the same family, for "
      "instance --teacher qwen2.5-coder-1.5b with -m qwen2.5-coder-0.5b";
  if (teacher.size() != student.size()) {
    return bad("the teacher has " + std::to_string(teacher.size()) + " tokens, the student " +
               std::to_string(student.size()) + next);
  }
  for (std::size_t i = 0; i < teacher.size(); ++i) {
    const auto id = static_cast<text::TokenId>(i);
    if (teacher.kind(id) == student.kind(id) &&
        teacher.piece(id, text::Special::parse) == student.piece(id, text::Special::parse)) {
      continue;
    }
    return bad("token " + std::to_string(i) + " of the teacher is another one than the student's" +
               next);
  }
  return {};
}

/// One document of a sequence: tokens [next, end) are still to be fed, those from `first_row` on
/// with logits.
struct Teacher::Segment {
  model::KvCache cache;
  std::span<const text::TokenId> tokens;  // of the whole sequence
  int begin;
  int first_row;
  int end;
  int next;
};

Result<Teacher> Teacher::create(const model::Model& model, ThreadPool& pool,
                                const LabelOptions& options, int n_tokens_max, int n_vocabulary) {
  if (options.n_top < 0 || options.n_top > kTopMax || options.n_draws < 1 ||
      options.n_draws > kDrawsMax || options.n_top + options.n_draws > n_vocabulary) {
    return bad("of a teacher's words there can be 0 to " + std::to_string(kTopMax) +
               " of the likeliest and 1 to " + std::to_string(kDrawsMax) + " drawn");
  }
  if (!(options.temperature > 0.0F) || !std::isfinite(options.temperature))
    return bad("the temperature of a teacher must be above 0");
  if (n_tokens_max > model.config().n_context) {
    return bad("the teacher reads " + std::to_string(model.config().n_context) +
               " tokens at most; give --sequence that number, or fewer");
  }
  CHECK(n_vocabulary >= 1 && n_vocabulary <= model.config().n_vocabulary);
  Teacher out(model, pool, options, n_vocabulary);
  out.workspace_ = TRY(model::Workspace::create(model, kRows, n_tokens_max, pool.size()));
  out.logits_.resize(u(kLogitRows) * u(model.config().n_vocabulary));
  return out;
}

/// One pass over as many tokens as fit, segment by segment; logits_ holds those of its rows.
Result<> Teacher::pass(std::vector<Segment>& segments, bool wants_logits, const Cancel& cancel) {
  std::vector<model::SequencePart> parts;
  std::vector<std::pair<Segment*, int>> fed;
  int n_free = wants_logits ? kLogitRows : kRows, n_logits = 0;
  for (Segment& segment : segments) {
    const int end = wants_logits ? segment.end : segment.first_row;
    const int n = std::min(n_free, end - segment.next);
    if (n <= 0) continue;
    parts.push_back({segment.cache, segment.tokens.subspan(u(segment.next), u(n)),
                     segment.next - segment.begin, wants_logits ? n : 0});
    fed.emplace_back(&segment, n);
    n_free -= n;
    if (wants_logits) n_logits += n;
  }
  const auto logits = std::span(logits_).first(u(n_logits) * u(model_->config().n_vocabulary));
  if (!model::forward(*model_, *workspace_, *pool_, parts, logits, cancel))
    return fail(ErrorCode::cancelled, "stopped");
  for (const auto& [segment, n] : fed) segment->next += n;
  return {};
}

Result<Teacher::Said> Teacher::label(const Sequence& sequence, std::uint64_t seed,
                                     const Cancel& cancel) {
  const auto type = model_->exact() ? kernel::CacheType::f32 : kernel::CacheType::f16;
  const auto rows = supervised_rows(sequence);
  std::vector<Segment> segments;
  auto starts = sequence.segment_starts;
  if (starts.empty()) starts.push_back(0);
  starts.push_back(narrow<int>(sequence.tokens.size()));
  for (std::size_t s = 0; s + 1 < starts.size(); ++s) {
    const auto first = std::ranges::lower_bound(rows, starts[s], {}, &Supervised::row);
    const auto last = std::ranges::lower_bound(rows, starts[s + 1], {}, &Supervised::row);
    if (first == last) continue;
    const int end = (last - 1)->row + 1;
    auto cache = TRY(model::KvCache::create(model_->config(), end - starts[s], type));
    segments.push_back({std::move(cache), sequence.tokens, starts[s], first->row, end, starts[s]});
  }
  const auto is_unread = [](const Segment& one) { return one.next < one.first_row; };
  while (std::ranges::any_of(segments, is_unread)) TRY(pass(segments, false, cancel));
  Said out;
  const auto width = u(model_->config().n_vocabulary);
  while (std::ranges::any_of(segments, [](const Segment& one) { return one.next < one.end; })) {
    std::vector<int> tokens;  // of the pass, in the order of its logits
    for (const Segment& segment : segments) {
      for (int t = segment.next; t < segment.end && std::ssize(tokens) < kLogitRows; ++t)
        tokens.push_back(t);
    }
    TRY(pass(segments, true, cancel));
    std::vector<Said> said(tokens.size());
    for_each_row(*pool_, narrow<int>(tokens.size()), [&](int i, int) {
      if (sequence.weights[u(tokens[u(i)])] <= 0.0F) return;
      const auto logits = std::span(logits_).subspan(u(i) * width, u(n_vocabulary_));
      Rng rng(Rng(seed).next() + u(tokens[u(i)]));
      said[u(i)].rows.push_back(append_labels(logits, sequence.tokens[u(tokens[u(i)]) + 1],
                                              options_, model_->kernels(), rng, said[u(i)].labels));
    });
    for (const Said& one : said) {
      out.rows.insert(out.rows.end(), one.rows.begin(), one.rows.end());
      out.labels.insert(out.labels.end(), one.labels.begin(), one.labels.end());
    }
  }
  if (std::ranges::all_of(out.rows, [](const SoftRow& row) {
        return std::isfinite(row.entropy) && std::isfinite(row.loss);
      })) {
    return out;
  }
  return fail(ErrorCode::corrupt_data,
              "the teacher computes something that is not a number: its file is damaged. Run: plmm "
              "pull NAME, or choose another --teacher");
}

std::vector<std::uint32_t> rows_of(const TrainingData& data) {
  std::vector<std::uint32_t> out;
  for (const Sequence* sequence : sequences_of(data))
    out.push_back(narrow<std::uint32_t>(supervised_rows(*sequence).size()));
  return out;
}

Result<> label_all(Teacher& teacher, const TrainingData& data, std::uint64_t seed, LabelFile& file,
                   const std::function<void(std::size_t)>& on_done, const Cancel& cancel) {
  const auto sequences = sequences_of(data);
  while (!file.is_whole()) {
    const std::size_t i = file.n_done();
    const auto said = TRY(teacher.label(*sequences[i], Rng(seed).next() + i, cancel));
    TRY(file.append(said.rows, said.labels));
    if (on_done) on_done(file.n_done());
  }
  return {};
}

void teach(std::span<const SoftLabels> labels, float share, float temperature, TrainingData& data) {
  CHECK(labels.size() == data.training.size() + data.validation.size());
  for (std::size_t i = 0; i < data.training.size(); ++i)
    data.training[i].teacher = {labels[i].rows, labels[i].labels, share, temperature};
}

double loss_apart(std::span<const SoftLabels> labels, const TrainingData& data) {
  double sum = 0, total = 0;
  for (std::size_t i = 0; i < data.validation.size(); ++i) {
    const auto rows = supervised_rows(data.validation[i]);
    const auto said = labels[data.training.size() + i].rows;
    for (std::size_t k = 0; k < rows.size(); ++k) {
      sum += double{rows[k].weight} * double{said[k].loss};
      total += double{rows[k].weight};
    }
  }
  return total > 0 ? sum / total : 0;
}

std::optional<double> gap_closed(double before, double after, double teacher) {
  if (!(before - teacher >= kGapMin)) return std::nullopt;
  return (before - after) / (before - teacher);
}

}  // namespace plmm::train
