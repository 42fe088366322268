// A header that is compared, not parsed; then the matrices, end to end.
#include "model/packed_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>

#include "base/check.h"

namespace plmm::model {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMagic = "plmmpk1\n";
constexpr std::string_view kSuffix = ".packed";
constexpr std::size_t kAlignment = 64;   // what panels need
constexpr std::size_t kPiece = 1 << 20;  // bytes that one thread sums up at once
constexpr std::size_t kFilesMax = 8;

template <class T>
void append(std::string& to, const T& value) {
  to.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void append_layout(std::string& to, const kernel::PackedMatrix& matrix) {
  const kernel::PanelLayout& layout = matrix.layout;
  for (const std::int64_t number :
       {std::int64_t{matrix.n_in}, std::int64_t{matrix.n_out},
        static_cast<std::int64_t>(layout.codes), static_cast<std::int64_t>(layout.scales),
        std::int64_t{layout.n_sub}, std::int64_t{layout.zero_shift},
        std::int64_t{layout.has_minimum}, static_cast<std::int64_t>(layout.codes_offset),
        static_cast<std::int64_t>(layout.panel_bytes)})
    append(to, number);
}

/// Of pieces, on all threads, then of their sums: the same for any number of threads.
Checksum sum_of(std::span<const std::byte> bytes, ThreadPool& pool) {
  const std::size_t n = (bytes.size() + kPiece - 1) / kPiece;
  std::vector<Checksum> sums(n);
  std::atomic<std::size_t> next{0};
  pool.run([&](int) {
    for (std::size_t i = next++; i < n; i = next++)
      sums[i] = checksum(bytes.subspan(i * kPiece, std::min(kPiece, bytes.size() - i * kPiece)));
  });
  return checksum(std::as_bytes(std::span(sums)));
}

bool is_ours(const fs::path& path) {
  struct stat info{};
  return ::stat(path.c_str(), &info) == 0 && info.st_uid == ::geteuid() &&
         (info.st_mode & 022U) == 0;
}

}  // namespace

PackedPlan::PackedPlan(const Checksum& model,
                       std::span<const kernel::PackedMatrix* const> matrices) {
  std::string layouts;
  for (const auto* matrix : matrices) {
    offsets_.push_back(static_cast<std::size_t>(file_bytes()));
    body_bytes_ += (matrix->bytes() + kAlignment - 1) / kAlignment * kAlignment;
    append_layout(layouts, *matrix);
  }
  identity_ = kMagic;
  append(identity_, kPackedVersion);
  append(identity_, static_cast<std::uint32_t>(matrices.size()));
  append(identity_, model);
  append(identity_, checksum(std::as_bytes(std::span(layouts))));
  append(identity_, body_bytes_);
}

std::vector<std::byte> PackedPlan::header(const Checksum& body) const {
  std::string text = identity_;
  append(text, body);
  std::vector<std::byte> out(kHeaderBytes);
  std::memcpy(out.data(), text.data(), text.size());
  return out;
}

void PackedPlan::seal(std::span<std::byte> file, ThreadPool& pool) const {
  CHECK(file.size() == file_bytes());
  std::ranges::copy(header(sum_of(file.subspan(kHeaderBytes), pool)), file.begin());
}

bool PackedPlan::holds(std::span<const std::byte> file, ThreadPool& pool) const {
  if (file.size() != file_bytes()) return false;
  if (std::memcmp(file.data(), identity_.data(), identity_.size()) != 0) return false;
  const auto expected = header(sum_of(file.subspan(kHeaderBytes), pool));
  return std::memcmp(file.data(), expected.data(), expected.size()) == 0;
}

fs::path packed_file(const fs::path& folder, const fs::path& model) {
  std::error_code failed;
  auto whole = fs::canonical(model, failed);
  if (failed) whole = model;
  const std::string text = whole.string();
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string name = model.stem().string() + "-";
  const std::uint64_t sum = checksum(std::as_bytes(std::span(text)))[0];
  for (int shift = 60; shift >= 0; shift -= 4) name += kDigits[sum >> shift & 15U];
  return folder / (name + std::string(kSuffix));
}

std::optional<MappedFile> open_packed(const fs::path& path, const PackedPlan& plan,
                                      ThreadPool& pool) {
  if (!is_ours(path)) return std::nullopt;
  auto file = MappedFile::open(path);
  if (!file || !plan.holds(file->bytes(), pool)) return std::nullopt;
  std::error_code ignored;
  fs::last_write_time(path, fs::file_time_type::clock::now(), ignored);  // it was used
  return std::move(*file);
}

PackedSizes packed_sizes(const fs::path& folder) {
  PackedSizes out;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(folder, failed)) {
    std::error_code gone;
    const auto bytes = entry.file_size(gone);
    if (gone || entry.path().extension() != kSuffix) continue;
    ++out.n_files;
    out.bytes += bytes;
  }
  return out;
}

bool make_room_for_packed(const fs::path& folder, std::uint64_t bytes) {
  std::vector<std::pair<fs::file_time_type, fs::path>> files;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(folder, failed)) {
    if (entry.path().extension() == kSuffix)
      files.emplace_back(entry.last_write_time(failed), entry.path());
  }
  std::ranges::sort(files);
  for (std::size_t i = 0; i + kFilesMax <= files.size(); ++i) fs::remove(files[i].second, failed);
  const auto space = fs::space(folder, failed);
  return !failed && bytes <= space.available / 2;
}

}  // namespace plmm::model
