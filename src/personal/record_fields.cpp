// Little-endian 64-bit numbers; a text is its length and its bytes.
#include "personal/record_fields.h"

#include "personal/vault_state.h"

namespace plmm::personal {

FieldWriter& FieldWriter::number(std::int64_t value) {
  append_u64(bytes_, static_cast<std::uint64_t>(value));
  return *this;
}

FieldWriter& FieldWriter::text(std::string_view value) {
  append_u64(bytes_, value.size());
  bytes_.append(value);
  return *this;
}

Result<FieldReader> FieldReader::open(const Personal<std::string>& content,
                                      std::int64_t version_max) {
  FieldReader out(bytes_of(content.reveal(Purpose::seal)));
  const std::int64_t version = TRY(out.number());
  out.version_ = version;
  if (version >= 1 && version <= version_max) return out;
  return fail(ErrorCode::unsupported, "the vault has a record of version " +
                                          std::to_string(version) + ", this program knows " +
                                          std::to_string(version_max) +
                                          ". Next: use the newer plmm that wrote it");
}

Result<std::int64_t> FieldReader::number() { return reader_.read<std::int64_t>("a number"); }

Result<std::int64_t> FieldReader::number_up_to(std::int64_t max) {
  const std::int64_t value = TRY(number());
  if (value >= 0 && value <= max) return value;
  return fail(ErrorCode::corrupt_data, "a record has a number that cannot be");
}

Result<std::string> FieldReader::text() {
  const auto n = TRY(reader_.read<std::uint64_t>("the length of a text"));
  const auto bytes = TRY(reader_.take(n, "a text"));
  return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

}  // namespace plmm::personal
