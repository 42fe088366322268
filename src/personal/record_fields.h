// The content of a record as fields in a row: numbers and texts.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/personal.h"
#include "base/result.h"

namespace plmm::personal {

class FieldWriter {
 public:
  /// `version`: of this kind of record; a reader of an older program refuses a newer one.
  explicit FieldWriter(std::uint8_t version) { number(version); }
  FieldWriter& number(std::int64_t value);
  FieldWriter& text(std::string_view value);
  Personal<std::string> take() { return Personal(std::move(bytes_)); }

 private:
  std::string bytes_;
};

/// Reads what FieldWriter wrote; the fields were sealed, so a fault is a bug or a newer program.
class FieldReader {
 public:
  /// unsupported when the record is newer than `version_max`.
  static Result<FieldReader> open(const Personal<std::string>& content, std::int64_t version_max);
  std::int64_t version() const { return version_; }
  Result<std::int64_t> number();
  /// From 0 to `max`.
  Result<std::int64_t> number_up_to(std::int64_t max);
  Result<std::string> text();

 private:
  explicit FieldReader(std::span<const std::byte> bytes) : reader_(bytes) {}
  ByteReader reader_;
  std::int64_t version_ = 0;
};

}  // namespace plmm::personal
