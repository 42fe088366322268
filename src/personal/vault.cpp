// The vault's files, its state and the order in which they are written.
#include "personal/vault.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include "base/file.h"
#include "crypto/aead.h"
#include "crypto/hash.h"
#include "crypto/key_file.h"
#include "crypto/random.h"
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
)"}};

/// A key made anew would hide that the old one is lost.
Result<> check_key_is_there(const VaultPlace& place) {
  std::error_code ignored;
  if (!fs::exists(place.database, ignored) || fs::exists(place.key, ignored)) return {};
  return fail(ErrorCode::not_found,
              place.key.string() +
                  ": the key of the vault is missing, and nothing else opens it. "
                  "Next: put the file back from a backup, or begin anew: "
                  "plmm vault erase");
}

/// A transaction that only reads: all statements within see one state.
class Snapshot {
 public:
  static Result<Snapshot> begin(store::Database& database) {
    TRY(database.execute("BEGIN"));
    return Snapshot(database);
  }
  Snapshot(Snapshot&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  Snapshot& operator=(Snapshot&&) = delete;
  ~Snapshot() {
    if (database_ != nullptr) static_cast<void>(database_->execute("ROLLBACK"));
  }

 private:
  explicit Snapshot(store::Database& database) : database_(&database) {}
  store::Database* database_;
};

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

}  // namespace

VaultPlace vault_in(const fs::path& data_folder) {
  return {data_folder / "vault" / "vault.db", data_folder / "keys" / "device.key",
          data_folder / "keys" / "vault.counter"};
}

Vault::Vault(VaultPlace place, store::Database database, VaultId id, Keys keys)
    : place_(std::move(place)), database_(std::move(database)), id_(id), keys_(std::move(keys)) {}

Result<crypto::SecretBytes> device_key(const VaultPlace& place) {
  TRY(make_private_folder(place.key.parent_path()));
  TRY(check_key_is_there(place));
  return crypto::load_or_create_key(place.key);
}

Result<Vault> Vault::open(const VaultPlace& place, OldCopy old_copy) {
  TRY(make_private_folder(place.database.parent_path()));
  TRY(make_private_folder(place.counter.parent_path()));
  const auto key = TRY(device_key(place));
  auto database = TRY(store::Database::open(place.database));
  TRY(database.execute("PRAGMA secure_delete = ON"));
  TRY(store::migrate(database, kMigrations));
  auto vault = TRY(begin(place, key, std::move(database)));
  TRY(vault.check_all());
  if (vault.standing_ != Standing::current && old_copy == OldCopy::accept) TRY(vault.accept());
  return vault;
}

Result<Vault> Vault::begin(const VaultPlace& place, const crypto::SecretBytes& device_key,
                           store::Database database) {
  auto id = TRY(find_id(database));
  const auto make = [&](const VaultId& of) {
    return Vault(place, std::move(database), of,
                 {.seal = derive_key(device_key, "plmm vault seal 1", of),
                  .sum = derive_key(device_key, "plmm vault sum 1", of),
                  .counter = derive_key(device_key, "plmm vault counter 1", {})});
  };
  if (id) return make(*id);
  auto transaction = TRY(store::Transaction::begin(database));
  id = TRY(find_id(database));  // another process may have been faster
  if (id) {
    TRY(transaction.commit());
    return make(*id);
  }
  std::error_code ignored;
  if (fs::exists(place.counter, ignored)) {
    return fail(ErrorCode::not_found,
                place.database.string() +
                    ": the vault is missing or empty, but this device has had one. Next: put the "
                    "file back from a backup, or begin anew: plmm vault erase");
  }
  id.emplace();
  crypto::random_bytes(*id);
  VaultState state;
  state.counter = 1;
  auto insert = TRY(database.prepare("INSERT INTO state VALUES (1, ?1, 0, x'')"));
  TRY(insert.run(std::span<const std::byte>(*id)));
  const auto seal_key = derive_key(device_key, "plmm vault seal 1", *id);
  const std::string where = state_place(*id, state.counter);
  const auto sealed = crypto::seal(seal_key, bytes_of(encode(state)), {bytes_of(where)});
  auto update = TRY(database.prepare("UPDATE state SET counter = ?1, sealed = ?2"));
  TRY(update.run(state.counter, std::span<const std::byte>(sealed)));
  TRY(transaction.commit());
  return make(*id);
}

