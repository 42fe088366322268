// Sealed files that are opened block by block, each block on any thread.
#include "infer/prefix_snapshots.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <utility>

#include "base/bytes.h"
#include "base/check.h"
#include "base/file.h"
#include "base/folder_lock.h"
#include "base/new_file.h"
#include "crypto/aead.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "infer/prefix_tree.h"

namespace plmm::infer {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMagic = "plmmkv1\n";
constexpr std::string_view kHeadPlace = "plmm prefix head 1\n";
constexpr std::string_view kStatePlace = "plmm prefix state 1\n";
constexpr std::string_view kKeyUse = "plmm prefix key 1\n";
constexpr std::string_view kSuffix = ".kv";
constexpr std::size_t kSaltBytes = 32;
constexpr std::size_t kHeadBytesMax = 64 + sizeof(text::TokenId) * kSnapshotTokensMax;
constexpr std::size_t kLengthBytes = sizeof(std::uint32_t);
constexpr std::size_t kBlock = PrefixTree::kBlock;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

template <class T>
void append(std::string& to, const T& value) {
  to.append(reinterpret_cast<const char*>(&value), sizeof value);
}

/// Where state i of a file belongs: the nonce of the head's box tells files apart.
std::string state_place(std::span<const std::byte> head_box, std::size_t i) {
  std::string out(kStatePlace);
  out.append(reinterpret_cast<const char*>(head_box.data()), crypto::kAeadNonceBytes);
  append(out, static_cast<std::uint32_t>(i));
  return out;
}

/// The parts of a file; corrupt_data where it has none.
struct Parts {
  std::span<const std::byte> head_box;
  std::span<const std::byte> states;  // boxes end to end
};

Result<Parts> parts_of(std::span<const std::byte> file) {
  ByteReader reader(file);
  const auto magic = TRY(reader.take(kMagic.size(), "magic"));
  if (!std::ranges::equal(magic, bytes_of(kMagic)))
    return fail(ErrorCode::corrupt_data, "not a snapshot of a prefix, or of another version");
  const auto n = TRY(reader.read<std::uint32_t>("length of the head"));
  if (n < crypto::kSealOverheadBytes || n > kHeadBytesMax)
    return fail(ErrorCode::limit_exceeded, "a head of " + std::to_string(n) + " bytes");
  const auto head_box = TRY(reader.take(n, "head"));
  const auto states = TRY(reader.take(reader.remaining(), "states"));
  return Parts{head_box, states};
}

bool is_snapshot(const fs::path& path) { return path.extension() == kSuffix; }

void remove_snapshots(const fs::path& folder) {
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(folder, failed)) {
    if (is_snapshot(entry.path())) fs::remove(entry.path(), failed);
  }
}

/// The folder's salt, made anew where it is missing or damaged: then what is there opens no more.
Result<std::string> load_salt(const fs::path& folder) {
  const fs::path path = folder / "salt";
  auto salt = read_file(path, kSaltBytes);
  if (salt && salt->size() == kSaltBytes) return salt;
  remove_snapshots(folder);
  std::string made(kSaltBytes, '\0');
  crypto::random_bytes(std::as_writable_bytes(std::span(made)));
  TRY(write_file_atomically(path, made));
  return made;
}

/// The files that were not used for the longest time go, until one of `bytes` more fits.
void make_room(const fs::path& folder, std::uint64_t bytes, const SnapshotLimits& limits) {
  struct File {
    fs::path path;
    fs::file_time_type used;
    std::uint64_t bytes;
  };
  std::error_code failed;
  std::vector<File> files;
  std::uint64_t total = bytes;
  for (const auto& entry : fs::directory_iterator(folder, failed)) {
    if (!is_snapshot(entry.path())) continue;
    files.push_back({entry.path(), entry.last_write_time(failed), entry.file_size(failed)});
    total += files.back().bytes;
  }
  std::ranges::sort(files, {}, &File::used);
  std::size_t n = files.size();
  for (const File& file : files) {
    if (total <= limits.bytes_max && n + 1 <= static_cast<std::size_t>(limits.n_files_max)) break;
    fs::remove(file.path, failed);
    total -= file.bytes;
    --n;
  }
}

}  // namespace

std::string encode(const SnapshotHead& head) {
  std::string out;
  append(out, head.fingerprint);
  append(out, head.block_bytes);
  append(out, static_cast<std::uint32_t>(head.tokens.size()));
  out.append(reinterpret_cast<const char*>(head.tokens.data()),
             head.tokens.size() * sizeof(text::TokenId));
  return out;
}

