// Text found, and cut into windows.
#include "bench/suite_text.h"

#include <algorithm>
#include <span>

#include "base/file.h"
#include "bench/machine.h"
#include "bench/peer.h"

namespace plmm::bench {
namespace {

constexpr std::uint64_t kTextBytesMax = 64 << 20;
constexpr int kCharactersPerToken = 8;  // more than any of the models needs for English

}  // namespace

Result<std::string> suite_text(const Options& options, int n_tokens) {
  std::string out;
  for (const auto& path : options.data) {
    if (!out.empty()) out += "\n\n";
    out += TRY(read_file(path, kTextBytesMax));
  }
  if (!options.data.empty()) return out;
  const auto script = TRY(find_in_checkout("bench/peers/wiki_text.py"));
  const auto n_characters = std::to_string(kCharactersPerToken * n_tokens);
  auto maker = TRY(Peer::start("wiki_text.py", {"python3", script.string(), n_characters}));
  const auto path = maker.read_line();
  if (!path) {
    return fail(ErrorCode::offline, "the text of the suite cannot be had. Run: plmm bench " +
                                        options.suite + " --data FILE");
  }
  return read_file(*path, kTextBytesMax);
}

std::vector<Tokens> windows(const text::Tokenizer& tokenizer, std::string_view text, int n_tokens,
                            int width) {
  const Tokens all = tokenizer.encode(text, text::Special::plain);
  const std::size_t n = std::min(all.size(), static_cast<std::size_t>(n_tokens));
  const bool bos = tokenizer.add_bos() && tokenizer.bos().has_value();
  std::vector<Tokens> out;
  for (std::size_t first = 0; first < n;) {
    Tokens window;
    if (bos) window.push_back(*tokenizer.bos());
    const std::size_t taken = std::min(n - first, static_cast<std::size_t>(width) - window.size());
    for (const auto id : std::span(all).subspan(first, taken)) window.push_back(id);
    out.push_back(std::move(window));
    first += taken;
  }
  return out;
}

}  // namespace plmm::bench
