// A person's data at rest: sealed records in SQLite that nobody reads, swaps, replays or rolls back
// unseen. docs/formats/vault.md.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/personal.h"
#include "base/result.h"
#include "crypto/secret.h"
#include "personal/counter_file.h"
#include "personal/vault_state.h"
#include "store/database.h"

namespace plmm::personal {

/// Where the three files are. Key and counter stand together, apart from the database, so that a
/// copy of the database alone neither opens nor passes for the newest one.
struct VaultPlace {
  std::filesystem::path database;
  std::filesystem::path key;
  std::filesystem::path counter;
};
/// data/vault/vault.db, data/keys/device.key and data/keys/vault.counter.
VaultPlace vault_in(const std::filesystem::path& data_folder);

/// The device's key; made where there is neither key nor vault. not_found when there is a vault
/// without it: a new key would hide that the old one is lost.
Result<crypto::SecretBytes> device_key(const VaultPlace& place);

/// Whether the database is the newest state that this device has written.
enum class Standing : std::uint8_t {
  current,
  older_copy,    // the counter has seen a newer one, or another one of the same age
  counter_lost,  // the counter is missing or damaged: nobody can tell
};
/// What to do with a database whose standing is not `current`.
enum class OldCopy : std::uint8_t {
  read_only,
  accept,  // its owner says that it is the one to go on with
};

inline constexpr std::size_t kRecordBytesMax = 4 << 20;

struct Record {
  std::int64_t id = 0;
  Personal<std::string> content;
};

class Vault;

/// Changes that take place together or not at all. Inside Vault::change() only.
class Edit {
 public:
  Result<std::vector<Record>> read(Area area);
  /// The new record's id; ids rise and are never given twice. limit_exceeded over kRecordBytesMax.
  Result<std::int64_t> add(Area area, const Personal<std::string>& content);
  /// not_found where the area has no such record.
  Result<> replace(Area area, std::int64_t id, const Personal<std::string>& content);
  Result<> remove(Area area, std::int64_t id);

 private:
  friend class Vault;
  Edit(Vault& vault, VaultState state) : vault_(&vault), state_(state) {}
  /// Takes the record out of the area's sum; its version.
  Result<std::uint64_t> take_out(Area area, std::int64_t id);
  /// The sealed content; its digest goes into the area's sum.
  Result<std::vector<std::byte>> seal(Area area, std::int64_t id, std::uint64_t version,
                                      const Personal<std::string>& content);

  Vault* vault_;
  VaultState state_;
};

/// Whether what was removed is gone from the files too.
enum class Traces : std::uint8_t {
  gone,
  until_others_close,  // another program reads the log; the last one to close clears it
};

/// One thread at a time; other processes may have the same vault open. Errors never contain what is
/// in it. corrupt_data when one byte of it was changed by anybody else.
class Vault {
 public:
  /// Makes key, database and counter where there are none. The whole vault is checked.
  static Result<Vault> open(const VaultPlace& place, OldCopy old_copy = OldCopy::read_only);
  /// Removes database and counter for good. The device's key stays.
  static Result<> erase(const VaultPlace& place);

  Standing standing() const { return standing_; }
  /// The error that change() gives when the standing is not `current`: what happened, what to do.
  Result<> check_writable() const;

  /// All records of an area as they are now, by rising id.
  Result<std::vector<Record>> read(Area area);
  /// Does `work` as the only writer and puts the result on disk; an error of `work` undoes it.
  Result<> change(const std::function<Result<>(Edit&)>& work);
  /// Overwrites in the files what was removed.
  Result<Traces> clear_traces();

  const VaultPlace& place() const { return place_; }

 private:
  friend class Edit;
  struct Keys {
    crypto::SecretBytes seal;
    crypto::SecretBytes sum;
    crypto::SecretBytes counter;
  };
  Vault(VaultPlace place, store::Database database, VaultId id, Keys keys);

  /// Finds or makes the row of the vault itself.
  static Result<Vault> begin(const VaultPlace& place, const crypto::SecretBytes& device_key,
                             store::Database database);
  Result<Counter> read_counter() const {
    return personal::read_counter(place_.counter, keys_.counter);
  }
  /// Checks every record against the sums; where the standing is `current`, the counter follows.
  Result<> check_all();
  Result<> accept();
  Result<VaultState> read_state();
  Result<> write_state(const VaultState& state);
  Result<std::vector<Record>> read_area(const VaultState& state, Area area);
  crypto::Digest digest_of(Area area, std::int64_t id, std::uint64_t version,
                           std::span<const std::byte> sealed) const;
  Result<Standing> find_standing(const Result<Counter>& counter, const VaultState& state) const;
  Counter counter_of(const VaultState& state) const;
  std::unexpected<Error> damaged() const;

  VaultPlace place_;
  store::Database database_;
  VaultId id_;
  Keys keys_;
  Standing standing_ = Standing::current;
};

}  // namespace plmm::personal
