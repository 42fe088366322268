// Facts that are found beside those that are there; see noting.h.
#include "personal/noting.h"

#include <algorithm>
#include <span>
#include <string>
#include <string_view>

#include "personal/fact_record.h"
#include "personal/local_signs.h"
#include "personal/noticing.h"

namespace plmm::personal {
namespace {

bool holds_one(Slot slot) {
  return slot == Slot::name || slot == Slot::place || slot == Slot::origin || slot == Slot::age ||
         slot == Slot::work || slot == Slot::workplace;
}

std::optional<Slot> opposite(Slot slot) {
  if (slot == Slot::likes) return Slot::dislikes;
  if (slot == Slot::dislikes) return Slot::likes;
  return std::nullopt;
}

/// In lower case between single spaces.
std::string words_in(const Fact& fact) { return to_words(fact.value.reveal(Purpose::compare)); }

class Noting {
 public:
  Noting(Edit& edit, const Turn& turn, std::vector<Fact> facts)
      : edit_(edit), turn_(turn), facts_(std::move(facts)) {}

  Result<Noted> run(std::span<const Noticed> noticed) {
    const std::string& said = turn_.said.reveal(Purpose::compare);
    for (const Noticed& one : noticed) {
      auto fact = fact_of(one, said);
      if (!fact) continue;
      if (one.ended) {
        TRY(end_where([&](const Fact& old) {
          return old.slot == fact->slot && words_in(old) == words_in(*fact);
        }));
      } else {
        TRY(add(std::move(*fact)));
      }
    }
    TRY(drop_oldest_former());
    return std::move(out_);
  }

 private:
  /// Nothing where the value is none that a profile takes.
  std::optional<Fact> fact_of(const Noticed& one, const std::string& said) const {
    const auto value =
        clean_value(Personal(said.substr(one.value.begin, one.value.end - one.value.begin)));
    if (!value) return std::nullopt;
    Fact out;
    out.slot = one.slot;
    out.value = *value;
    out.since_ms = turn_.time_ms;
    out.source.turn = turn_.id;
    out.source.begin = static_cast<std::int64_t>(one.quote.begin);
    out.source.end = static_cast<std::int64_t>(one.quote.end);
    out.source.quote = Personal(said.substr(one.quote.begin, one.quote.end - one.quote.begin));
    return out;
  }

  template <class IsMeant>
  Result<> end_where(const IsMeant& is_meant) {
    for (Fact& old : facts_) {
      if (!old.holds() || !is_meant(old)) continue;
      old.until_ms = std::max(turn_.time_ms, std::int64_t{1});
      TRY(edit_.replace(Area::profile, old.id, encode_fact(old)));
      out_.ended.push_back(old);
    }
    return {};
  }

  Result<> add(Fact fact) {
    const std::string words = words_in(fact);
    const bool is_known = std::ranges::any_of(facts_, [&](const Fact& old) {
      return old.holds() && old.slot == fact.slot && words_in(old).contains(words);
    });
    if (is_known) return {};
    TRY(end_where([&](const Fact& old) {
      if (old.slot != fact.slot) return opposite(old.slot) == fact.slot && words_in(old) == words;
      return holds_one(fact.slot) || (old.was_noticed() && words.contains(words_in(old)));
    }));
    if (!TRY(make_room(fact.slot))) return {};
    fact.id = TRY(edit_.add(Area::profile, encode_fact(fact)));
    out_.added.push_back(fact);
    facts_.push_back(std::move(fact));
    return {};
  }

  /// False: the slot is full of what was set by hand.
  Result<bool> make_room(Slot slot) {
    std::size_t n_values = 0;
    const Fact* oldest = nullptr;
    for (const Fact& fact : facts_) {
      if (fact.slot != slot || !fact.holds()) continue;
      ++n_values;
      if (fact.was_noticed() && (oldest == nullptr || fact.id < oldest->id)) oldest = &fact;
    }
    if (n_values < kValuesMax) return true;
    if (oldest == nullptr) return false;
    const std::int64_t id = oldest->id;
    TRY(end_where([&](const Fact& old) { return old.id == id; }));
    return true;
  }

  Result<> drop_oldest_former() {
    std::vector<const Fact*> former;
    for (const Fact& fact : facts_) {
      if (!fact.holds()) former.push_back(&fact);
    }
    std::ranges::sort(former, {}, [](const Fact* fact) { return fact->until_ms; });
    for (std::size_t i = 0; i + kFormerMax < former.size(); ++i)
      TRY(edit_.remove(Area::profile, former[i]->id));
    return {};
  }

  Edit& edit_;
  const Turn& turn_;
  std::vector<Fact> facts_;
  Noted out_;
};

}  // namespace

Result<Noted> note_facts(Vault& vault, const Turn& turn) {
  Noted out;
  const auto noticed = notice(turn.said.reveal(Purpose::compare));
  if (noticed.empty()) return out;
  TRY(vault.change([&](Edit& edit) -> Result<> {
    out = TRY(Noting(edit, turn, TRY(read_facts(edit))).run(noticed));
    return {};
  }));
  return out;
}

}  // namespace plmm::personal
