// Fuzz entry of label files: whatever the bytes, only well-formed labels come out.
#include <cmath>
#include <cstring>

#include "base/check.h"
#include "fuzz/fuzz.h"
#include "train/label_file.h"

namespace plmm::train {
namespace {

LabelPlan plan() { return {"fuzz", {2, 1}, 40}; }

int read(std::span<const std::byte> bytes) {
  std::vector<std::uint32_t> aligned((bytes.size() + 3) / 4);
  if (!bytes.empty()) std::memcpy(aligned.data(), bytes.data(), bytes.size());
  const auto file = std::as_bytes(std::span(aligned)).first(bytes.size());
  const SoundLabels sound = read_labels(file, plan());
  CHECK(sound.bytes <= file.size() && sound.sequences.size() <= 2);
  for (std::size_t i = 0; i < sound.sequences.size(); ++i) {
    const SoftLabels& labels = sound.sequences[i];
    CHECK(labels.rows.size() == plan().n_rows[i]);
    std::size_t n = 0;
    for (const SoftRow& row : labels.rows) {
      CHECK(std::isfinite(row.entropy) && std::isfinite(row.loss));
      n += row.n_labels;
    }
    CHECK(n == labels.labels.size());
    for (const SoftLabel& label : labels.labels)
      CHECK(label.token >= 0 && label.token < 40 && label.probability > 0);
  }
  fuzz::note(std::to_string(sound.sequences.size()) + (sound.bytes == 0 ? "no header" : " read"));
  return sound.sequences.size() == 2 && sound.bytes == file.size() ? 0 : -1;
}

std::vector<std::string> inputs() {
  const std::vector<SoftRow> two = {{0.5F, 1.0F, 2}, {0.1F, 3.0F, 1}}, one = {{0.0F, 0.0F, 1}};
  const std::vector<SoftLabel> three = {{3, 0.25F}, {39, 0.75F}, {0, 1.0F}}, last = {{7, 1.0F}};
  const std::string header = label_header(plan()), first = label_record(0, two, three);
  return {header + first + label_record(1, one, last), header + first, header,
          header + first + label_record(1, two, three)};
}

}  // namespace
}  // namespace plmm::train

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return plmm::train::read({reinterpret_cast<const std::byte*>(data), size});
}

std::vector<std::string> plmm::fuzz::seeds() { return train::inputs(); }