Result<> Vault::erase(const VaultPlace& place) {
  for (const fs::path& path :
       {place.counter, place.database, fs::path(place.database.string() + "-wal"),
        fs::path(place.database.string() + "-shm")}) {
    std::error_code failed;
    fs::remove(path, failed);
    if (failed) return fail(ErrorCode::io, path.string() + ": " + failed.message());
  }
  return {};
}

Result<> Vault::check_all() {
  // Twice where it looks old: another process may have made the vault and changed it in between.
  for (int attempt = 0; attempt < 2; ++attempt) {
    const auto counter = read_counter();  // before the state, which never lags behind it
    VaultState state;
    {
      const auto snapshot = TRY(Snapshot::begin(database_));
      state = TRY(read_state());
      for (const Area area : kAreas) TRY(read_area(state, area));
    }
    standing_ = TRY(find_standing(counter, state));
    if (standing_ == Standing::current) {
      if (counter && *counter == counter_of(state)) return {};
      return raise_counter(place_.counter, counter_of(state), keys_.counter, Raise::if_higher);
    }
  }
  return {};
}

Result<> Vault::accept() {
  auto transaction = TRY(store::Transaction::begin(database_));
  const auto counter = read_counter();
  VaultState state = TRY(read_state());
  state.counter = std::max(state.counter, counter ? counter->value : 0) + 1;
  TRY(write_state(state));
  TRY(transaction.commit());
  standing_ = Standing::current;
  return raise_counter(place_.counter, counter_of(state), keys_.counter, Raise::always);
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
  const auto snapshot = TRY(Snapshot::begin(database_));
  const VaultState state = TRY(read_state());
  return read_area(state, area);
}

Result<> Vault::change(const std::function<Result<>(Edit&)>& work) {
  TRY(check_writable());
  auto transaction = TRY(store::Transaction::begin(database_));
  const VaultState before = TRY(read_state());
  standing_ = TRY(find_standing(read_counter(), before));
  TRY(check_writable());
  Edit edit(*this, before);
  TRY(work(edit));
  ++edit.state_.counter;
  TRY(write_state(edit.state_));
  TRY(transaction.commit());
  const auto raised =
      raise_counter(place_.counter, counter_of(edit.state_), keys_.counter, Raise::if_higher);
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
  auto select = TRY(database_.prepare("SELECT vault, counter, sealed FROM state"));
  if (TRY(select.step()) == store::Step::done) return damaged();
  const auto counter = static_cast<std::uint64_t>(select.int64(1));
  if (!std::ranges::equal(select.blob(0), id_)) return damaged();
  const std::string where = state_place(id_, counter);
  const auto plain = crypto::open(keys_.seal, select.blob(2), {bytes_of(where)});
  if (!plain) {
    return fail(ErrorCode::corrupt_data,
                place_.database.string() + ": sealed with another key than " + place_.key.string() +
                    ", or damaged. Next: put both files back from one backup, or begin anew: "
                    "plmm vault erase");
  }
  return decode(*plain, counter);
}

Result<> Vault::write_state(const VaultState& state) {
  const std::string where = state_place(id_, state.counter);
  const auto sealed = crypto::seal(keys_.seal, bytes_of(encode(state)), {bytes_of(where)});
  auto update = TRY(database_.prepare("UPDATE state SET counter = ?1, sealed = ?2"));
  return update.run(state.counter, std::span<const std::byte>(sealed));
}

Result<std::vector<Record>> Vault::read_area(const VaultState& state, Area area) {
  auto select =
      TRY(database_.prepare("SELECT id, version, sealed FROM record WHERE area = ?1 ORDER BY id"));
  select.bind(static_cast<int>(area));
  std::vector<Record> out;
  AreaSum sum;
  while (TRY(select.step()) == store::Step::row) {
    const std::int64_t id = select.int64(0);
    const auto version = static_cast<std::uint64_t>(select.int64(1));
    const std::string where = record_place(id_, area, id, version);
    const auto padded = crypto::open(keys_.seal, select.blob(2), {bytes_of(where)});
    if (!padded) return damaged();
    sum.add(digest_of(area, id, version, select.blob(2)));
    out.push_back({id, Personal(TRY(unpad(*padded)))});
  }
  if (sum != state.sum(area)) return damaged();
  return out;
}

