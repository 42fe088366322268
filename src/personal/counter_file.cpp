// Four lines of text, the last a keyed digest of the others; replaced whole, under a lock on the
// folder.
#include "personal/counter_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/folder_lock.h"

namespace plmm::personal {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFirstLine = "plmm vault counter 1";
constexpr std::size_t kFileBytesMax = 400;

std::string signed_lines(const Counter& counter) {
  return std::string(kFirstLine) + "\n" + crypto::to_hex(counter.vault) + "\n" +
         std::to_string(counter.value) + " " + crypto::to_hex(counter.state) + "\n";
}

std::string whole_file(const Counter& counter, const crypto::SecretBytes& key) {
  const std::string lines = signed_lines(counter);
  return lines + crypto::to_hex(crypto::keyed_hash(key, bytes_of(lines))) + "\n";
}

template <std::size_t N>
Result<std::array<std::byte, N>> hex_array(std::string_view hex) {
  const auto bytes = TRY(crypto::from_hex(hex));
  if (bytes.size() != N) return fail(ErrorCode::corrupt_data, "a field of the wrong length");
  std::array<std::byte, N> out;
  std::memcpy(out.data(), bytes.data(), N);
  return out;
}

Result<Counter> parse(std::string_view text) {
  std::vector<std::string_view> lines;
  for (std::size_t end = 0; (end = text.find('\n')) != std::string_view::npos;
       text.remove_prefix(end + 1)) {
    lines.push_back(text.substr(0, end));
  }
  const auto wrong = fail(ErrorCode::corrupt_data, "not a counter");
  if (lines.size() != 4 || lines[0] != kFirstLine) return wrong;
  Counter out;
  out.vault = TRY(hex_array<16>(lines[1]));
  const std::string_view value = lines[2];
  const auto [end, error] = std::from_chars(value.begin(), value.end(), out.value);
  if (error != std::errc() || end == value.end() || *end != ' ') return wrong;
  out.state = TRY(hex_array<32>(std::string_view(end + 1, value.end())));
  return out;
}

}  // namespace

Result<Counter> read_counter(const fs::path& path, const crypto::SecretBytes& key) {
  const std::string text = TRY(read_file(path, kFileBytesMax));
  const auto counter = parse(text);
  if (!counter || whole_file(*counter, key) != text) {
    return fail(ErrorCode::corrupt_data, path.string() + ": damaged, or made with another key");
  }
  return counter;
}

Result<> raise_counter(const fs::path& path, const Counter& counter, const crypto::SecretBytes& key,
                       Raise raise) {
  const fs::path folder = path.parent_path();
  // The only writer of counters in the folder.
  const auto lock = TRY(FolderLock::take(folder));
  const auto there = read_counter(path, key);
  if (raise == Raise::if_higher && there && there->vault == counter.vault &&
      there->value >= counter.value) {
    return {};
  }
  TRY(write_file_atomically(path, whole_file(counter, key)));
  return lock.flush();
}

}  // namespace plmm::personal
