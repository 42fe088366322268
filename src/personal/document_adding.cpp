// From a file to passages with embeddings; see document_adding.h.
#include "personal/document_adding.h"

#include <algorithm>
#include <system_error>
#include <utility>
#include <vector>

#include "base/file.h"
#include "crypto/hash.h"
#include "personal/vault_state.h"
#include "reader/documents.h"

namespace plmm::personal {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kEmbedBatch = 64;  // texts that the embedder's threads share

Added left_out(std::string reason) { return {AddedAs::left_out, std::move(reason), 0}; }

/// What the file system says of a file, without reading it.
Result<OwnDocument> look_at(const fs::path& path) {
  std::error_code error;
  OwnDocument out;
  out.path = path.string();
  out.n_bytes = static_cast<std::int64_t>(fs::file_size(path, error));
  if (!error) out.modified_ns = fs::last_write_time(path, error).time_since_epoch().count();
  if (error) return fail(ErrorCode::io, "not readable");
  return out;
}

Result<std::string> bytes_at(const fs::path& path) {
  auto bytes = read_file(path, reader::kFileBytesMax);
  if (bytes) return bytes;
  const bool is_large = bytes.error().code == ErrorCode::limit_exceeded;
  return fail(bytes.error().code,
              is_large ? "more than " + std::to_string(reader::kFileBytesMax >> 20U) + " MiB"
                       : std::string("not readable"));
}

std::string digest_of(std::string_view bytes) {
  const auto digest = crypto::sha256(bytes_of(bytes));
  static_assert(digest.size() == kDocumentDigestBytes);
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

Result<std::vector<search::CodedVector>> embed(std::span<const OwnPassage> passages, int dimension,
                                               const AddingPorts& ports, const Cancel& cancel) {
  std::vector<search::CodedVector> out;
  if (!ports.embed) return out;
  const auto width = static_cast<std::size_t>(dimension);
  std::vector<float> numbers(kEmbedBatch * width);
  while (out.size() < passages.size()) {
    if (cancel.requested()) return fail(ErrorCode::cancelled, "stopped while adding documents");
    if (ports.on_passages) ports.on_passages(out.size(), passages.size());
    const std::size_t n = std::min(kEmbedBatch, passages.size() - out.size());
    std::vector<std::string> texts;
    for (const auto& passage : passages.subspan(out.size(), n))
      texts.push_back(with_title(passage));
    const std::vector<std::string_view> views(texts.begin(), texts.end());
    const auto rows = std::span(numbers).first(n * width);
    TRY(ports.embed(views, rows));
    for (std::size_t i = 0; i < n; ++i)
      out.push_back(TRY(search::encode_vector(rows.subspan(i * width, width))));
  }
  return out;
}

}  // namespace

Result<Added> add_file(Documents& documents, const fs::path& path, const AddingPorts& ports,
                       const Cancel& cancel) {
  if (cancel.requested()) return fail(ErrorCode::cancelled, "stopped while adding documents");
  auto now = look_at(path);
  if (!now) return left_out(now.error().what);
  const OwnDocument* const before = documents.find(now->path);
  const bool has_all =
      before != nullptr && (!ports.embed || before->model == documents.space().model);
  if (has_all && before->n_bytes == now->n_bytes && before->modified_ns == now->modified_ns)
    return Added{AddedAs::unchanged, {}, before->id};
  const auto bytes = bytes_at(path);
  if (!bytes) return left_out(bytes.error().what);
  now->digest = digest_of(*bytes);
  if (has_all && before->digest == now->digest) {
    TRY(documents.touch(before->id, now->modified_ns));
    return Added{AddedAs::unchanged, {}, before->id};
  }
  const auto file = reader::text_of_file(path.filename().string(), *bytes, cancel);
  if (!file && file.error().code == ErrorCode::cancelled) return std::unexpected(file.error());
  if (!file) return left_out(file.error().what);
  const auto passages = cut_document(*file);
  if (!passages) return left_out(passages.error().what);
  if (passages->empty()) return left_out("empty");
  now->title = file->title;
  now->kind = file->kind;
  now->places = file->places;
  now->time_ms = ports.now_ms;
  const auto vectors = TRY(embed(*passages, documents.space().dimension, ports, cancel));
  const auto as = before == nullptr ? AddedAs::added : AddedAs::changed;
  const auto id = documents.put(std::move(*now), *passages, vectors);
  if (!id && id.error().code == ErrorCode::limit_exceeded) return left_out(id.error().what);
  return Added{as, {}, TRY(id)};
}

}  // namespace plmm::personal
