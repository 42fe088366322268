// One table of passages, a full-text index over it that triggers keep in step, and the embeddings
// in memory.
#include "search/passage_index.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "base/file.h"
#include "base/narrow.h"
#include "search/fusion.h"
#include "search/query.h"
#include "store/migrate.h"

namespace plmm::search {
namespace {

constexpr store::Migration kMigrations[] = {{R"sql(
CREATE TABLE space (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  model TEXT NOT NULL,
  dimension INTEGER NOT NULL
) STRICT;
CREATE TABLE passages (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  document TEXT NOT NULL,
  title TEXT NOT NULL,
  text TEXT NOT NULL,
  embedding BLOB NOT NULL
) STRICT;
CREATE INDEX passages_of_document ON passages (document);
CREATE VIRTUAL TABLE passage_words USING fts5 (
  title, text, content = 'passages', content_rowid = 'id',
  tokenize = 'porter unicode61 remove_diacritics 2'
);
)sql"}};

constexpr float kScaleMax = kVectorMax / 127.0F;

/// scale:f32 codes:i8{dimension}
std::vector<std::byte> to_blob(const CodedVector& vector) {
  std::vector<std::byte> out(sizeof vector.scale + vector.codes.size());
  std::memcpy(out.data(), &vector.scale, sizeof vector.scale);
  std::memcpy(out.data() + sizeof vector.scale, vector.codes.data(), vector.codes.size());
  return out;
}

Result<CodedVector> from_blob(std::span<const std::byte> blob, int dimension,
                              const std::string& label) {
  CodedVector out;
  const auto n = static_cast<std::size_t>(dimension);
  if (blob.size() == sizeof out.scale + n) {
    std::memcpy(&out.scale, blob.data(), sizeof out.scale);
    out.codes.resize(n);
    std::memcpy(out.codes.data(), blob.data() + sizeof out.scale, n);
    if (out.scale >= 0 && out.scale <= kScaleMax) return out;
  }
  return fail(
      ErrorCode::corrupt_data,
      label + ": holds an embedding that is none (damaged?). Next: index the documents anew");
}

Result<> check_space(const EmbeddingSpace& space) {
  if (space.dimension >= 1 && space.dimension <= kDimensionMax &&
      space.model.size() <= kPassageNameBytesMax) {
    return {};
  }
  return fail(ErrorCode::invalid_argument, "embeddings have 1 to " + std::to_string(kDimensionMax) +
                                               " numbers, not " + std::to_string(space.dimension));
}

Result<> check_passages(std::string_view document, std::span<const Passage> passages) {
  for (const Passage& passage : passages) {
    if (passage.text.size() > kPassageTextBytesMax || passage.title.size() > kPassageNameBytesMax) {
      return fail(ErrorCode::limit_exceeded,
                  "a passage may have " + std::to_string(kPassageTextBytesMax) +
                      " bytes and its title " + std::to_string(kPassageNameBytesMax));
    }
  }
  if (document.size() <= kPassageNameBytesMax) return {};
  return fail(ErrorCode::limit_exceeded,
              "the name of a document may have " + std::to_string(kPassageNameBytesMax) + " bytes");
}

/// The place of `id` in a ranking, from 1; 0 when it is not there.
int rank_in(const std::vector<std::int64_t>& ids, std::int64_t id) {
  const auto found = std::ranges::find(ids, id);
  return found == ids.end() ? 0 : narrow<int>(found - ids.begin()) + 1;
}

}  // namespace

Result<PassageIndex> PassageIndex::open(const std::filesystem::path& path,
                                        const EmbeddingSpace& space) {
  return prepare(TRY(store::Database::open(path)), space);
}

Result<PassageIndex> PassageIndex::in_memory(const EmbeddingSpace& space) {
  return prepare(TRY(store::Database::in_memory()), space);
}

Result<PassageIndex> PassageIndex::prepare(store::Database database, const EmbeddingSpace& space) {
  TRY(check_space(space));
  PassageIndex out(std::move(database), space.dimension);
  TRY(store::migrate(out.database_, kMigrations));
  TRY(out.claim_space(space));
  TRY(out.load_vectors());
  return out;
}

Result<> PassageIndex::claim_space(const EmbeddingSpace& space) {
  for (;;) {
    auto select = TRY(database_.prepare("SELECT model, dimension FROM space"));
    if (TRY(select.step()) == store::Step::row) {
      if (select.text(0) == space.model && select.int64(1) == space.dimension) return {};
      break;
    }
    select.reset();
    // Another process may be faster: then its row is what counts.
    auto insert =
        TRY(database_.prepare("INSERT INTO space VALUES (1, ?1, ?2) ON CONFLICT DO NOTHING"));
    TRY(insert.run(std::string_view(space.model), space.dimension));
  }
  return fail(ErrorCode::invalid_argument,
              database_.label() +
                  ": was indexed with another embedding model. Next: remove the file and index the "
                  "documents anew");
}

Result<std::int64_t> PassageIndex::data_version() {
  auto statement = TRY(database_.prepare("PRAGMA data_version"));
  TRY(statement.step());
  return statement.int64(0);
}

Result<> PassageIndex::load_vectors() {
  vectors_.clear();
  seen_version_ = TRY(data_version());
  auto select = TRY(database_.prepare("SELECT id, embedding FROM passages ORDER BY id"));
  while (TRY(select.step()) == store::Step::row) {
    if (vectors_.size() == kPassagesMax) {
      return fail(ErrorCode::limit_exceeded, database_.label() + ": holds more than " +
                                                 std::to_string(kPassagesMax) + " passages");
    }
    const auto vector = TRY(from_blob(select.blob(1), vectors_.dimension(), database_.label()));
    vectors_.append(select.int64(0), vector);
  }
  return {};
}

/// Another process may have committed since; data_version changes only then.
Result<> PassageIndex::refresh() {
  if (TRY(data_version()) == seen_version_) return {};
  return load_vectors();
}

Result<std::vector<std::int64_t>> PassageIndex::ids_of(std::string_view document) {
  auto select = TRY(database_.prepare("SELECT id FROM passages WHERE document = ?1 ORDER BY id"));
  select.bind(document);
  std::vector<std::int64_t> out;
  while (TRY(select.step()) == store::Step::row) out.push_back(select.int64(0));
  return out;
}

Result<> PassageIndex::drop(std::string_view document) {
  // The words go first: FTS5 takes them out by the text that they came from.
  auto words =
      TRY(database_.prepare("INSERT INTO passage_words (passage_words, rowid, title, text) "
                            "SELECT 'delete', id, title, text FROM passages WHERE document = ?1"));
  TRY(words.run(document));
  auto rows = TRY(database_.prepare("DELETE FROM passages WHERE document = ?1"));
  return rows.run(document);
}

Result<std::vector<std::int64_t>> PassageIndex::insert(std::string_view document,
                                                       std::span<const Passage> passages,
                                                       std::span<const CodedVector> vectors) {
  auto row = TRY(database_.prepare(
      "INSERT INTO passages (document, title, text, embedding) VALUES (?1, ?2, ?3, ?4)"));
  auto words =
      TRY(database_.prepare("INSERT INTO passage_words (rowid, title, text) VALUES (?1, ?2, ?3)"));
  std::vector<std::int64_t> ids;
  for (std::size_t i = 0; i < passages.size(); ++i) {
    const std::string_view title = passages[i].title, text = passages[i].text;
    const auto blob = to_blob(vectors[i]);
    TRY(row.run(document, title, text, std::span<const std::byte>(blob)));
    ids.push_back(database_.last_insert_rowid());
    TRY(words.run(ids.back(), title, text));
  }
  return ids;
}

Result<> PassageIndex::put(std::string_view document, std::span<const Passage> passages,
                           std::span<const float> embeddings) {
  const auto width = static_cast<std::size_t>(dimension());
  if (embeddings.size() != passages.size() * width) {
    return fail(ErrorCode::invalid_argument,
                std::to_string(passages.size()) + " passages need embeddings of " +
                    std::to_string(passages.size() * width) + " numbers, not of " +
                    std::to_string(embeddings.size()));
  }
  TRY(check_passages(document, passages));
  std::vector<CodedVector> vectors;
  for (std::size_t i = 0; i < passages.size(); ++i) {
    vectors.push_back(TRY(encode_vector(embeddings.subspan(i * width, width))));
  }
  auto transaction = TRY(store::Transaction::begin(database_));
  TRY(refresh());  // nobody else writes until the commit
  const auto old = TRY(ids_of(document));
  if (vectors_.size() - old.size() + passages.size() > kPassagesMax) {
    return fail(ErrorCode::limit_exceeded,
                "an index holds " + std::to_string(kPassagesMax) + " passages at most");
  }
  TRY(drop(document));
  const auto ids = TRY(insert(document, passages, vectors));
  TRY(transaction.commit());
  vectors_.remove(old);
  for (std::size_t i = 0; i < ids.size(); ++i) vectors_.append(ids[i], vectors[i]);
  return {};
}

Result<std::size_t> PassageIndex::remove(std::string_view document) {
  const std::size_t n_before = TRY(ids_of(document)).size();
  TRY(put(document, {}, {}));
  return n_before;
}

Result<std::vector<std::int64_t>> PassageIndex::find_words(std::string_view query, int n) {
  std::vector<std::int64_t> out;
  const std::string expression = match_expression(query);
  if (expression.empty()) return out;
  auto select =
      TRY(database_.prepare("SELECT rowid FROM passage_words WHERE passage_words MATCH ?1 "
                            "ORDER BY bm25(passage_words, 2.0, 1.0), rowid LIMIT ?2"));
  select.bind(std::string_view(expression), n);
  while (TRY(select.step()) == store::Step::row) out.push_back(select.int64(0));
  return out;
}

/// False when the passage is not there: another process has just removed it.
Result<bool> PassageIndex::fill(Hit& hit) {
  auto select = TRY(database_.prepare("SELECT document, title, text FROM passages WHERE id = ?1"));
  select.bind(hit.id);
  if (TRY(select.step()) != store::Step::row) return false;
  hit.document = select.text(0);
  hit.title = select.text(1);
  hit.text = select.text(2);
  return true;
}

Result<std::vector<Hit>> PassageIndex::search(std::string_view query,
                                              std::span<const float> embedding,
                                              const SearchOptions& options) {
  if (options.n_hits_max < 0 || options.n_candidates < 0 ||
      (!embedding.empty() && embedding.size() != static_cast<std::size_t>(dimension()))) {
    return fail(ErrorCode::invalid_argument,
                "a search needs counts that are not negative, and an embedding of " +
                    std::to_string(dimension()) + " numbers or none");
  }
  TRY(refresh());
  std::vector<std::int64_t> lists[2];
  lists[0] = TRY(find_words(query, options.n_candidates));
  CodedVector coded;
  if (!embedding.empty()) {
    coded = TRY(encode_vector(embedding));
    for (const auto& near :
         vectors_.nearest(coded, static_cast<std::size_t>(options.n_candidates))) {
      lists[1].push_back(near.id);
    }
  }
  const double weights[] = {options.word_weight, options.vector_weight};
  auto fused = fuse_ranks(lists, weights);
  fused.resize(std::min(fused.size(), static_cast<std::size_t>(options.n_hits_max)));
  std::vector<Hit> out;
  for (const Fused& one : fused) {
    Hit hit;
    hit.id = one.id;
    hit.score = one.score;
    hit.word_rank = rank_in(lists[0], one.id);
    hit.vector_rank = rank_in(lists[1], one.id);
    if (!embedding.empty()) hit.similarity = vectors_.similarity(coded, one.id).value_or(0.0F);
    if (TRY(fill(hit))) out.push_back(std::move(hit));
  }
  return out;
}

Result<std::vector<std::string>> PassageIndex::documents() {
  auto select = TRY(database_.prepare("SELECT DISTINCT document FROM passages ORDER BY document"));
  std::vector<std::string> out;
  while (TRY(select.step()) == store::Step::row) out.emplace_back(select.text(0));
  return out;
}

Result<> PassageIndex::each(const std::function<Result<>(const Passage& passage)>& on_passage) {
  auto select = TRY(database_.prepare("SELECT title, text FROM passages ORDER BY id"));
  while (TRY(select.step()) == store::Step::row) {
    Passage passage{std::string(select.text(0)), std::string(select.text(1))};
    TRY(on_passage(passage));
  }
  return {};
}

Result<> PassageIndex::copy_to(const std::filesystem::path& path) {
  std::error_code failed;
  if (std::filesystem::exists(path, failed)) {
    return fail(ErrorCode::io, path.string() + ": there is a file already");
  }
  TRY(write_file_atomically(path, ""));  // SQLite fills an empty file, and leaves its mode alone
  auto copy = TRY(database_.prepare("VACUUM INTO ?1"));
  return copy.run(std::string_view(path.native()));
}

}  // namespace plmm::search
