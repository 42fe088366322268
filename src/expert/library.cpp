// Documents become passages, passages get embeddings, and both go to the index.
#include "expert/library.h"

#include <algorithm>
#include <set>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "crypto/key_file.h"
#include "protocol/json.h"
#include "reader/plain_text.h"
#include "search/passages.h"

namespace plmm::expert {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kEmbedBatch = 64;          // texts that the embedder's threads share
constexpr std::size_t kPassagesOfName = 20'000;  // kept in memory until they are written
// Questions are sentences: their meaning finds more than their words, which find names and terms.
constexpr double kVectorWeight = 2.0;
constexpr const char* kCardFile = "card.json";
constexpr const char* kKeyFile = "key";

Result<crypto::KeyPair> load_key(const fs::path& folder) {
  const auto secret = TRY(crypto::load_or_create_key(folder / kKeyFile));
  static_assert(crypto::kDeviceKeyBytes == crypto::KeyPair::kSeedBytes);
  return crypto::KeyPair::from_seed(secret.bytes().first<crypto::KeyPair::kSeedBytes>());
}

protocol::ExpertCard card_of(const ExpertOptions& options, const crypto::KeyPair& key) {
  protocol::ExpertCard card;
  card.name = options.name;
  card.title = options.title;
  card.summary = options.summary;
  card.topics = options.topics;
  card.prices = options.prices;
  card.public_key = key.public_key();
  card.base_model = options.base_model;
  card.n_tokens_in_max = options.n_tokens_in_max;
  return card;
}

/// Takes documents in their order; those of one name become one document of the index.
class Filling {
 public:
  Filling(search::PassageIndex& index, const TextEmbedder& embedder, const OnProgress& on_progress,
          const Cancel& cancel)
      : index_(index), embedder_(embedder), on_progress_(on_progress), cancel_(cancel) {}

  /// How many passages there will be, for the progress.
  void expect(std::uint64_t n_passages) {
    progress_.n_passages_total = n_passages;
    if (on_progress_) on_progress_(progress_);
  }

  Result<> add(const reader::Document& document) {
    const bool is_new = parts_.empty() || document.name != parts_.back().name;
    if (passages_.size() >= (is_new ? kEmbedBatch : kPassagesOfName)) TRY(write());
    if (is_new || parts_.empty()) parts_.push_back({document.name, passages_.size()});
    for (const auto& cut : search::cut_passages(document.title, document.text)) {
      passages_.push_back(
          {reader::one_line(cut.title, protocol::kTitleBytesMax), std::string(cut.text)});
    }
    return passages_.size() - n_embedded_ < kEmbedBatch ? Result<>() : embed();
  }

  /// What is left.
  Result<> write() {
    TRY(embed());
    const auto width = static_cast<std::size_t>(embedder_.space.dimension);
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      const std::size_t begin = parts_[i].begin;
      const std::size_t n =
          (i + 1 < parts_.size() ? parts_[i + 1].begin : passages_.size()) - begin;
      if (n == 0) continue;
      TRY(index_.put(unused(parts_[i].name), std::span(passages_).subspan(begin, n),
                     std::span<const float>(embeddings_).subspan(begin * width, n * width)));
    }
    parts_.clear();
    passages_.clear();
    embeddings_.clear();
    n_embedded_ = 0;
    return {};
  }

 private:
  /// Passages of one name, from `begin` on; small documents share the embedder's batches.
  struct Part {
    std::string name;
    std::size_t begin;
  };

  /// A name that comes again later (two folders, a large dictionary) must not replace the first.
  std::string unused(const std::string& name) {
    std::string out = name;
    for (int n = 2; !names_.insert(out).second; ++n) out = name + " (" + std::to_string(n) + ")";
    return out;
  }

  /// Embeds the passages that have no embedding yet.
  Result<> embed() {
    const auto dimension = static_cast<std::size_t>(embedder_.space.dimension);
    while (n_embedded_ < passages_.size()) {
      if (cancel_.requested()) return fail(ErrorCode::cancelled, "stopped while reading documents");
      const std::size_t n = std::min(kEmbedBatch, passages_.size() - n_embedded_);
      std::vector<std::string> texts;
      for (std::size_t i = 0; i < n; ++i) {
        const auto& passage = passages_[n_embedded_ + i];
        texts.push_back(passage.title + "\n" + passage.text);
      }
      const std::vector<std::string_view> views(texts.begin(), texts.end());
      embeddings_.resize((n_embedded_ + n) * dimension);
      TRY(embedder_.embed(views, std::span(embeddings_).last(n * dimension)));
      n_embedded_ += n;
      progress_.n_passages += n;
      if (on_progress_) on_progress_(progress_);
    }
    return {};
  }

