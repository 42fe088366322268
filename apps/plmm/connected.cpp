// plmm expert connect and forget; see connected.h.
#include "apps/plmm/connected.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "api/remote_expert.h"
#include "apps/plmm/experts.h"
#include "apps/plmm/terminal/format.h"
#include "base/file.h"
#include "crypto/hash.h"
#include "net/client.h"
#include "protocol/json.h"

namespace plmm::cli {
namespace {

constexpr std::uint64_t kFileBytesMax = 1 << 20;
constexpr std::size_t kKeyBytesShown = 8;  // enough to compare by eye

std::filesystem::path folder_of(const Context& context) {
  return context.paths.data / "experts-remote";
}

Result<std::filesystem::path> file_of(const Context& context, std::string_view name) {
  TRY(check_expert_name(name));
  return folder_of(context) / (std::string(name) + ".json");
}

Result<Connected> parse(const std::string& text, const std::filesystem::path& file) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  const auto damaged = [&] {
    return fail(ErrorCode::corrupt_data,
                file.string() + ": damaged. Remove it, then: plmm expert connect URL");
  };
  if (!json.is_object() || !json.contains("url") || !json["url"].is_string() ||
      !json.contains("card")) {
    return damaged();
  }
  Connected out;
  const auto url = net::service_url(json["url"].get<std::string>());
  const auto card = protocol::parse_card(json["card"].dump());
  if (!url || !card) return damaged();
  return Connected{*url, *card};
}

Result<> keep(const Context& context, const Connected& connected) {
  const auto file = TRY(file_of(context, connected.card.name));
  TRY(make_private_folder(file.parent_path()));
  const auto card = TRY(protocol::to_json(connected.card));
  const auto parsed = nlohmann::json::parse(card, nullptr, false);
  const nlohmann::json json{{"url", connected.url}, {"card", parsed}};
  return write_file_atomically(file, json.dump(2) + "\n");
}

void show(Console& console, const Connected& connected) {
  const auto& card = connected.card;
  const auto key = crypto::to_hex(std::span(card.public_key.bytes).first(kKeyBytesShown));
  console.note(fmt::format("connected: {}, {}", card.name, card.title));
  console.note(fmt::format("  about   {}", card.summary));
  console.note(fmt::format("  price   {} a question, {} and {} per 1,000 tokens in and out",
                           to_text(card.prices.per_request),
                           to_text(card.prices.per_1000_tokens_in),
                           to_text(card.prices.per_1000_tokens_out)));
  console.note(fmt::format("  key     {}…  (another key under this name will be refused)", key));
  console.note(fmt::format("Run: plmm ask --expert {} 'your question'", card.name));
}

}  // namespace

std::vector<std::string> connected_experts(const Context& context) {
  std::vector<std::string> out;
  std::error_code absent;
  for (const auto& entry : std::filesystem::directory_iterator(folder_of(context), absent)) {
    const auto name = entry.path().stem().string();
    if (entry.path().extension() == ".json" && protocol::is_name(name)) out.push_back(name);
  }
  std::ranges::sort(out);
  return out;
}

Result<Connected> connected_expert(const Context& context, std::string_view name) {
  const auto file = TRY(file_of(context, name));
  const auto text = read_file(file, kFileBytesMax);
  if (!text && text.error().code == ErrorCode::not_found) {
    return fail(ErrorCode::not_found,
                "there is no such expert. Run: plmm expert ls  (or: plmm expert create NAME "
                "--docs PATH, or: plmm expert connect URL)");
  }
  if (!text) return std::unexpected(text.error());
  return parse(*text, file);
}

std::vector<std::string> known_experts(const Context& context) {
  auto out = experts_here(context);
  for (auto& name : connected_experts(context)) out.push_back(std::move(name));
  std::ranges::sort(out);
  return out;
}

Result<protocol::ExpertCard> known_card(const Context& context, std::string_view name) {
  auto here = card_here(context, name);
  if (here || here.error().code != ErrorCode::not_found) return here;
  return TRY(connected_expert(context, name)).card;
}

Result<ExitCode> connect_expert(Context& context) {
  Connected connected;
  connected.url = TRY(net::service_url(context.arguments.text("NAME")));
  api::RemoteExpert expert(connected.url, std::nullopt);
  connected.card = TRY(expert.card());
  const auto& name = connected.card.name;
  const auto here = experts_here(context);
  if (std::ranges::find(here, name) != here.end()) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("an expert {} is on this machine; two of one name cannot be told "
                            "apart",
                            name));
  }
  const auto before = connected_expert(context, name);
  if (before && before->card.public_key != connected.card.public_key) {
    return fail(ErrorCode::corrupt_data,
                fmt::format("you know an expert {} with another key. If you trust the new one, "
                            "run: plmm expert forget {}",
                            name, name));
  }
  TRY(keep(context, connected));
  show(context.console, connected);
  return ExitCode::ok;
}

Result<ExitCode> forget_expert(Context& context) {
  const auto file = TRY(file_of(context, context.arguments.text("NAME")));
  std::error_code failed;
  if (std::filesystem::remove(file, failed)) {
    context.console.note("forgotten: its address and its key");
    return ExitCode::ok;
  }
  if (failed) return fail(ErrorCode::io, file.string() + ": " + failed.message());
  return fail(ErrorCode::not_found, "you are connected to no such expert. Run: plmm expert ls");
}

}  // namespace plmm::cli
