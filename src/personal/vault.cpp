// The vault's files, its state and the order in which they are written.
#include "personal/vault.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include "base/file.h"
#include "crypto/key_file.h"
#include "crypto/memory_dump.h"
#include "crypto/random.h"
#include "personal/unlocked_key.h"
#include "store/migrate.h"

namespace plmm::personal {
namespace {

namespace fs = std::filesystem;

constexpr std::array kMigrations{store::Migration{R"(
CREATE TABLE state (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  vault BLOB NOT NULL,
  counter INTEGER NOT NULL,
  sealed BLOB NOT NULL
) STRICT;
CREATE TABLE record (
  id INTEGER PRIMARY KEY,
  area INTEGER NOT NULL,
  version INTEGER NOT NULL,
  sealed BLOB NOT NULL
) STRICT;
CREATE INDEX record_area ON record (area);
)"},
                                 store::Migration{R"(
CREATE TABLE key (
  id INTEGER PRIMARY KEY,
  layers INTEGER NOT NULL,
  wrapped BLOB NOT NULL
) STRICT;
)"}};

/// A key made anew would hide that the old one is lost.
Result<> check_key_is_there(const VaultPlace& place) {
  std::error_code ignored;
  if (!fs::exists(place.database, ignored) || fs::exists(place.key, ignored)) return {};
  return fail(ErrorCode::not_found,
              place.key.string() +
                  ": the key of the vault is missing, and nothing else opens it. "
                  "Next: put the file back from a backup, or begin anew: "
                  "plmm vault wipe");
}

Result<std::optional<VaultId>> find_id(store::Database& database) {
  auto select = TRY(database.prepare("SELECT vault FROM state"));
  if (TRY(select.step()) == store::Step::done) return std::nullopt;
  VaultId id{};
  if (select.blob(0).size() != id.size()) {
    return fail(ErrorCode::corrupt_data, database.label() + ": the vault's id is damaged");
  }
  std::memcpy(id.data(), select.blob(0).data(), id.size());
  return id;
}

std::unexpected<Error> other_key(const VaultPlace& place) {
  return fail(ErrorCode::corrupt_data,
              place.database.string() + ": sealed with another key than " + place.key.string() +
                  ", or damaged. Next: put both files back from one backup, or begin anew: "
                  "plmm vault wipe");
}

Result<VaultKeys> open_keys(const WrappedKey& wrapped, const VaultId& id, const VaultPlace& place,
                            const crypto::KeyWrapper& device, const Opening& opening) {
  const auto explained = [&](Result<VaultKeys> keys) -> Result<VaultKeys> {
    if (keys || keys.error().code != ErrorCode::corrupt_data) return keys;
    return other_key(place);
  };
  if (wrapped.layers == Layers::device) return explained(unwrap_keys(wrapped, id, device, nullptr));
  if (!opening.asks_always) {
    if (auto keys = find_unlocked(place.unlocked, id, wrapped.id, device)) return std::move(*keys);
  }
  if (!opening.ask)
    return fail(ErrorCode::invalid_argument, "the vault is locked. Run: plmm vault unlock");
  for (int n_wrong = 0;; ++n_wrong) {
    const crypto::PassphraseWrapper passphrase(TRY(opening.ask(n_wrong)));
    auto keys = unwrap_keys(wrapped, id, device, &passphrase);
    if (keys || keys.error().code != ErrorCode::invalid_argument) return explained(std::move(keys));
  }
}

}  // namespace

VaultPlace vault_in(const fs::path& data_folder) {
  return {.database = data_folder / "vault" / "vault.db",
          .key = data_folder / "keys" / "device.key",
          .counter = data_folder / "keys" / "vault.counter"};
}

Vault::Vault(VaultPlace place, store::Database database, VaultKeys keys, Layers layers,
             Device device)
    : place_(std::move(place)),
      database_(std::move(database)),
      keys_(std::move(keys)),
      layers_(layers),
      device_(std::move(device)) {}

Result<crypto::SecretBytes> device_key(const VaultPlace& place) {
  TRY(make_private_folder(place.key.parent_path()));
  TRY(check_key_is_there(place));
  return crypto::load_or_create_key(place.key);
}

Result<Vault> Vault::open(const VaultPlace& place, const Opening& opening) {
  TRY(make_private_folder(place.database.parent_path()));
  TRY(make_private_folder(place.counter.parent_path()));
  crypto::forbid_memory_dumps();
  auto vault = TRY(begin(place, opening));
  const bool accepts = opening.old_copy == OldCopy::accept;
  // Only under a key that is surely the vault's may records that do not open be given up.
  const auto standing = vault.find_standing();
  if (!standing && !(accepts && vault.keys_.id() != 0)) return std::unexpected(standing.error());
  if (accepts) TRY(vault.accept());
  if (vault.keys_.id() != 0 || vault.standing_ != Standing::current) return vault;
  // Of format 1. What stops this, such as a full disk, stops nobody from reading.
  if (vault.rekey(nullptr)) return vault;
  vault = TRY(begin(place, opening));  // another process may have been faster
  TRY(vault.find_standing());
  return vault;
}

Result<Vault> Vault::begin(const VaultPlace& place, const Opening& opening) {
  Device device = opening.device;
  if (device == nullptr) {
    const auto key = TRY(device_key(place));
    device = std::make_shared<crypto::DeviceWrapper>(key);
  }
  auto database = TRY(store::Database::open(place.database));
  TRY(database.execute("PRAGMA secure_delete = ON"));
  TRY(store::migrate(database, kMigrations));
  if (!TRY(find_id(database))) TRY(make(place, database, device));
  const auto id = TRY(find_id(database));
  const auto wrapped = TRY(read_wrapped_key(database));
  if (!wrapped) {
    const auto key = TRY(device_key(place));
    return Vault(place, std::move(database), VaultKeys::of_device(key, *id), Layers::device,
                 std::move(device));
  }
  auto keys = TRY(open_keys(*wrapped, *id, place, *device, opening));
  return Vault(place, std::move(database), std::move(keys), wrapped->layers, std::move(device));
}

Result<> Vault::make(const VaultPlace& place, store::Database& database, const Device& device) {
  auto transaction = TRY(store::Transaction::begin(database));
  if (TRY(find_id(database))) return transaction.commit();  // another process was faster
  std::error_code ignored;
  if (fs::exists(place.counter, ignored)) {
    return fail(ErrorCode::not_found,
                place.database.string() +
                    ": the vault is missing or empty, but this device has had one. Next: put the "
                    "file back from a backup, or begin anew: plmm vault wipe");
  }
  VaultId id;
  crypto::random_bytes(id);
  const VaultKeys keys(VaultKeys::generate(nullptr), 1, id);
  TRY(write_wrapped_key(database, TRY(wrap_keys(keys, *device, nullptr))));
  VaultState state;
  state.counter = 1;
  const auto sealed = keys.seal(state);
  auto insert = TRY(database.prepare("INSERT INTO state VALUES (1, ?1, ?2, ?3)"));
  TRY(insert.run(std::span<const std::byte>(id), state.counter, std::span(sealed)));
  return transaction.commit();
}

Result<Lock> Vault::lock_of(const VaultPlace& place) {
  std::error_code ignored;
  if (!fs::exists(place.database, ignored)) return Lock::device;
  auto database = TRY(store::Database::open(place.database));
  TRY(store::migrate(database, kMigrations));
  const auto id = TRY(find_id(database));
  const auto wrapped = TRY(read_wrapped_key(database));
  if (!id || !wrapped || wrapped->layers == Layers::device) return Lock::device;
  const crypto::DeviceWrapper device(TRY(device_key(place)));
  return find_unlocked(place.unlocked, *id, wrapped->id, device) ? Lock::unlocked : Lock::locked;
}

Result<bool> Vault::lock(const VaultPlace& place) { return forget_unlocked(place.unlocked); }

Result<> Vault::erase(const VaultPlace& place) {
  TRY(lock(place));
  std::error_code ignored;
  if (fs::exists(place.database, ignored)) {
    // What the disk keeps of removed files opens with the wrapped key only. A damaged vault may
    // refuse, and goes all the same.
    if (auto database = store::Database::open(place.database)) {
      static_cast<void>(database->execute(
          "PRAGMA secure_delete = ON; DELETE FROM key; PRAGMA wal_checkpoint(TRUNCATE)"));
    }
  }
  for (const fs::path& path :
       {place.counter, place.database, fs::path(place.database.string() + "-wal"),
        fs::path(place.database.string() + "-shm")}) {
    std::error_code failed;
    fs::remove(path, failed);
    if (failed) return fail(ErrorCode::io, path.string() + ": " + failed.message());
  }
  return {};
}

Result<> Vault::find_standing() {
  // Twice where it looks old: another process may have made the vault and changed it in between.
  for (int attempt = 0; attempt < 2; ++attempt) {
    const auto counter = read_counter();  // before the state, which never lags behind it
    const VaultState state = TRY(read_state());
    standing_ = TRY(standing_of(counter, state));
    if (standing_ != Standing::current) continue;
    const Counter now = keys_.counter_of(state);
    if (counter && *counter == now) return {};
    return raise_counter(place_.counter, now, keys_.counter(), Raise::if_higher);
  }
  return {};
}

Result<> Vault::check_writable() const {
  const std::string name = place_.database.string();
  switch (standing_) {
    case Standing::current:
      return {};
    case Standing::older_copy:
      return fail(ErrorCode::invalid_argument,
                  name +
                      ": an older copy of the vault than this device has written, so it can "
                      "only be read. Next: put the newest copy back; if you restored this one "
                      "on purpose: plmm vault accept");
    case Standing::counter_lost:
      return fail(ErrorCode::invalid_argument,
                  place_.counter.string() +
                      ": missing or damaged, so nobody can tell whether the vault is the newest "
                      "copy, and it can only be read. Next: put the file back; if the vault shows "
                      "what you expect: plmm vault accept");
  }
  return {};
}

Result<std::vector<Record>> Vault::read(Area area) {
  const auto snapshot = TRY(store::Snapshot::begin(database_));
  const VaultState state = TRY(read_state());
  return read_area(state, area);
}

Result<Record> Vault::read_one(Area area, std::int64_t id) {
  const auto snapshot = TRY(store::Snapshot::begin(database_));
  TRY(read_state());
  auto select =
      TRY(database_.prepare("SELECT version, sealed FROM record WHERE id = ?1 AND area = ?2"));
  select.bind(id, static_cast<int>(area));
  if (TRY(select.step()) == store::Step::done)
    return fail(ErrorCode::not_found, "no record " + std::to_string(id) + " in the vault");
  auto content =
      keys_.open({area, id, static_cast<std::uint64_t>(select.int64(0))}, select.blob(1));
  if (!content) return damaged();
  return Record{id, Personal(std::move(*content))};
}

Result<> Vault::change(const std::function<Result<>(Edit&)>& work) {
  TRY(check_writable());
  auto transaction = TRY(store::Transaction::begin(database_));
  const VaultState before = TRY(read_state());
  standing_ = TRY(standing_of(read_counter(), before));
  TRY(check_writable());
  Edit edit(*this, before);
  TRY(work(edit));
  ++edit.state_.counter;
  TRY(write_state(edit.state_, keys_));
  TRY(transaction.commit());
  const auto raised = raise_counter(place_.counter, keys_.counter_of(edit.state_), keys_.counter(),
                                    Raise::if_higher);
  if (raised) return {};
  return fail(raised.error().code,
              "saved, but an older copy would not be noticed until the next "
              "change: " +
                  raised.error().what);
}

Result<Traces> Vault::clear_traces() {
  auto checkpoint = TRY(database_.prepare("PRAGMA wal_checkpoint(TRUNCATE)"));
  TRY(checkpoint.step());
  return checkpoint.int64(0) == 0 ? Traces::gone : Traces::until_others_close;
}

Result<VaultState> Vault::read_state() {
  auto select =
      TRY(database_.prepare("SELECT vault, counter, sealed, (SELECT max(id) FROM key) FROM state"));
  if (TRY(select.step()) == store::Step::done) return damaged();
  if (static_cast<std::uint64_t>(select.int64(3)) != keys_.id()) {
    return fail(ErrorCode::invalid_argument,
                place_.database.string() +
                    ": another plmm gave the vault a new key. Next: start this one again");
  }
  if (!std::ranges::equal(select.blob(0), keys_.vault())) return damaged();
  auto state = keys_.open_state(static_cast<std::uint64_t>(select.int64(1)), select.blob(2));
  if (state) return state;
  // Format 1 has no wrapped key that would have told another device's apart before.
  return keys_.id() == 0 ? other_key(place_) : damaged();
}

Result<> Vault::write_state(const VaultState& state, const VaultKeys& keys) {
  const auto sealed = keys.seal(state);
  auto update = TRY(database_.prepare("UPDATE state SET counter = ?1, sealed = ?2"));
  return update.run(state.counter, std::span(sealed));
}

Result<AreaSum> Vault::walk(Area area, const std::function<Result<>(const Stored&)>& visit) {
  auto select =
      TRY(database_.prepare("SELECT id, version, sealed FROM record WHERE area = ?1 ORDER BY id"));
  select.bind(static_cast<int>(area));
  AreaSum sum;
  while (TRY(select.step()) == store::Step::row) {
    const RecordPlace place{area, select.int64(0), static_cast<std::uint64_t>(select.int64(1))};
    const auto sealed = select.blob(2);
    auto content = keys_.open(place, sealed);
    sum.add(keys_.digest(place, sealed));
    TRY(visit({place, sealed, content ? &*content : nullptr}));
  }
  return sum;
}

Result<std::vector<Record>> Vault::read_area(const VaultState& state, Area area) {
  std::vector<Record> out;
  const AreaSum sum = TRY(walk(area, [&](const Stored& stored) -> Result<> {
    if (stored.content == nullptr) return damaged();
    out.push_back({stored.place.id, Personal(std::move(*stored.content))});
    return {};
  }));
  if (sum != state.sum(area)) return damaged();
  return out;
}

Result<Standing> Vault::standing_of(const Result<Counter>& counter, const VaultState& state) const {
  if (!counter) {
    if (counter.error().code == ErrorCode::io) return std::unexpected(counter.error());
    // Stopped between making the vault and making its counter: nothing is in it yet.
    const bool is_new = counter.error().code == ErrorCode::not_found && state.counter == 1;
    return is_new ? Standing::current : Standing::counter_lost;
  }
  if (counter->vault != keys_.vault() || counter->value > state.counter)
    return Standing::older_copy;
  // A database that is ahead was written by a process that was stopped before the counter.
  const bool same = counter->value < state.counter || *counter == keys_.counter_of(state);
  return same ? Standing::current : Standing::older_copy;
}

std::unexpected<Error> Vault::damaged() const {
  return fail(ErrorCode::corrupt_data,
              place_.database.string() +
                  ": damaged, or changed by something other than plmm. Next: put the file back "
                  "from a backup, or go on with what can be read: plmm vault accept");
}

Result<std::vector<Record>> Edit::read(Area area) { return vault_->read_area(state_, area); }

Result<std::vector<std::byte>> Edit::seal(const RecordPlace& place,
                                          const Personal<std::string>& content) {
  const std::string& plain = content.reveal(Purpose::seal);
  if (plain.size() > kRecordBytesMax) {
    return fail(ErrorCode::limit_exceeded, "a record of the vault has at most " +
                                               std::to_string(kRecordBytesMax) + " bytes, this " +
                                               std::to_string(plain.size()));
  }
  auto sealed = vault_->keys_.seal(place, plain);
  state_.sum(place.area).add(vault_->keys_.digest(place, sealed));
  return sealed;
}

Result<std::int64_t> Edit::add(Area area, const Personal<std::string>& content) {
  const auto id = static_cast<std::int64_t>(state_.next_id);
  TRY(add_as(area, id, content));
  return id;
}

Result<> Edit::add_as(Area area, std::int64_t id, const Personal<std::string>& content) {
  if (id < 1 || id == INT64_MAX)
    return fail(ErrorCode::invalid_argument, "no record has the id " + std::to_string(id));
  const auto sealed = TRY(seal({area, id, 1}, content));
  auto insert = TRY(vault_->database_.prepare("INSERT INTO record VALUES (?1, ?2, 1, ?3)"));
  TRY(insert.run(id, static_cast<int>(area), std::span(sealed)));
  state_.next_id = std::max(state_.next_id, static_cast<std::uint64_t>(id) + 1);
  return {};
}

Result<> Edit::replace(Area area, std::int64_t id, const Personal<std::string>& content) {
  const std::uint64_t version = TRY(take_out(area, id)) + 1;
  const auto sealed = TRY(seal({area, id, version}, content));
  auto update =
      TRY(vault_->database_.prepare("UPDATE record SET version = ?2, sealed = ?3 WHERE id = ?1"));
  return update.run(id, version, std::span(sealed));
}

Result<> Edit::remove(Area area, std::int64_t id) {
  TRY(take_out(area, id));
  auto statement = TRY(vault_->database_.prepare("DELETE FROM record WHERE id = ?1"));
  return statement.run(id);
}

Result<std::uint64_t> Edit::take_out(Area area, std::int64_t id) {
  auto select = TRY(
      vault_->database_.prepare("SELECT version, sealed FROM record WHERE id = ?1 AND area = ?2"));
  select.bind(id, static_cast<int>(area));
  if (TRY(select.step()) == store::Step::done) {
    return fail(ErrorCode::not_found, "no record " + std::to_string(id) + " in the vault");
  }
  const RecordPlace place{area, id, static_cast<std::uint64_t>(select.int64(0))};
  if (!vault_->keys_.open(place, select.blob(1))) return vault_->damaged();
  state_.sum(area).subtract(vault_->keys_.digest(place, select.blob(1)));
  return place.version;
}

}  // namespace plmm::personal
