// Fuzz entry of the zip reader: any bytes, looked up and unpacked.
#include <cstring>
#include <string>
#include <vector>

#include "base/check.h"
#include "catalog/zip.h"
#include "catalog/zip_fixture.h"
#include "fuzz/fuzz.h"

namespace {

constexpr std::string_view kMember = "m/part.bin";

class MemorySource : public plmm::catalog::ByteSource {
 public:
  explicit MemorySource(std::span<const std::byte> bytes) : bytes_(bytes) {}
  std::uint64_t size() const override { return bytes_.size(); }
  plmm::Result<> read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    CHECK(offset <= bytes_.size() && out.size() <= bytes_.size() - offset);
    if (!out.empty()) std::memcpy(out.data(), bytes_.data() + offset, out.size());
    return {};
  }
  std::string_view label() const override { return "fuzz"; }

 private:
  std::span<const std::byte> bytes_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const MemorySource zip(std::as_bytes(std::span(data, size)));
  const auto member = plmm::catalog::find_member(zip, kMember);
  if (!member) {
    plmm::fuzz::note(member.error().what);
    return -1;
  }
  std::uint64_t n_bytes = 0;
  const auto read = plmm::catalog::read_member(
      zip, *member, [&](std::span<const std::byte> bytes) -> plmm::Result<> {
        n_bytes += bytes.size();
        CHECK(n_bytes <= member->bytes);
        return {};
      });
  plmm::fuzz::note(read ? "unpacked" : read.error().what);
  return read ? 0 : -1;
}

std::vector<std::string> plmm::fuzz::seeds() {
  using Zip = plmm::catalog::ZipForTests;
  const Zip::Member stored{std::string(kMember), "stored content"};
  const Zip::Member deflated{std::string(kMember), "deflated content", Zip::Packing::deflated};
  const Zip::Member other{"m/other", "x"};
  return {Zip::make({stored}), Zip::make({other, deflated}), Zip::make({deflated, other}),
          Zip::make({stored}, Zip::Sizes::zip64), Zip::make({other, deflated}, Zip::Sizes::zip64)};
}
