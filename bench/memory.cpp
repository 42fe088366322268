// A chat of ours and one of llama.cpp's, each asked for its peak by /proc.
#include "bench/memory.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "bench/own_program.h"

namespace plmm::bench {
namespace {

constexpr int kContext = 2048;
constexpr int kWords = 1900;  // one token each; template, system text and answer take the rest
constexpr int kAnswer = 16;
constexpr double kOverPeer = 1 / 0.7;

Result<double> own_peak(const Options& options, const ModelFile& file) {
  const auto plmm = TRY(OwnProgram::create(options));
  std::string turn;
  for (int i = 0; i < kWords; ++i) turn += i == 0 ? "the" : " the";
  std::uint64_t bytes = 0;
  for (int start = 0; start < 2; ++start) {  // a first start may leave something for the next ones
    auto chat =
        TRY(plmm.start({"chat", "--model", file.path.string(), "--context",
                        std::to_string(kContext), "--max-tokens", std::to_string(kAnswer)}));
    TRY(chat.send_line(turn));
    TRY(chat.read_line());  // of the answer, or that there is none
    bytes = TRY(status_bytes(chat.process(), "VmHWM"));
  }
  return static_cast<double>(bytes);
}

Result<double> peak_of_main_peer(const Options& options, const ModelFile& file) {
  auto peer = TRY(start_main_peer(options.n_threads));
  const auto before = TRY(status_bytes(peer.process(), "VmHWM"));
  TRY(peer.ask(fmt::format("memory {} {}", file.path.string(), kWords)));
  const auto bytes = TRY(status_bytes(peer.process(), "VmHWM"));
  return static_cast<double>(bytes - before);
}

}  // namespace

Result<std::uint64_t> status_bytes(pid_t process, std::string_view name) {
  std::ifstream file(fmt::format("/proc/{}/status", process));
  const std::string key = fmt::format("{}:", name);
  for (std::string word; file >> word;) {
    std::uint64_t kilobytes = 0;
    if (word == key && file >> kilobytes) return kilobytes * 1024;
  }
  return fail(ErrorCode::not_found, fmt::format("/proc/{}/status has no {}", process, name));
}

Result<Metric> memory_row(const Options& options, const ModelFile& file, PeerTeam& team) {
  std::error_code failed;
  const auto file_bytes = static_cast<double>(std::filesystem::file_size(file.path, failed));
  const double ours = TRY(own_peak(options, file));
  Metric out;
  out.name = "memory/" + file.name;
  out.value = ours / file_bytes;
  out.unit = "x file";
  out.better = Better::less;
  if (!team.peers().empty()) {
    const double theirs = TRY(peak_of_main_peer(options, file));
    out.peers.push_back({std::string(kMainPeer), theirs / file_bytes});
    out.goal = Goal{GoalKind::ratio_at_least, kOverPeer, std::string(kMainPeer)};
  }
  out.note = fmt::format("peak RSS {:.0f} MB, a chat of {} tokens", ours / 1e6, kContext);
  return out;
}

}  // namespace plmm::bench