crypto::Digest Vault::digest_of(Area area, std::int64_t id, std::uint64_t version,
                                std::span<const std::byte> sealed) const {
  crypto::KeyedHash hash(keys_.sum);
  const std::string where = record_place(id_, area, id, version);  // its length never varies
  hash.update(bytes_of(where));
  hash.update(sealed);
  return std::move(hash).finish();
}

Result<Standing> Vault::find_standing(const Result<Counter>& counter,
                                      const VaultState& state) const {
  if (!counter) {
    if (counter.error().code == ErrorCode::io) return std::unexpected(counter.error());
    // Stopped between making the vault and making its counter: nothing is in it yet.
    const bool is_new = counter.error().code == ErrorCode::not_found && state.counter == 1;
    return is_new ? Standing::current : Standing::counter_lost;
  }
  if (counter->vault != id_ || counter->value > state.counter) return Standing::older_copy;
  // A database that is ahead was written by a process that was stopped before the counter.
  const bool same = counter->value < state.counter || *counter == counter_of(state);
  return same ? Standing::current : Standing::older_copy;
}

Counter Vault::counter_of(const VaultState& state) const {
  const std::string where = state_place(id_, state.counter);
  return {id_, state.counter, crypto::keyed_hash(keys_.sum, bytes_of(where + encode(state)))};
}

std::unexpected<Error> Vault::damaged() const {
  return fail(ErrorCode::corrupt_data,
              place_.database.string() +
                  ": damaged, or changed by something other than plmm. Next: put the file back "
                  "from a backup, or begin anew: plmm vault erase");
}

Result<std::vector<Record>> Edit::read(Area area) { return vault_->read_area(state_, area); }

Result<std::vector<std::byte>> Edit::seal(Area area, std::int64_t id, std::uint64_t version,
                                          const Personal<std::string>& content) {
  const std::string& plain = content.reveal(Purpose::seal);
  if (plain.size() > kRecordBytesMax) {
    return fail(ErrorCode::limit_exceeded, "a record of the vault has at most " +
                                               std::to_string(kRecordBytesMax) + " bytes, this " +
                                               std::to_string(plain.size()));
  }
  const std::string where = record_place(vault_->id_, area, id, version);
  std::string padded = pad(plain);
  auto sealed = crypto::seal(vault_->keys_.seal, bytes_of(padded), {bytes_of(where)});
  crypto::wipe(std::as_writable_bytes(std::span(padded)));
  state_.sum(area).add(vault_->digest_of(area, id, version, sealed));
  return sealed;
}

Result<std::int64_t> Edit::add(Area area, const Personal<std::string>& content) {
  const auto id = static_cast<std::int64_t>(state_.next_id);
  const auto sealed = TRY(seal(area, id, 1, content));
  auto insert = TRY(vault_->database_.prepare("INSERT INTO record VALUES (?1, ?2, 1, ?3)"));
  TRY(insert.run(id, static_cast<int>(area), std::span<const std::byte>(sealed)));
  ++state_.next_id;
  return id;
}

Result<> Edit::replace(Area area, std::int64_t id, const Personal<std::string>& content) {
  const std::uint64_t version = TRY(take_out(area, id)) + 1;
  const auto sealed = TRY(seal(area, id, version, content));
  auto update =
      TRY(vault_->database_.prepare("UPDATE record SET version = ?2, sealed = ?3 WHERE id = ?1"));
  return update.run(id, version, std::span<const std::byte>(sealed));
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
  const auto version = static_cast<std::uint64_t>(select.int64(0));
  const std::string where = record_place(vault_->id_, area, id, version);
  if (!crypto::open(vault_->keys_.seal, select.blob(1), {bytes_of(where)})) {
    return vault_->damaged();
  }
  state_.sum(area).subtract(vault_->digest_of(area, id, version, select.blob(1)));
  return version;
}

}  // namespace plmm::personal
