// Frames of sealed records, each bound to its number, so that none can be moved, doubled or cut
// off.
#include "personal/vault_archive.h"

#include <cstring>
#include <string_view>

#include "base/bytes.h"
#include "base/file.h"

namespace plmm::personal {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMagic = "plmm vault archive 1\n";
constexpr std::size_t kKeyBytes = crypto::kAeadKeyBytes;
constexpr std::uint32_t kWrappedBytesMax = 4096;
constexpr std::size_t kFrameBytesMax = kRecordBytesMax + 4096;
constexpr std::uint8_t kEnd = 0;  // in the place of an area

std::string place_of(std::uint64_t number) {
  std::string out(kMagic);
  append_u64(out, number);
  return out;
}

void append_box(std::string& out, std::span<const std::byte> box) {
  const auto size = static_cast<std::uint32_t>(box.size());
  out.append(reinterpret_cast<const char*>(&size), sizeof size);
  out.append(reinterpret_cast<const char*>(box.data()), box.size());
}

void append_frame(std::string& out, const crypto::SecretBytes& key, std::uint64_t number,
                  std::uint8_t area, std::uint64_t id, std::string_view content) {
  std::string plain(1, static_cast<char>(area));
  append_u64(plain, id);
  plain += content;
  std::string padded = pad(plain);
  const std::string where = place_of(number);
  append_box(out, crypto::seal(key, bytes_of(padded), {bytes_of(where)}));
  crypto::wipe(std::as_writable_bytes(std::span(plain)));
  crypto::wipe(std::as_writable_bytes(std::span(padded)));
}

Result<std::span<const std::byte>> take_box(std::span<const std::byte>& rest,
                                            std::size_t bytes_max) {
  ByteReader reader(rest);
  const auto size = TRY(reader.read<std::uint32_t>("the size of a box"));
  if (size > bytes_max) {
    return fail(ErrorCode::corrupt_data, "the archive has a box of " + std::to_string(size) +
                                             " bytes, at most " + std::to_string(bytes_max) +
                                             " are known");
  }
  const auto box = TRY(reader.take(size, "a box"));
  rest = rest.subspan(reader.offset());
  return box;
}

std::unexpected<Error> damaged(std::uint64_t number) {
  return fail(ErrorCode::corrupt_data, "the archive is damaged or cut short at record " +
                                           std::to_string(number + 1) + ". Nothing was changed");
}

Result<ArchiveCounts> count(ArchiveReader& reader,
                            const std::function<Result<>(ArchiveReader::Entry&)>& visit) {
  ArchiveCounts out{};
  for (;;) {
    auto entry = TRY(reader.next());
    if (!entry) return out;
    ++out[static_cast<std::size_t>(entry->area) - 1];
    TRY(visit(*entry));
    crypto::wipe(std::as_writable_bytes(std::span(entry->content)));
  }
}

Result<> check_file(const fs::path& path, std::string_view bytes,
                    const crypto::KeyWrapper& passphrase, const ArchiveCounts& counts) {
  const auto file = TRY(MappedFile::open(path));
  auto reader = TRY(ArchiveReader::open(file.bytes(), passphrase));
  const auto found = TRY(count(reader, [](ArchiveReader::Entry&) -> Result<> { return {}; }));
  if (found == counts && file.bytes().size() == bytes.size()) return {};
  return fail(ErrorCode::io, path.string() + ": the file does not read as it was written");
}

}  // namespace

Result<ArchiveReader> ArchiveReader::open(std::span<const std::byte> bytes,
                                          const crypto::KeyWrapper& passphrase) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (!text.starts_with(kMagic)) {
    return fail(
        text.starts_with("plmm vault archive ") ? ErrorCode::unsupported : ErrorCode::corrupt_data,
        "not an archive of a vault that this program knows");
  }
  auto rest = bytes.subspan(kMagic.size());
  const auto wrapped = TRY(take_box(rest, kWrappedBytesMax));
  auto key = passphrase.unwrap(wrapped, {bytes_of(kMagic)});
  if (!key && key.error().code == ErrorCode::invalid_argument)
    return fail(ErrorCode::invalid_argument, "wrong passphrase for this archive");
  if (!key) return std::unexpected(key.error());
  if (key->size() != kKeyBytes) return fail(ErrorCode::corrupt_data, "a key of another length");
  return ArchiveReader(std::move(*key), rest);
}

Result<std::optional<ArchiveReader::Entry>> ArchiveReader::next() {
  const auto box = take_box(rest_, kFrameBytesMax);
  const std::string where = place_of(n_read_);
  if (!box) return damaged(n_read_);
  auto padded = crypto::open(key_, *box, {bytes_of(where)});
  if (!padded) return damaged(n_read_);
  std::string plain = TRY(unpad(*padded));
  crypto::wipe(*padded);
  ByteReader reader(bytes_of(plain));
  const auto area = TRY(reader.read<std::uint8_t>("area"));
  Entry out;
  out.id = TRY(reader.read<std::int64_t>("id"));
  if (area == kEnd && rest_.empty()) return std::nullopt;
  if (area == kEnd || area > kAreas.size() || ++n_read_ > kArchiveRecordsMax)
    return damaged(n_read_);
  out.area = static_cast<Area>(area);
  out.content = plain.substr(reader.offset());
  crypto::wipe(std::as_writable_bytes(std::span(plain)));
  return out;
}

Result<ArchiveCounts> export_vault(Vault& vault, const fs::path& path,
                                   const crypto::KeyWrapper& passphrase) {
  std::error_code ignored;
  if (fs::exists(path, ignored)) {
    return fail(ErrorCode::invalid_argument,
                path.string() + ": there is a file of this name. Next: choose another");
  }
  const auto key = crypto::SecretBytes::generate(kKeyBytes);
  std::string out(kMagic);
  append_box(out, TRY(passphrase.wrap(key.bytes(), {bytes_of(kMagic)})));
  ArchiveCounts counts{};
  std::uint64_t number = 0;
  for (const Area area : kAreas) {
    for (const Record& record : TRY(vault.read(area))) {
      append_frame(out, key, number++, static_cast<std::uint8_t>(area),
                   static_cast<std::uint64_t>(record.id), record.content.reveal(Purpose::seal));
      ++counts[static_cast<std::size_t>(area) - 1];
    }
  }
  append_frame(out, key, number, kEnd, 0, {});
  TRY(write_file_atomically(path, out));
  TRY(check_file(path, out, passphrase, counts));
  return counts;
}

Result<ArchiveCounts> import_vault(Vault& vault, const fs::path& path,
                                   const crypto::KeyWrapper& passphrase, Import how) {
  const auto file = TRY(MappedFile::open(path));
  auto reader = TRY(ArchiveReader::open(file.bytes(), passphrase));
  ArchiveCounts counts{};
  // What fails at the last record undoes the first: until then nobody sees a change.
  TRY(vault.change([&](Edit& edit) -> Result<> {
    for (const Area area : kAreas) {
      const auto there = TRY(edit.read(area));
      if (!there.empty() && how == Import::into_empty) {
        return fail(ErrorCode::invalid_argument,
                    "this device's vault is not empty, and an import would take its place. Run: "
                    "plmm vault import FILE --replace  to let it go");
      }
      for (const Record& record : there) TRY(edit.remove(area, record.id));
    }
    counts = TRY(count(reader, [&](ArchiveReader::Entry& entry) {
      return edit.add_as(entry.area, entry.id, Personal(std::move(entry.content)));
    }));
    return {};
  }));
  if (how == Import::replace_all) TRY(vault.clear_traces());
  return counts;
}

}  // namespace plmm::personal
