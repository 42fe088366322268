// Builds safetensors files, and checks nothing, so that they may lie. For tests and fuzzing only.
#pragma once

#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace plmm::gguf {

/// A whole file: length, header, data.
inline std::string safetensors_file(std::string_view header, std::string_view data) {
  const std::uint64_t n = header.size();
  std::string out(sizeof n, '\0');
  std::memcpy(out.data(), &n, sizeof n);
  out += header;
  out += data;
  return out;
}

/// Tensors one after another, as they should be.
class SafetensorsForge {
 public:
  /// `type` is "F32", "I64" …; `bytes` are the tensor's.
  SafetensorsForge& add(std::string_view name, std::string_view type,
                        std::span<const std::uint64_t> shape, std::string_view bytes) {
    header_ += header_.size() > 1 ? ",\"" : "\"";
    header_ += name;
    header_ += "\":{\"dtype\":\"";
    header_ += type;
    header_ += "\",\"shape\":[";
    for (std::size_t i = 0; i < shape.size(); ++i) {
      header_ += (i > 0 ? "," : "") + std::to_string(shape[i]);
    }
    header_ += "],\"data_offsets\":[" + std::to_string(data_.size()) + ",";
    data_ += bytes;
    header_ += std::to_string(data_.size()) + "]}";
    return *this;
  }
  SafetensorsForge& add(std::string_view name, std::string_view type,
                        std::initializer_list<std::uint64_t> shape, std::string_view bytes) {
    return add(name, type, std::span(shape.begin(), shape.size()), bytes);
  }

  std::string bytes() const { return safetensors_file(header_ + "}", data_); }

 private:
  std::string header_ = "{";
  std::string data_;
};

}  // namespace plmm::gguf