Result<SnapshotHead> parse_snapshot_head(std::span<const std::byte> plain) {
  ByteReader reader(plain);
  SnapshotHead out;
  out.fingerprint = TRY(reader.read<Checksum>("fingerprint"));
  out.block_bytes = TRY(reader.read<std::uint64_t>("bytes of a state"));
  const auto n = TRY(reader.read<std::uint32_t>("number of tokens"));
  if (out.block_bytes == 0 || out.block_bytes > kSnapshotBlockBytesMax)
    return fail(ErrorCode::limit_exceeded,
                "a state of " + std::to_string(out.block_bytes) + " bytes");
  if (n == 0 || n > kSnapshotTokensMax || n % kBlock != 0)
    return fail(ErrorCode::limit_exceeded, "a prefix of " + std::to_string(n) + " tokens");
  const auto tokens = TRY(reader.take(n * sizeof(text::TokenId), "tokens"));
  if (reader.remaining() != 0) return fail(ErrorCode::corrupt_data, "bytes behind the tokens");
  out.tokens.resize(n);
  std::memcpy(out.tokens.data(), tokens.data(), tokens.size());
  return out;
}

Result<SnapshotHead> open_snapshot_head(std::span<const std::byte> file,
                                        const crypto::SecretBytes& key) {
  const auto parts = TRY(parts_of(file));
  const auto plain = TRY(crypto::open(key, parts.head_box, {bytes_of(kHeadPlace)}));
  auto out = TRY(parse_snapshot_head(plain));
  const std::uint64_t expected =
      out.tokens.size() / kBlock * (out.block_bytes + crypto::kSealOverheadBytes);
  if (parts.states.size() == expected) return out;
  return fail(ErrorCode::corrupt_data, std::to_string(parts.states.size()) + " bytes of states, " +
                                           std::to_string(expected) + " expected");
}

PrefixSnapshots::PrefixSnapshots(fs::path folder, std::string salt, crypto::SecretBytes key,
                                 const Checksum& fingerprint, std::size_t block_bytes,
                                 const SnapshotLimits& limits)
    : folder_(std::move(folder)),
      salt_(std::move(salt)),
      key_(std::move(key)),
      fingerprint_(fingerprint),
      block_bytes_(block_bytes),
      limits_(limits) {}

Result<PrefixSnapshots> PrefixSnapshots::open(const fs::path& folder,
                                              const crypto::SecretBytes& device_key,
                                              const Checksum& fingerprint, std::size_t block_bytes,
                                              const SnapshotLimits& limits) {
  TRY(make_private_folder(folder));
  std::string salt;
  {
    const auto lock = TRY(FolderLock::take(folder));
    salt = TRY(load_salt(folder));
  }
  remove_unfinished(folder);
  const auto digest = crypto::keyed_hash(device_key, bytes_of(std::string(kKeyUse) + salt));
  PrefixSnapshots out(folder, std::move(salt), crypto::SecretBytes::copy_of(digest), fingerprint,
                      block_bytes, limits);
  out.find_known();
  return out;
}

/// How the names of this model's files begin: others are not opened.
std::string PrefixSnapshots::group() const {
  const auto digest = crypto::keyed_hash(key_, std::as_bytes(std::span(fingerprint_)));
  return crypto::to_hex(std::span(digest).first(8)) + "-";
}

void PrefixSnapshots::find_known() {
  const std::string ours = group();
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(folder_, failed)) {
    if (!is_snapshot(entry.path()) || !entry.path().filename().string().starts_with(ours)) continue;
    const auto file = MappedFile::open(entry.path());
    if (!file) continue;
    auto head = open_snapshot_head(file->bytes(), key_);
    if (head && head->fingerprint == fingerprint_ && head->block_bytes == block_bytes_) {
      known_.push_back({entry.path(), std::move(head->tokens)});
    } else {
      fs::remove(entry.path(), failed);
    }
  }
}

const PrefixSnapshots::Known* PrefixSnapshots::best(Tokens tokens, std::size_t& n) const {
  const Known* out = nullptr;
  n = 0;
  for (const Known& known : known_) {
    const auto [end, ignored] = std::ranges::mismatch(known.tokens, tokens);
    const auto same = static_cast<std::size_t>(end - known.tokens.begin());
    if (same <= n) continue;
    n = same;
    out = &known;
  }
  return out;
}

std::size_t PrefixSnapshots::match(Tokens tokens) const {
  std::size_t n = 0;
  best(tokens, n);
  return n;
}

void PrefixSnapshots::drop(const Known& known) {
  std::error_code failed;
  fs::remove(known.path, failed);
  known_.erase(known_.begin() + (&known - known_.data()));
}

