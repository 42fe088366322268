// Fuzz entry of the GGUF reader; what it accepts must survive being used, written and read again.
#include "base/check.h"
#include "fuzz/fuzz.h"
#include "gguf/forge.h"
#include "gguf/reader.h"
#include "gguf/writer.h"
#include "tensor/blocks.h"

namespace plmm::gguf {
namespace {

std::string written(const Reader& reader) {
  std::string out;
  const auto writer = Writer::copy_of(reader);
  CHECK(writer);
  CHECK(writer->write([&](std::span<const std::byte> bytes) -> Result<> {
    out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return {};
  }));
  return out;
}

void use(const Reader& reader) {
  for (const Entry& entry : reader.entries()) {
    CHECK(reader.find(entry.key) == &entry.value);
    static_cast<void>(reader.u64(entry.key, 1, 512));
    static_cast<void>(reader.f64(entry.key, 0, 1));
    static_cast<void>(reader.string(entry.key));
    static_cast<void>(reader.boolean(entry.key));
  }
  for (const TensorInfo& t : reader.tensors()) {
    CHECK(reader.tensor(t.name) == &t);
    std::vector<float> row(t.ne[0]);
    const std::size_t row_bytes = t.data.size() / t.n_rows();
    tensor::decode_row(t.type, t.data.first(row_bytes), row);
    tensor::decode_row(t.type, t.data.last(row_bytes), row);
  }
}

/// Which kinds of values and tensors the file has.
void note_shape(const Reader& reader) {
  std::string shape;
  for (const Entry& entry : reader.entries()) shape += static_cast<char>('a' + entry.value.index());
  shape += ' ';
  for (const TensorInfo& t : reader.tensors()) {
    shape += static_cast<char>('a' + static_cast<char>(t.type));
    shape += static_cast<char>('A' + t.ne.size());
  }
  fuzz::note(shape.substr(0, 12));
}

std::span<const std::byte> span_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

}  // namespace
}  // namespace plmm::gguf

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using plmm::gguf::Reader;
  const auto first = Reader::parse(std::as_bytes(std::span(data, size)), "m");
  if (!first) {
    plmm::fuzz::note(first.error().what);
    return -1;
  }
  plmm::gguf::note_shape(*first);
  plmm::gguf::use(*first);
  const std::string copy = plmm::gguf::written(*first);
  const auto second = Reader::parse(plmm::gguf::span_of(copy), "copy");
  CHECK(second);
  CHECK(second->tensors().size() == first->tensors().size());
  CHECK(plmm::gguf::written(*second) == copy);
  return 0;
}

std::vector<std::string> plmm::fuzz::seeds() {
  using gguf::Forge;
  using enum gguf::ValueType;
  Forge scalars(0, 6, 2);
  scalars.key("a", u8).put<std::uint8_t>(1).key("b", i16).put<std::int16_t>(-1);
  scalars.key("c", u64).put<std::uint64_t>(~0ULL).key("d", f64).put(0.1);
  scalars.key("e", boolean).put<std::uint8_t>(1).key("f", string).string("text");
  Forge arrays(0, 4);
  arrays.array("a", string, 2).string("one").string("two").array("b", u8, 3).put<std::uint16_t>(7);
  arrays.put<std::uint8_t>(7).array("c", f32, 2).put(1.0F).put(2.0F).array("d", boolean, 1);
  arrays.put<std::uint8_t>(0);
  Forge tensors(3, 1);
  tensors.key("general.alignment", u32).put<std::uint32_t>(8).tensor("blk.0.w", {2, 2}, 0, 0);
  tensors.tensor("blk.1.w", {256, 1}, 12, 16).tensor("norm", {4}, 30, 160).data(168, 8);
  std::vector<std::string> out{Forge(0, 0).bytes(), scalars.bytes(), arrays.bytes(),
                               tensors.bytes()};
  for (const std::uint32_t type : {1U, 2U, 3U, 6U, 7U, 8U, 10U, 11U, 13U, 14U}) {
    out.push_back(Forge(1, 0).tensor("t", {256}, type, 0).data(640).bytes());
  }
  out.push_back(Forge(1ULL << 61U, 0).bytes());
  out.push_back(Forge(0, 1).key("k", string).put<std::uint64_t>(~0ULL).bytes());
  out.push_back(Forge(0, 1).array("k", u64, 1ULL << 61U).bytes());
  out.push_back(Forge(1, 0).tensor("t", {1ULL << 32U, 1ULL << 32U}, 0, 0).bytes());
  out.push_back(Forge(1, 0).tensor("t", {1, 1ULL << 32U, 1ULL << 32U}, 0, 0).bytes());
  out.push_back(Forge(1, 0).tensor("t", {32}, 8, ~31ULL).bytes());
  return out;
}
