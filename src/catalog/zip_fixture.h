// Makes small zips for tests and fuzz seeds, good ones and ones that lie.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace plmm::catalog {

struct ZipForTests {
  enum class Packing : std::uint8_t { stored, deflated };
  enum class Sizes : std::uint8_t { small, zip64 };

  struct Member {
    std::string name;
    std::string content;
    Packing packing = Packing::stored;
  };

  static std::uint32_t crc32(std::string_view bytes) {
    std::uint32_t crc = 0xFFFFFFFF;
    for (const char c : bytes) {
      crc ^= static_cast<unsigned char>(c);
      for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320U : 0U);
    }
    return ~crc;
  }

  static std::string number(std::uint64_t value, int n_bytes) {
    std::string out;
    for (int i = 0; i < n_bytes; ++i) {
      out += static_cast<char>(value);
      value >>= 8;
    }
    return out;
  }

  /// A raw deflate stream of uncompressed blocks, which needs no compressor.
  static std::string deflate(std::string_view bytes) {
    constexpr std::size_t kBlockBytesMax = 65535;
    std::string out;
    do {
      const auto block = bytes.substr(0, kBlockBytesMax);
      bytes.remove_prefix(block.size());
      out += bytes.empty() ? '\1' : '\0';
      out += number(block.size(), 2) + number(~block.size(), 2) + std::string(block);
    } while (!bytes.empty());
    return out;
  }

  static std::string make(const std::vector<Member>& members, Sizes sizes = Sizes::small) {
    const bool wide = sizes == Sizes::zip64;
    std::string out;
    std::string directory;
    for (const Member& member : members) {
      const bool deflated = member.packing == Packing::deflated;
      const std::string data = deflated ? deflate(member.content) : member.content;
      const std::string method = number(0, 2) + number(deflated ? 8 : 0, 2) + number(0, 4);
      const std::string crc = number(crc32(member.content), 4);
      const std::string packed = number(wide ? 0xFFFFFFFF : data.size(), 4);
      const std::string size = number(wide ? 0xFFFFFFFF : member.content.size(), 4);
      const std::string wide_sizes = number(member.content.size(), 8) + number(data.size(), 8);
      const std::string extra =
          wide ? number(1, 2) + number(24, 2) + wide_sizes + number(out.size(), 8) : "";
      directory += "PK\1\2" + number(45, 2) + number(45, 2) + method + crc + packed + size +
                   number(member.name.size(), 2) + number(extra.size(), 2) + number(0, 10) +
                   number(wide ? 0xFFFFFFFF : out.size(), 4) + member.name + extra;
      out += "PK\3\4" + number(45, 2) + method + crc + packed + size +
             number(member.name.size(), 2) + number(0, 2) + member.name + data;
    }
    const std::string n = number(members.size(), 8);
    const std::uint64_t end = out.size() + directory.size();
    const std::string place = number(directory.size(), 8) + number(out.size(), 8);
    const std::string counts = number(wide ? 0xFFFF : members.size(), 2);
    std::string tail;
    if (wide) {
      tail =
          "PK\6\6" + number(44, 8) + number(45, 2) + number(45, 2) + number(0, 8) + n + n + place;
      tail += "PK\6\7" + number(0, 4) + number(end, 8) + number(1, 4);
    }
    tail += "PK\5\6" + number(0, 4) + counts + counts +
            number(wide ? 0xFFFFFFFF : directory.size(), 4) +
            number(wide ? 0xFFFFFFFF : out.size(), 4) + number(0, 2);
    return out + directory + tail;
  }
};

}  // namespace plmm::catalog
