// Fuzz entry of the journal's commands; what is accepted has exactly one encoding.
#include <algorithm>

#include "base/check.h"
#include "economy/command.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  const auto body = plmm::economy::decode(bytes);
  if (!body) {
    plmm::fuzz::note(body.error().what);
    return -1;
  }
  plmm::fuzz::note(std::to_string(body->index()));
  CHECK(std::ranges::equal(plmm::economy::encode(*body), bytes));
  return 0;
}

std::vector<std::string> plmm::fuzz::seeds() {
  const ledger::Transfer transfer{.id = {{1, 2}}, .debit = {.holder = {{3, 4}}}, .amount = {5}};
  std::vector<std::string> out;
  for (const economy::CommandBody& body :
       {economy::CommandBody(economy::OpenAccount{}), economy::CommandBody(economy::Expire{}),
        economy::CommandBody(economy::Chain{{transfer}}),
        economy::CommandBody(economy::Chain{{transfer, transfer}})}) {
    const std::vector<std::byte> bytes = economy::encode(body);
    out.emplace_back(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  return out;
}
