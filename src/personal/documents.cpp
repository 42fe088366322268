// Documents, passages and their index as records of the vault.
#include "personal/documents.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <utility>

#include "base/bytes.h"
#include "personal/record_fields.h"
#include "personal/vault_state.h"
#include "personal/vector_bytes.h"
#include "personal/word_index.h"

namespace plmm::personal {
namespace {

constexpr std::uint8_t kDocumentVersion = 1;
constexpr std::uint8_t kPassageVersion = 1;
constexpr std::uint8_t kPartVersion = 1;
constexpr std::size_t kPartPassages = 256;     // of one record of the index: some 170 kB
constexpr std::size_t kQuestionWordsMax = 64;  // of a longer question the rest does not count
// A passage's score is its cosine and some of the share of the question's words that it has.
constexpr double kWordWeight = 0.3;

Personal<std::string> encode(const OwnDocument& document) {
  FieldWriter out(kDocumentVersion);
  out.text(document.path).text(document.title).text(document.kind);
  out.number(static_cast<int>(document.places)).number(document.n_bytes);
  out.number(document.modified_ns).text(document.digest).text(document.model);
  out.number(document.time_ms).number(document.n_passages);
  return out.take();
}

Result<OwnDocument> decode_document(const Record& record) {
  auto fields = TRY(FieldReader::open(record.content, kDocumentVersion));
  OwnDocument out;
  out.id = record.id;
  out.path = TRY(fields.text());
  out.title = TRY(fields.text());
  out.kind = TRY(fields.text());
  out.places = static_cast<reader::Places>(TRY(fields.number_up_to(reader::kPlacesMax)));
  out.n_bytes = TRY(fields.number());
  out.modified_ns = TRY(fields.number());
  out.digest = TRY(fields.text());
  out.model = TRY(fields.text());
  out.time_ms = TRY(fields.number());
  out.n_passages = TRY(fields.number_up_to(kDocumentPassagesMax));
  return out;
}

Personal<std::string> encode(const OwnPassage& passage, std::int64_t document) {
  FieldWriter out(kPassageVersion);
  out.number(document).number(passage.place).text(passage.title);
  out.text(passage.text.reveal(Purpose::seal));
  return out.take();
}

struct KeptPassage {
  std::int64_t document = 0;
  OwnPassage passage;
};

Result<KeptPassage> decode_passage(const Record& record) {
  auto fields = TRY(FieldReader::open(record.content, kPassageVersion));
  KeptPassage out;
  out.document = TRY(fields.number());
  out.passage.place = TRY(fields.number());
  out.passage.title = TRY(fields.text());
  out.passage.text = Personal(TRY(fields.text()));
  return out;
}

std::string to_bytes(std::span<const std::uint32_t> words) {
  std::string out(words.size_bytes(), '\0');
  std::memcpy(out.data(), words.data(), words.size_bytes());
  return out;
}

std::unexpected<Error> too_many(std::string_view what, std::size_t max) {
  return fail(ErrorCode::limit_exceeded, "more than " + std::to_string(max) + " " +
                                             std::string(what) + ". Run: plmm learn rm NAME");
}

}  // namespace

std::string place_text(const OwnDocument& document, std::int64_t place) {
  std::string out = std::filesystem::path(document.path).filename().string();
  if (place == 0) return out;
  switch (document.places) {
    case reader::Places::none:
      return out;
    case reader::Places::lines:
      return out + ", line " + std::to_string(place);
    case reader::Places::pages:
      return out + ", page " + std::to_string(place);
    case reader::Places::messages:
      return out + ", message " + std::to_string(place);
  }
  return out;
}

Result<std::vector<OwnDocument>> Documents::list(Vault& vault) {
  std::vector<OwnDocument> out;
  for (const Record& record : TRY(vault.read(Area::document)))
    out.push_back(TRY(decode_document(record)));
  return out;
}

Result<Documents> Documents::open(Vault& vault, MemorySpace space) {
  Documents out(vault, std::move(space));
  for (auto& document : TRY(list(vault))) {
    const std::int64_t id = document.id;
    out.documents_.emplace(id, std::move(document));
  }
  if (out.documents_.empty()) return out;
  for (const Record& record : TRY(vault.read(Area::passage_index))) {
    auto part = TRY(out.read_part(record));
    // Another process may have added it meanwhile.
    if (out.documents_.contains(part.document)) out.parts_.push_back(std::move(part));
  }
  return out;
}

Result<Documents::Part> Documents::read_part(const Record& record) const {
  auto fields = TRY(FieldReader::open(record.content, kPartVersion));
  Part out;
  out.record = record.id;
  out.document = TRY(fields.number());
  const bool is_ours = TRY(fields.text()) == space_.model;
  const std::int64_t n = TRY(fields.number_up_to(kPartPassages));
  if (is_ours) out.vectors.emplace(space_.dimension);
  for (std::int64_t i = 0; i < n; ++i) {
    out.passages.push_back(TRY(fields.number()));
    const std::string vector = TRY(fields.text());
    if (is_ours) {
      const auto coded = TRY(vectors_from_bytes(bytes_of(vector), space_.dimension));
      if (coded.size() != 1)
        return fail(ErrorCode::corrupt_data, "a passage of the index has no embedding");
      out.vectors->append(i, coded.front());
    }
    const std::string codes = TRY(fields.text());
    const std::size_t n_words = codes.size() / sizeof(std::uint32_t);
    const std::size_t begin = out.words.size();
    out.words.resize(begin + n_words);
    if (n_words > 0)
      std::memcpy(out.words.data() + begin, codes.data(), n_words * sizeof(std::uint32_t));
    out.ends.push_back(out.words.size());
  }
  return out;
}

Result<Documents::Part> Documents::write_part(Edit& edit, std::int64_t document,
                                              std::span<const OwnPassage> passages,
                                              std::span<const search::CodedVector> vectors) const {
  FieldWriter out(kPartVersion);
  out.number(document).text(vectors.empty() ? std::string() : space_.model);
  out.number(static_cast<std::int64_t>(passages.size()));
  for (std::size_t i = 0; i < passages.size(); ++i) {
    out.number(TRY(edit.add(Area::passage, encode(passages[i], document))));
    out.text(vectors.empty() ? std::string() : vectors_to_bytes(vectors.subspan(i, 1)));
    out.text(to_bytes(word_codes(with_title(passages[i]))));
  }
  const auto content = out.take();
  return read_part({TRY(edit.add(Area::passage_index, content)), content});
}

const OwnDocument* Documents::find(std::string_view path) const {
  const auto found = std::ranges::find_if(
      documents_, [&](const auto& entry) { return entry.second.path == path; });
  return found == documents_.end() ? nullptr : &found->second;
}

std::size_t Documents::n_passages() const {
  std::size_t out = 0;
  for (const Part& part : parts_) out += part.passages.size();
  return out;
}

std::size_t Documents::index_bytes() const {
  std::size_t out = 0;
  for (const Part& part : parts_) {
    out += part.passages.size() * (sizeof(std::int64_t) + sizeof(std::size_t));
    out += part.words.size() * sizeof(std::uint32_t);
    if (part.vectors) {
      const auto row = static_cast<std::size_t>(space_.dimension) + sizeof(float);
      out += part.vectors->size() * (row + sizeof(std::int64_t));
    }
  }
  return out;
}

Result<> Documents::remove_parts(Edit& edit, std::int64_t document) const {
  for (const Part& part : parts_) {
    if (part.document != document) continue;
    for (const std::int64_t passage : part.passages) TRY(edit.remove(Area::passage, passage));
    TRY(edit.remove(Area::passage_index, part.record));
  }
  return {};
}

void Documents::drop_parts(std::int64_t document) {
  std::erase_if(parts_, [&](const Part& part) { return part.document == document; });
}

Result<std::int64_t> Documents::put(OwnDocument document, std::span<const OwnPassage> passages,
                                    std::span<const search::CodedVector> vectors) {
  const OwnDocument* const before = find(document.path);
  const auto n_before = before == nullptr ? 0 : static_cast<std::size_t>(before->n_passages);
  if (document.path.size() > kDocumentPathBytesMax)
    return fail(ErrorCode::limit_exceeded, "its path is too long");
  if (before == nullptr && documents_.size() == kOwnDocumentsMax)
    return too_many("documents", kOwnDocumentsMax);
  if (n_passages() - n_before + passages.size() > kOwnPassagesMax)
    return too_many("passages of all documents", kOwnPassagesMax);
  if (!vectors.empty() && vectors.size() != passages.size()) {
    return fail(ErrorCode::invalid_argument, std::to_string(passages.size()) + " passages with " +
                                                 std::to_string(vectors.size()) + " embeddings");
  }
  document.model = vectors.empty() ? std::string() : space_.model;
  document.n_passages = static_cast<std::int64_t>(passages.size());
  std::vector<Part> parts;
  TRY(vault_->change([&](Edit& edit) -> Result<> {
    if (before != nullptr) {
      document.id = before->id;
      TRY(edit.replace(Area::document, document.id, encode(document)));
      TRY(remove_parts(edit, document.id));
    } else {
      document.id = TRY(edit.add(Area::document, encode(document)));
    }
    for (std::size_t at = 0; at < passages.size(); at += kPartPassages) {
      const std::size_t n = std::min(kPartPassages, passages.size() - at);
      const auto of_part = vectors.empty() ? vectors : vectors.subspan(at, n);
      parts.push_back(TRY(write_part(edit, document.id, passages.subspan(at, n), of_part)));
    }
    return {};
  }));
  const std::int64_t id = document.id;
  if (before != nullptr) TRY(vault_->clear_traces());
  drop_parts(id);
  std::ranges::move(parts, std::back_inserter(parts_));
  documents_.insert_or_assign(id, std::move(document));
  return id;
}

Result<> Documents::touch(std::int64_t id, std::int64_t modified_ns) {
  OwnDocument& document = documents_.at(id);
  document.modified_ns = modified_ns;
  return vault_->change(
      [&](Edit& edit) { return edit.replace(Area::document, id, encode(document)); });
}

Result<Traces> Documents::forget(std::span<const std::int64_t> ids) {
  TRY(vault_->change([&](Edit& edit) -> Result<> {
    for (const std::int64_t id : ids) {
      TRY(remove_parts(edit, id));
      TRY(edit.remove(Area::document, id));
    }
    return {};
  }));
  for (const std::int64_t id : ids) {
    drop_parts(id);
    documents_.erase(id);
  }
  return vault_->clear_traces();
}

std::vector<Documents::Candidate> Documents::candidates(
    std::span<const std::uint32_t> words,
    const std::optional<search::CodedVector>& embedding) const {
  words = words.first(std::min(words.size(), kQuestionWordsMax));
  std::vector<Candidate> out;
  std::vector<std::uint64_t> has;  // a bit for each word, of each candidate
  std::vector<std::size_t> n_with(words.size(), 0);
  for (const Part& part : parts_) {
    std::vector<search::VectorMatrix::Near> near;
    if (embedding && part.vectors) near = part.vectors->similarities(*embedding);
    std::size_t begin = 0;
    for (std::size_t i = 0; i < part.passages.size(); ++i) {
      const auto of_passage = std::span(part.words).subspan(begin, part.ends[i] - begin);
      begin = part.ends[i];
      std::uint64_t bits = 0;
      for (std::size_t w = 0; w < words.size(); ++w) {
        if (!std::ranges::binary_search(of_passage, words[w])) continue;
        bits |= std::uint64_t{1} << w;
        ++n_with[w];
      }
      has.push_back(bits);
      out.push_back({0, &part, i, near.empty() ? 0.0F : near[i].similarity, 0});
    }
  }
  std::vector<double> weights;
  double sum = 0;
  for (const std::size_t n : n_with) sum += weights.emplace_back(rarity(n, out.size()));
  for (std::size_t i = 0; i < out.size(); ++i) {
    for (std::size_t w = 0; w < words.size(); ++w)
      if ((has[i] >> w & 1U) != 0) out[i].coverage += weights[w] / sum;
    out[i].score = static_cast<double>(out[i].similarity) + kWordWeight * out[i].coverage;
  }
  return out;
}

Result<std::vector<FoundPassage>> Documents::search(const Personal<std::string>& question,
                                                    std::span<const float> embedding, int n_max) {
  std::optional<search::CodedVector> coded;
  if (!embedding.empty()) {
    if (embedding.size() != static_cast<std::size_t>(space_.dimension)) {
      return fail(ErrorCode::invalid_argument, "a question's embedding has " +
                                                   std::to_string(space_.dimension) +
                                                   " numbers here, or none");
    }
    coded = TRY(search::encode_vector(embedding));
  }
  auto order = candidates(word_codes(question.reveal(Purpose::prompt)), coded);
  const auto n = std::min(order.size(), static_cast<std::size_t>(std::max(n_max, 0)));
  const auto is_better = [](const Candidate& a, const Candidate& b) {
    if (a.score != b.score) return a.score > b.score;
    return a.part->passages[a.at] < b.part->passages[b.at];
  };
  std::ranges::partial_sort(order, order.begin() + static_cast<std::ptrdiff_t>(n), is_better);
  std::vector<FoundPassage> out;
  for (std::size_t i = 0; i < n; ++i) {
    const Candidate& one = order[i];
    const auto record = vault_->read_one(Area::passage, one.part->passages[one.at]);
    if (!record && record.error().code == ErrorCode::not_found) continue;  // forgotten elsewhere
    if (!record) return std::unexpected(record.error());
    auto kept = TRY(decode_passage(*record));
    out.push_back({kept.document, std::move(kept.passage), one.similarity, one.coverage});
  }
  return out;
}

}  // namespace plmm::personal