  search::PassageIndex& index_;
  const TextEmbedder& embedder_;
  const OnProgress& on_progress_;
  const Cancel& cancel_;
  Progress progress_;
  std::set<std::string> names_;  // written
  std::vector<Part> parts_;
  std::vector<search::Passage> passages_;
  std::vector<float> embeddings_;  // [n_embedded_][dimension]
  std::size_t n_embedded_ = 0;
};

/// Reading and cutting costs a hundredth of embedding: doing it twice tells how much there is to
/// do, without all texts in memory.
Result<std::uint64_t> count_passages(std::span<const fs::path> documents,
                                     const reader::ReadOptions& options, const Cancel& cancel) {
  std::uint64_t out = 0;
  const auto on_document = [&](const reader::Document& document) -> Result<> {
    out += search::cut_passages(document.title, document.text).size();
    return {};
  };
  for (const auto& path : documents)
    TRY(reader::read_documents(path, on_document, cancel, options));
  return out;
}

void add_up(reader::ReadReport& sum, const reader::ReadReport& report) {
  sum.n_documents += report.n_documents;
  sum.n_bytes += report.n_bytes;
  for (const auto& [reason, n] : report.skipped) sum.skipped[reason] += n;
}

/// What an earlier create() left behind when it was stopped.
Result<> remove_unfinished(const fs::path& folder) {
  for (const char* suffix : {"", "-wal", "-shm"}) {
    const auto path = index_file(folder, 1).string() + suffix;
    std::error_code error;
    fs::remove(path, error);
    if (error) return fail(ErrorCode::io, path + ": " + error.message());
  }
  return {};
}

Result<protocol::ExpertCard> read_card(const fs::path& folder) {
  const auto json = TRY(read_file(folder / kCardFile, protocol::kMessageBytesMax));
  auto card = protocol::parse_card(json);
  if (card) return card;
  return fail(card.error().code, (folder / kCardFile).string() + ": " + card.error().what);
}

struct Opened {
  protocol::ExpertCard card;
  search::PassageIndex index;
};

constexpr int kOpenTries = 3;

/// The card and the passages of one release, also when another process puts in a newer one just
/// now: the card is looked at before and after.
Result<Opened> open_release(const fs::path& folder, const search::EmbeddingSpace& space) {
  auto card = TRY(read_card(folder));
  for (int i = 0; i < kOpenTries; ++i) {
    const auto file = index_file(folder, card.release);
    std::error_code error;
    if (fs::exists(file, error)) {
      auto index = TRY(search::PassageIndex::open(file, space));
      auto again = TRY(read_card(folder));
      if (again.release == card.release) return Opened{std::move(again), std::move(index)};
      card = std::move(again);
    } else {
      card = TRY(read_card(folder));
    }
  }
  return fail(ErrorCode::corrupt_data,
              index_file(folder, card.release).string() +
                  ": the passages of this release are gone. Bring them back from a copy, or create "
                  "the expert anew");
}

Result<> check_passage(const NewPassage& passage) {
  if (passage.title.size() > protocol::kTitleBytesMax ||
      passage.text.size() > protocol::kPassageBytesMax) {
    return fail(ErrorCode::limit_exceeded,
                "a passage may have " + std::to_string(protocol::kPassageBytesMax) +
                    " bytes and its title " + std::to_string(protocol::kTitleBytesMax));
  }
  if (!passage.text.empty() && reader::is_utf8(passage.text) && reader::is_utf8(passage.title))
    return {};
  return fail(ErrorCode::invalid_argument, "a passage is empty or not UTF-8");
}

}  // namespace

fs::path index_file(const fs::path& folder, std::uint32_t release) {
  return folder /
         (release <= 1 ? "library.sqlite" : "library-" + std::to_string(release) + ".sqlite");
}

Library::Library(fs::path folder, protocol::ExpertCard card, crypto::KeyPair key,
                 TextEmbedder embedder, search::PassageIndex index)
    : folder_(std::move(folder)),
      card_(std::move(card)),
      key_(std::move(key)),
      embedder_(std::move(embedder)),
      index_(std::move(index)) {
  card_.n_passages = index_.size();
}

