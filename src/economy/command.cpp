// Commands as bytes: fixed widths, integers little-endian, ids as 16 bytes.
#include "economy/command.h"

#include <algorithm>
#include <bit>

#include "base/bytes.h"
#include "base/check.h"

namespace plmm::economy {
namespace {

using ledger::AccountId;
using ledger::Id128;
using ledger::Transfer;

constexpr std::size_t kIdBytes = 16;
enum class Tag : std::uint8_t { open_account = 1, chain = 2, expire = 3 };

class Writer {
 public:
  template <class T>
  void put(T value) {
    static_assert(std::endian::native == std::endian::little);
    const auto bytes = std::bit_cast<std::array<std::byte, sizeof(T)>>(value);
    out_.insert(out_.end(), bytes.begin(), bytes.end());
  }
  void id(const Id128& id) {
    const auto bytes = to_bytes(id);
    out_.insert(out_.end(), bytes.begin(), bytes.end());
  }
  void account(const AccountId& account) {
    put(account.kind);
    id(account.holder.value);
  }
  void transfer(const Transfer& t) {
    id(t.id.value);
    put(t.kind);
    put(t.purpose);
    account(t.debit);
    account(t.credit);
    put(t.amount.value);
    id(t.reservation.value);
    put(t.expires_ms);
    id(t.reference);
  }
  std::vector<std::byte> bytes() && { return std::move(out_); }

 private:
  std::vector<std::byte> out_;
};

/// An enumerator from `first` to `last`.
template <class Enum>
Result<Enum> read_enum(ByteReader& reader, const char* field, int first, int last) {
  const auto value = TRY(reader.read<std::uint8_t>(field));
  if (value >= first && value <= last) return static_cast<Enum>(value);
  return fail(ErrorCode::corrupt_data, std::string(field) + ": unknown number " +
                                           std::to_string(value) + " at byte " +
                                           std::to_string(reader.offset() - 1));
}

Result<Id128> read_id(ByteReader& reader, const char* field) {
  return id_from_bytes(TRY(reader.take(kIdBytes, field)));
}

Result<AccountId> read_account(ByteReader& reader, const char* field) {
  AccountId out;
  out.kind = TRY(read_enum<ledger::AccountKind>(reader, field, 1, ledger::kAccountKindMax));
  out.holder.value = TRY(read_id(reader, field));
  return out;
}

Result<Transfer> read_transfer(ByteReader& reader) {
  Transfer t;
  t.id.value = TRY(read_id(reader, "id"));
  t.kind = TRY(read_enum<ledger::TransferKind>(reader, "kind", 1, 4));
  t.purpose = TRY(read_enum<ledger::Purpose>(reader, "purpose", 1, ledger::kPurposeMax));
  t.debit = TRY(read_account(reader, "debit"));
  t.credit = TRY(read_account(reader, "credit"));
  t.amount.value = TRY(reader.read<std::int64_t>("amount"));
  t.reservation.value = TRY(read_id(reader, "reservation"));
  t.expires_ms = TRY(reader.read<std::int64_t>("expires_ms"));
  t.reference = TRY(read_id(reader, "reference"));
  return t;
}

Result<CommandBody> read_body(ByteReader& reader) {
  switch (TRY(read_enum<Tag>(reader, "tag", 1, 3))) {
    case Tag::open_account: {
      OpenAccount out;
      out.id = TRY(read_account(reader, "account"));
      out.limit = TRY(read_enum<ledger::Limit>(reader, "limit", 0, 1));
      return out;
    }
    case Tag::chain: {
      const auto n = TRY(reader.read<std::uint8_t>("n_transfers"));
      if (n < 1 || n > ledger::kChainSizeMax) {
        return fail(ErrorCode::corrupt_data, "n_transfers: " + std::to_string(n) + ", not 1 to " +
                                                 std::to_string(ledger::kChainSizeMax));
      }
      Chain out;
      while (out.transfers.size() < n) out.transfers.push_back(TRY(read_transfer(reader)));
      return out;
    }
    case Tag::expire:
      break;
  }
  return Expire{};
}

}  // namespace

std::vector<std::byte> encode(const CommandBody& body) {
  Writer writer;
  if (const auto* open = std::get_if<OpenAccount>(&body)) {
    writer.put(Tag::open_account);
    writer.account(open->id);
    writer.put(open->limit);
  } else if (const auto* chain = std::get_if<Chain>(&body)) {
    CHECK(!chain->transfers.empty() && chain->transfers.size() <= ledger::kChainSizeMax);
    writer.put(Tag::chain);
    writer.put(static_cast<std::uint8_t>(chain->transfers.size()));
    for (const Transfer& transfer : chain->transfers) writer.transfer(transfer);
  } else {
    writer.put(Tag::expire);
  }
  return std::move(writer).bytes();
}

Result<CommandBody> decode(std::span<const std::byte> bytes) {
  ByteReader reader(bytes);
  CommandBody body = TRY(read_body(reader));
  if (reader.remaining() == 0) return body;
  return fail(ErrorCode::corrupt_data,
              std::to_string(reader.remaining()) + " bytes after the command");
}

std::array<std::byte, 16> to_bytes(const Id128& id) {
  std::array<std::byte, kIdBytes> out{};
  for (std::size_t i = 0; i < 8; ++i) {
    out[i] = static_cast<std::byte>(id.high >> (56 - 8 * i));
    out[i + 8] = static_cast<std::byte>(id.low >> (56 - 8 * i));
  }
  return out;
}

Id128 id_from_bytes(std::span<const std::byte> bytes) {
  CHECK(bytes.size() == kIdBytes);
  Id128 out;
  for (std::size_t i = 0; i < 8; ++i) {
    out.high = out.high << 8U | static_cast<std::uint64_t>(bytes[i]);
    out.low = out.low << 8U | static_cast<std::uint64_t>(bytes[i + 8]);
  }
  return out;
}

}  // namespace plmm::economy
