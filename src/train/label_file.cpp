// Header, records, and what of a file may be trusted.
#include "train/label_file.h"

#include <bit>
#include <cstring>
#include <fstream>
#include <string_view>

#include "base/bytes.h"
#include "base/check.h"
#include "base/checksum.h"
#include "base/narrow.h"
#include "crypto/hash.h"

namespace plmm::train {
namespace {

constexpr std::string_view kMagic = "PLMMLBL1";

static_assert(sizeof(SoftRow) == 12 && sizeof(SoftLabel) == 8);
static_assert(std::endian::native == std::endian::little);

/// The labels of sequence `index`, or the reason that its record is no good, which nobody needs.
Result<SoftLabels> read_record(ByteReader& in, std::span<const std::byte> file, std::uint32_t index,
                               const LabelPlan& plan) {
  const auto refused = fail(ErrorCode::corrupt_data, "not a record of this plan");
  const std::size_t begin = in.offset();
  const auto got = TRY(in.read<std::uint32_t>("index"));
  const auto n_rows = TRY(in.read<std::uint32_t>("rows"));
  const auto n_labels = TRY(in.read<std::uint32_t>("labels"));
  if (got != index || n_rows != plan.n_rows[index]) return refused;
  if (n_labels > std::uint64_t{n_rows} * kLabelsOfRowMax) return refused;
  const auto rows = TRY(in.take(std::size_t{n_rows} * sizeof(SoftRow), "rows"));
  const auto labels = TRY(in.take(std::size_t{n_labels} * sizeof(SoftLabel), "labels"));
  const Checksum sum = checksum(file.subspan(begin, in.offset() - begin));
  const auto written = TRY(in.take(sizeof sum, "checksum"));
  if (std::memcmp(written.data(), sum.data(), sizeof sum) != 0) return refused;
  // All members are trivial, and the bytes are aligned: open() and the fuzz entry see to it.
  SoftLabels out{{reinterpret_cast<const SoftRow*>(rows.data()), n_rows},
                 {reinterpret_cast<const SoftLabel*>(labels.data()), n_labels}};
  std::span<const SoftLabel> rest = out.labels;
  for (const SoftRow& row : out.rows) {
    if (row.n_labels > rest.size() || !is_sound(row, rest.first(row.n_labels), plan.n_vocabulary)) {
      return refused;
    }
    rest = rest.subspan(row.n_labels);
  }
  if (!rest.empty()) return refused;
  return out;
}

std::unexpected<Error> not_written(const std::filesystem::path& path) {
  return fail(ErrorCode::io, path.string() +
                                 ": cannot be written (is the disk full?). What is there is kept: "
                                 "make room and run the same command again");
}

}  // namespace

std::string label_header(const LabelPlan& plan) {
  std::string out(kMagic);
  const auto digest = crypto::sha256(std::as_bytes(std::span(plan.key)));
  out.append(reinterpret_cast<const char*>(digest.data()), digest.size());
  append_value(out, std::uint64_t{plan.n_rows.size()});
  return out;
}

std::string label_record(std::uint32_t index, std::span<const SoftRow> rows,
                         std::span<const SoftLabel> labels) {
  std::string out;
  out.reserve(12 + rows.size_bytes() + labels.size_bytes() + sizeof(Checksum));
  append_value(out, index);
  append_value(out, narrow<std::uint32_t>(rows.size()));
  append_value(out, narrow<std::uint32_t>(labels.size()));
  out.append(reinterpret_cast<const char*>(rows.data()), rows.size_bytes());
  out.append(reinterpret_cast<const char*>(labels.data()), labels.size_bytes());
  const Checksum sum = checksum(std::as_bytes(std::span(out)));
  append_value(out, sum);
  return out;
}

SoundLabels read_labels(std::span<const std::byte> file, const LabelPlan& plan) {
  const std::string header = label_header(plan);
  SoundLabels out;
  if (file.size() < header.size() || std::memcmp(file.data(), header.data(), header.size()) != 0) {
    return out;
  }
  out.bytes = header.size();
  for (std::uint32_t i = 0; i < plan.n_rows.size(); ++i) {
    ByteReader in(file.subspan(out.bytes));
    auto labels = read_record(in, file.subspan(out.bytes), i, plan);
    if (!labels) break;
    out.bytes += in.offset();
    out.sequences.push_back(*labels);
  }
  return out;
}

Result<LabelFile> LabelFile::open(std::filesystem::path path, LabelPlan plan) {
  LabelFile out(std::move(path), std::move(plan));
  std::size_t n_sound = 0, n_bytes = 0;
  if (const auto map = MappedFile::open(out.path_)) {
    const SoundLabels sound = read_labels(map->bytes(), out.plan_);
    n_sound = sound.bytes;
    n_bytes = map->bytes().size();
    out.n_done_ = sound.sequences.size();
  }
  if (n_sound == 0) {
    // With the rights of a file that only its owner reads: labels tell what the data say.
    TRY(write_file_atomically(out.path_, label_header(out.plan_)));
  } else if (n_sound < n_bytes) {
    std::error_code failed;
    std::filesystem::resize_file(out.path_, n_sound, failed);
    if (failed) return not_written(out.path_);
  }
  return out;
}

Result<> LabelFile::append(std::span<const SoftRow> rows, std::span<const SoftLabel> labels) {
  CHECK(!is_whole() && rows.size() == plan_.n_rows[n_done_]);
  const std::string record = label_record(narrow<std::uint32_t>(n_done_), rows, labels);
  std::ofstream file(path_, std::ios::binary | std::ios::app);
  file.write(record.data(), narrow<std::streamsize>(record.size()));
  file.close();
  if (!file) return not_written(path_);
  ++n_done_;
  return {};
}

Result<std::span<const SoftLabels>> LabelFile::labels() {
  CHECK(is_whole());
  map_ = TRY(MappedFile::open(path_));
  sound_ = read_labels(map_->bytes(), plan_);
  if (sound_.sequences.size() == plan_.n_rows.size()) return sound_.sequences;
  return fail(ErrorCode::corrupt_data,
              path_.string() +
                  ": changed while it was written; is another run at work there? Choose another "
                  "--out, or run the same command again");
}

}  // namespace plmm::train