Result<Library> Library::create(const fs::path& folder, const ExpertOptions& options,
                                std::span<const fs::path> documents, TextEmbedder embedder,
                                const OnProgress& on_progress, const Cancel& cancel) {
  std::error_code error;
  if (fs::exists(folder / kCardFile, error)) {
    return fail(ErrorCode::invalid_argument,
                folder.string() + ": there is an expert already. Choose another name");
  }
  const bool is_new = fs::create_directories(folder, error);
  if (error) return fail(ErrorCode::io, folder.string() + ": " + error.message());
  auto made = make(folder, options, documents, std::move(embedder), on_progress, cancel);
  if (!made) {  // the first error counts, not one of cleaning up
    (void)remove_unfinished(folder);
    if (is_new) fs::remove_all(folder, error);
  }
  return made;
}

Result<Library> Library::make(const fs::path& folder, const ExpertOptions& options,
                              std::span<const fs::path> documents, TextEmbedder embedder,
                              const OnProgress& on_progress, const Cancel& cancel) {
  auto key = TRY(load_key(folder));
  auto card = card_of(options, key);
  TRY(protocol::check(card));
  TRY(remove_unfinished(folder));
  auto index = TRY(search::PassageIndex::open(index_file(folder, card.release), embedder.space));
  Filling filling(index, embedder, on_progress, cancel);
  filling.expect(TRY(count_passages(documents, options.reading, cancel)));
  reader::ReadReport report;
  for (const auto& path : documents) {
    const auto read = TRY(reader::read_documents(
        path, [&](const reader::Document& document) { return filling.add(document); }, cancel,
        options.reading));
    add_up(report, read);
  }
  TRY(filling.write());
  if (index.size() == 0) {
    return fail(ErrorCode::invalid_argument, "none of the documents has any text to read");
  }
  card.n_passages = index.size();
  const auto json = TRY(protocol::to_json(card));
  TRY(write_file_atomically(folder / kCardFile, json + "\n"));
  Library out(folder, std::move(card), std::move(key), std::move(embedder), std::move(index));
  out.report_ = std::move(report);
  return out;
}

Result<Library> Library::open(const fs::path& folder, TextEmbedder embedder) {
  std::error_code error;
  if (!fs::exists(folder / kCardFile, error)) {
    return fail(ErrorCode::not_found, folder.string() +
                                          ": no expert lives here. Run: plmm expert create NAME "
                                          "--docs FOLDER");
  }
  auto opened = TRY(open_release(folder, embedder.space));
  if (!fs::exists(folder / kKeyFile, error)) {
    return fail(ErrorCode::corrupt_data,
                (folder / kKeyFile).string() +
                    ": the key is gone; without it nobody believes this expert. Bring it back "
                    "from a copy, or create the expert anew");
  }
  auto key = TRY(load_key(folder));
  if (key.public_key() != opened.card.public_key) {
    return fail(ErrorCode::corrupt_data,
                folder.string() + ": the key is not that of the card. Bring the right one back");
  }
  return Library(folder, std::move(opened.card), std::move(key), std::move(embedder),
                 std::move(opened.index));
}

Result<> Library::refresh() {
  if (TRY(read_card(folder_)).release == card_.release) return {};
  auto opened = TRY(open_release(folder_, embedder_.space));
  card_ = std::move(opened.card);
  index_ = std::move(opened.index);
  card_.n_passages = index_.size();
  return {};
}

Result<std::vector<search::Hit>> Library::find(std::string_view question, int n_hits_max) {
  std::vector<float> embedding(static_cast<std::size_t>(embedder_.space.dimension));
  TRY(embedder_.embed(std::span(&question, 1), embedding));
  search::SearchOptions options;
  options.n_hits_max = n_hits_max;
  options.vector_weight = kVectorWeight;
  return index_.search(question, embedding, options);
}

Result<> Library::add(std::string_view document, std::span<const NewPassage> passages) {
  std::vector<std::string> texts;
  for (const auto& passage : passages) {
    TRY(check_passage(passage));
    texts.push_back(passage.title + "\n" + passage.text);
  }
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  std::vector<float> embeddings(texts.size() * static_cast<std::size_t>(embedder_.space.dimension));
  if (!texts.empty()) TRY(embedder_.embed(views, embeddings));
  TRY(index_.put(document, passages, embeddings));
  card_.n_passages = index_.size();
  return {};
}

Result<std::size_t> Library::remove(std::string_view document) {
  const auto n = TRY(index_.remove(document));
  card_.n_passages = index_.size();
  return n;
}

}  // namespace plmm::expert
