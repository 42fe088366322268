// Experts on other machines that this user has connected to: address, card and key, kept in files.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "apps/plmm/context.h"
#include "protocol/messages.h"

namespace plmm::cli {

/// data/experts-remote/NAME.json
struct Connected {
  std::string url;
  protocol::ExpertCard card;  // as it was at the first connection; its key is the one that counts
};

/// Sorted by name.
std::vector<std::string> connected_experts(const Context& context);
/// not_found when there is none of that name; corrupt_data for a damaged file.
Result<Connected> connected_expert(const Context& context, std::string_view name);

/// All experts that can be asked, here and connected, sorted; and the card of one of them.
std::vector<std::string> known_experts(const Context& context);
Result<protocol::ExpertCard> known_card(const Context& context, std::string_view name);

/// plmm expert connect URL, plmm expert forget NAME.
Result<ExitCode> connect_expert(Context& context);
Result<ExitCode> forget_expert(Context& context);

}  // namespace plmm::cli
