// A person's data at rest: sealed records in SQLite that nobody reads, swaps, replays or rolls back
// unseen. docs/formats/vault.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/personal.h"
#include "base/result.h"
#include "crypto/secret.h"
#include "personal/counter_file.h"
#include "personal/vault_keys.h"
#include "personal/vault_state.h"
#include "store/database.h"

namespace plmm::personal {

/// Where the files are. Key and counter stand together, apart from the database, so that a copy of
/// the database alone neither opens nor passes for the newest one.
struct VaultPlace {
  std::filesystem::path database;
  std::filesystem::path key;
  std::filesystem::path counter;
  std::filesystem::path unlocked = {};  // a folder in memory; empty: nothing stays unlocked
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
/// What to do with a database whose standing is not `current`, or that is damaged.
enum class OldCopy : std::uint8_t {
  read_only,
  accept,  // its owner says that it is the one to go on with, without what cannot be read
};

/// The passphrase, called where nothing else opens the vault: n_wrong answers of it were wrong. Its
/// error ends the opening.
using AskPassphrase = std::function<Result<crypto::SecretBytes>(int n_wrong)>;

struct Opening {
  OldCopy old_copy = OldCopy::read_only;
  AskPassphrase ask = {};    // empty: nobody can be asked
  bool asks_always = false;  // also when the vault is unlocked: for who changes its locks
  std::shared_ptr<const crypto::KeyWrapper> device = {};  // null: by the device's key, a file
};

/// Who can open a vault.
enum class Lock : std::uint8_t {
  device,    // whoever has its files and the device's key
  locked,    // who knows the passphrase too
  unlocked,  // so it was, until the end of the login or lock()
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
  /// A record with an id of its own, out of an archive. invalid_argument where the id is taken.
  Result<> add_as(Area area, std::int64_t id, const Personal<std::string>& content);
  /// not_found where the area has no such record.
  Result<> replace(Area area, std::int64_t id, const Personal<std::string>& content);
  Result<> remove(Area area, std::int64_t id);

 private:
  friend class Vault;
  Edit(Vault& vault, VaultState state) : vault_(&vault), state_(state) {}
  /// Takes the record out of the area's sum; its version.
  Result<std::uint64_t> take_out(Area area, std::int64_t id);
  /// The sealed content; its digest goes into the area's sum.
  Result<std::vector<std::byte>> seal(const RecordPlace& place,
                                      const Personal<std::string>& content);

  Vault* vault_;
  VaultState state_;
};

/// Whether what was removed is gone from the files too.
enum class Traces : std::uint8_t {
  gone,
  until_others_close,  // another program reads the log; the last one to close clears it
};

/// What one area holds.
struct AreaCheck {
  Area area = Area::profile;
  std::uint64_t n_records = 0;
  std::uint64_t n_unreadable = 0;
  bool is_whole = true;  // false also where all can be read and one is missing or an older one
};

/// One thread at a time; other processes may have the same vault open. Errors never contain what is
/// in it. corrupt_data when one byte of what is asked for was changed by anybody else.
class Vault {
 public:
  /// Makes key, database and counter where there are none. Checks who wrote the newest state; the
  /// records of an area are checked when it is read. A process that has opened one leaves no core
  /// file. invalid_argument: locked, and the passphrase is not there.
  static Result<Vault> open(const VaultPlace& place, const Opening& opening = {});
  /// Removes database and counter for good. The device's key stays.
  static Result<> erase(const VaultPlace& place);
  /// Without opening it. `device` where there is no vault.
  static Result<Lock> lock_of(const VaultPlace& place);

  Standing standing() const { return standing_; }
  /// The error that change() gives when the standing is not `current`: what happened, what to do.
  Result<> check_writable() const;
  /// Records that OldCopy::accept had to give up.
  std::uint64_t n_lost() const { return n_lost_; }

  /// All records of an area as they are now, by rising id.
  Result<std::vector<Record>> read(Area area);
  /// One of them, at a cost that does not grow with the vault. not_found. It is a true record, but
  /// only read() and check() notice an older version of itself in its place.
  Result<Record> read_one(Area area, std::int64_t id);
  /// Does `work` as the only writer and puts the result on disk; an error of `work` undoes it.
  Result<> change(const std::function<Result<>(Edit&)>& work);
  /// Overwrites in the files what was removed.
  Result<Traces> clear_traces();

  /// Every record of every area.
  Result<std::vector<AreaCheck>> check();
  /// A new root key, which the device and, unless null, the passphrase open, and every record
  /// sealed anew under it: all or nothing, also for who is killed. It is locked again. Other
  /// programs that have it open have to open it again.
  Result<> rekey(const crypto::KeyWrapper* passphrase);
  /// Opens without a question until the end of the login; needs a passphrase (invalid_argument).
  Result<> keep_unlocked() const;
  /// Every new program asks for the passphrase again. Whether it was unlocked.
  static Result<bool> lock(const VaultPlace& place);

  const VaultPlace& place() const { return place_; }

 private:
  friend class Edit;
  using Device = std::shared_ptr<const crypto::KeyWrapper>;
  /// A record as it is in the file; `content` is null when it does not open.
  struct Stored {
    RecordPlace place;
    std::span<const std::byte> sealed;
    std::string* content;
  };
  Vault(VaultPlace place, store::Database database, VaultKeys keys, Layers layers, Device device);

  /// Finds or makes the row of the vault itself.
  static Result<Vault> begin(const VaultPlace& place, const Opening& opening);
  static Result<> make(const VaultPlace& place, store::Database& database, const Device& device);
  Result<Counter> read_counter() const {
    return personal::read_counter(place_.counter, keys_.counter());
  }
  /// Compares the state with the counter; where that is `current`, the counter follows.
  Result<> find_standing();
  Result<> accept();
  Result<VaultState> read_state();
  Result<> write_state(const VaultState& state, const VaultKeys& keys);
  Result<std::vector<Record>> read_area(const VaultState& state, Area area);
  /// Every record of the area through `visit`; the sum of what is there.
  Result<AreaSum> walk(Area area, const std::function<Result<>(const Stored&)>& visit);
  /// Seals the area's records under `keys`; the new sum.
  Result<AreaSum> reseal(const VaultState& state, Area area, const VaultKeys& keys);
  /// Removes what cannot be read; the sum of the rest. The highest id goes to `id_max`.
  Result<AreaSum> keep_readable(Area area, std::int64_t& id_max);
  Result<Standing> standing_of(const Result<Counter>& counter, const VaultState& state) const;
  std::unexpected<Error> damaged() const;

  VaultPlace place_;
  store::Database database_;
  VaultKeys keys_;
  Layers layers_;
  Device device_;
  Standing standing_ = Standing::current;
  std::uint64_t n_lost_ = 0;
};

}  // namespace plmm::personal
