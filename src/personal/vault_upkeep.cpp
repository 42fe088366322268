// What goes through every record of a vault: checking, going on without what is damaged, a new key.
#include <algorithm>
#include <utility>

#include "personal/unlocked_key.h"
#include "personal/vault.h"

namespace plmm::personal {

Result<std::vector<AreaCheck>> Vault::check() {
  const auto snapshot = TRY(store::Snapshot::begin(database_));
  const VaultState state = TRY(read_state());
  std::vector<AreaCheck> out;
  for (const Area area : kAreas) {
    AreaCheck found{.area = area};
    const AreaSum sum = TRY(walk(area, [&](const Stored& stored) -> Result<> {
      ++found.n_records;
      if (stored.content == nullptr) ++found.n_unreadable;
      return {};
    }));
    found.is_whole = found.n_unreadable == 0 && sum == state.sum(area);
    out.push_back(found);
  }
  return out;
}

Result<AreaSum> Vault::keep_readable(Area area, std::int64_t& id_max) {
  AreaSum sum;
  std::vector<std::int64_t> lost;
  TRY(walk(area, [&](const Stored& stored) -> Result<> {
    id_max = std::max(id_max, stored.place.id);
    if (stored.content == nullptr) {
      lost.push_back(stored.place.id);
    } else {
      sum.add(keys_.digest(stored.place, stored.sealed));
    }
    return {};
  }));
  auto remove = TRY(database_.prepare("DELETE FROM record WHERE id = ?1"));
  for (const std::int64_t id : lost) TRY(remove.run(id));
  n_lost_ += lost.size();
  return sum;
}

Result<> Vault::accept() {
  auto transaction = TRY(store::Transaction::begin(database_));
  const auto counter = read_counter();
  const auto before = read_state();
  if (!before && before.error().code != ErrorCode::corrupt_data)
    return std::unexpected(before.error());
  VaultState state = before ? *before : VaultState();
  state.counter = std::max(state.counter, counter ? counter->value : 0) + 1;
  std::int64_t id_max = 0;
  for (const Area area : kAreas) state.sum(area) = TRY(keep_readable(area, id_max));
  state.next_id = std::max(state.next_id, static_cast<std::uint64_t>(id_max) + 1);
  TRY(write_state(state, keys_));
  TRY(transaction.commit());
  standing_ = Standing::current;
  return raise_counter(place_.counter, keys_.counter_of(state), keys_.counter(), Raise::always);
}

Result<AreaSum> Vault::reseal(const VaultState& state, Area area, const VaultKeys& keys) {
  // The ids first: what is read is not changed meanwhile.
  std::vector<RecordPlace> places;
  const AreaSum before = TRY(walk(area, [&](const Stored& stored) -> Result<> {
    if (stored.content == nullptr) return damaged();
    places.push_back(stored.place);
    return {};
  }));
  if (before != state.sum(area)) return damaged();
  auto select = TRY(database_.prepare("SELECT sealed FROM record WHERE id = ?1"));
  auto update = TRY(database_.prepare("UPDATE record SET sealed = ?2 WHERE id = ?1"));
  AreaSum sum;
  for (const RecordPlace& place : places) {
    select.bind(place.id);
    if (TRY(select.step()) == store::Step::done) return damaged();
    auto content = TRY(keys_.open(place, select.blob(0)));
    select.reset();
    const auto sealed = keys.seal(place, content);
    crypto::wipe(std::as_writable_bytes(std::span(content)));
    sum.add(keys.digest(place, sealed));
    TRY(update.run(place.id, std::span(sealed)));
  }
  return sum;
}

Result<> Vault::rekey(const crypto::KeyWrapper* passphrase) {
  TRY(check_writable());
  VaultKeys keys(VaultKeys::generate(&keys_), keys_.id() + 1, keys_.vault());
  // Before anybody else has to wait: a passphrase takes its time.
  const WrappedKey wrapped = TRY(wrap_keys(keys, *device_, passphrase));
  auto transaction = TRY(store::Transaction::begin(database_));
  VaultState state = TRY(read_state());
  standing_ = TRY(standing_of(read_counter(), state));
  TRY(check_writable());
  VaultState after = state;
  for (const Area area : kAreas) after.sum(area) = TRY(reseal(state, area, keys));
  ++after.counter;
  TRY(write_wrapped_key(database_, wrapped));
  TRY(write_state(after, keys));
  TRY(transaction.commit());
  keys_ = std::move(keys);
  layers_ = wrapped.layers;
  TRY(forget_unlocked(place_.unlocked));
  TRY(raise_counter(place_.counter, keys_.counter_of(after), keys_.counter(), Raise::if_higher));
  TRY(clear_traces());  // the old key, and what was sealed under it
  return {};
}

Result<> Vault::keep_unlocked() const {
  if (layers_ == Layers::device) {
    return fail(ErrorCode::invalid_argument,
                "the vault has no passphrase, so there is nothing to unlock. Run: plmm vault "
                "passwd  to give it one");
  }
  return personal::keep_unlocked(place_.unlocked, keys_, *device_);
}

}  // namespace plmm::personal