std::size_t PrefixSnapshots::read(Tokens tokens, int first_block, ThreadPool& pool,
                                  const OnBlock& on_block) {
  std::size_t n = 0;
  const Known* const known = best(tokens, n);
  if (known == nullptr) return 0;
  const auto file = MappedFile::open(known->path);
  const auto head = file ? open_snapshot_head(file->bytes(), key_)
                         : Result<SnapshotHead>(std::unexpected(file.error()));
  // Another file may stand there by now: it is not what was looked at.
  if (!head || head->tokens != known->tokens || head->fingerprint != fingerprint_ ||
      head->block_bytes != block_bytes_) {
    drop(*known);
    return 0;
  }
  const auto parts = parts_of(file->bytes()).value();
  const std::size_t box_bytes = block_bytes_ + crypto::kSealOverheadBytes;
  const std::size_t n_blocks = (n + kBlock - 1) / kBlock;
  std::atomic<std::size_t> next{static_cast<std::size_t>(first_block)};
  std::atomic<bool> damaged{false};
  pool.run([&](int) {
    std::vector<std::byte> state(block_bytes_);
    for (std::size_t i = next++; i < n_blocks && !damaged; i = next++) {
      const auto place = state_place(parts.head_box, i);
      if (crypto::open_into(key_, parts.states.subspan(i * box_bytes, box_bytes), {bytes_of(place)},
                            state)) {
        on_block(static_cast<int>(i), state);
      } else {
        damaged = true;
      }
    }
  });
  if (damaged) {
    drop(*known);
    return 0;
  }
  std::error_code ignored;
  fs::last_write_time(known->path, fs::file_time_type::clock::now(), ignored);
  return n;
}

Result<> PrefixSnapshots::add(Tokens tokens, ThreadPool& pool, const FillBlock& fill) {
  const std::size_t box_bytes = block_bytes_ + crypto::kSealOverheadBytes;
  const std::size_t n_blocks = std::min({tokens.size() / kBlock, kSnapshotTokensMax / kBlock,
                                         static_cast<std::size_t>(limits_.bytes_max / box_bytes)});
  tokens = tokens.first(n_blocks * kBlock);
  if (tokens.empty() || match(tokens) == tokens.size()) return {};
  const SnapshotHead head{fingerprint_, block_bytes_, {tokens.begin(), tokens.end()}};
  const auto digest = crypto::keyed_hash(key_, bytes_of(encode(head)));
  const fs::path path =
      folder_ / (group() + crypto::to_hex(std::span(digest).first(16)) + std::string(kSuffix));
  const auto lock = TRY(FolderLock::take(folder_));
  const auto salt = read_file(folder_ / "salt", kSaltBytes);
  if (!salt || *salt != salt_) return fail(ErrorCode::cancelled, "the folder was forgotten");
  make_room(folder_, n_blocks * box_bytes, limits_);
  TRY(write(path, head, pool, fill));
  known_.push_back({path, head.tokens});
  return {};
}

Result<> PrefixSnapshots::write(const fs::path& path, const SnapshotHead& head, ThreadPool& pool,
                                const FillBlock& fill) {
  const auto head_box = crypto::seal(key_, bytes_of(encode(head)), {bytes_of(kHeadPlace)});
  const std::size_t box_bytes = block_bytes_ + crypto::kSealOverheadBytes;
  const std::size_t n_blocks = head.tokens.size() / kBlock;
  const std::size_t states_at = kMagic.size() + kLengthBytes + head_box.size();
  auto file = TRY(NewFile::create(path, states_at + n_blocks * box_bytes));
  const std::span<std::byte> bytes = file.bytes();
  const auto length = static_cast<std::uint32_t>(head_box.size());
  std::memcpy(bytes.data(), kMagic.data(), kMagic.size());
  std::memcpy(bytes.data() + kMagic.size(), &length, sizeof length);
  std::ranges::copy(head_box, bytes.begin() + kMagic.size() + kLengthBytes);
  std::atomic<std::size_t> next{0};
  pool.run([&](int) {
    std::vector<std::byte> state(block_bytes_);
    for (std::size_t i = next++; i < n_blocks; i = next++) {
      fill(static_cast<int>(i), state);
      const auto place = state_place(head_box, i);
      const auto box = crypto::seal(key_, state, {bytes_of(place)});
      std::memcpy(bytes.data() + states_at + i * box_bytes, box.data(), box.size());
    }
  });
  return file.publish();
}

Result<> forget_snapshots(const fs::path& folder) {
  const auto lock = FolderLock::take(folder);
  if (!lock && lock.error().code == ErrorCode::not_found) return {};
  if (!lock) return std::unexpected(lock.error());
  std::error_code failed;
  fs::remove(folder / "salt", failed);  // first: without it nothing opens
  if (failed) return fail(ErrorCode::io, (folder / "salt").string() + ": " + failed.message());
  remove_snapshots(folder);
  const auto left = snapshot_sizes(folder);
  if (left.n_files == 0) return {};
  return fail(ErrorCode::io, folder.string() + ": " + std::to_string(left.n_files) +
                                 " stored prefixes cannot be removed. Run: rm -r '" +
                                 folder.string() + "'");
}

SnapshotSizes snapshot_sizes(const fs::path& folder) {
  SnapshotSizes out;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(folder, failed)) {
    if (!is_snapshot(entry.path())) continue;
    std::error_code gone;
    const auto bytes = entry.file_size(gone);
    if (gone) continue;
    ++out.n_files;
    out.bytes += bytes;
  }
  return out;
}

}  // namespace plmm::infer
