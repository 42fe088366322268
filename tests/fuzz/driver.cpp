// Runs a fuzz entry on seeded mutations of its seeds, or replays files. Replaces libFuzzer where
// only g++ is at hand.
//   foo_fuzz [--executions N] [--seed S]  exit 0: nothing broke
//   foo_fuzz FILE…                         runs each file once
// An input that breaks the entry is written to crash-TARGET.bin in the folder for temporary files.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_set>

#include "base/file.h"
#include "base/rng.h"
#include "fuzz/fuzz.h"

// Sanitizers end the process by abort(), so that one signal handler saves the input. One allocation
// of 64 MiB has nothing to do with inputs of a few kilobytes, so it counts as a failure.
extern "C" [[gnu::used]] const char* __asan_default_options() {
  return "abort_on_error=1:max_allocation_size_mb=64";
}
extern "C" [[gnu::used]] const char* __ubsan_default_options() {
  return "abort_on_error=1:print_stacktrace=1";
}

namespace plmm::fuzz {
namespace {

constexpr std::size_t kInputBytesMax = 1 << 14;
constexpr std::size_t kPoolMax = 1024;  // seeds and kept inputs; beyond it the oldest kept ones go
constexpr std::uint64_t kKeepAcceptedOneIn = 64;
constexpr std::uint64_t kExecutionsPerAlarm = 64;
constexpr std::uint64_t kExecutions = 15'000;  // of each entry in ./run test
constexpr unsigned kSecondsPerAlarm = 60;  // for 64 executions: an input that hangs ends the run

// The signal handler reads these.
std::string current_input;
std::string crash_path;

std::unordered_set<std::size_t> outcomes;  // hashes of what note() heard

/// Only calls that are allowed inside a signal handler.
void save_input() {
  const int fd = ::open(crash_path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return;
  const ssize_t n = ::write(fd, current_input.data(), current_input.size());
  ::close(fd);
  constexpr std::string_view kText = "input saved as ";
  if (n < 0 || ::write(2, kText.data(), kText.size()) < 0 ||
      ::write(2, crash_path.data(), crash_path.size()) < 0 || ::write(2, "\n", 1) < 0) {
    return;
  }
}

void on_signal(int signal) {
  save_input();
  ::_exit(128 + signal);
}

void catch_crashes(std::string_view target) {
  crash_path = std::filesystem::temp_directory_path() / ("crash-" + std::string(target) + ".bin");
  current_input.reserve(kInputBytesMax);
  for (const int signal : {SIGABRT, SIGALRM}) std::signal(signal, on_signal);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL}) std::signal(signal, on_signal);
#endif  // with a sanitizer they are its own: it reports, then aborts
}

class Mutator {
 public:
  explicit Mutator(Rng& rng) : rng_(rng) {}

  std::string splice(const std::string& a, const std::string& b) {
    return a.substr(0, position(a)) + b.substr(position(b));
  }

  void mutate(std::string& s) {
    if (s.empty()) s.push_back(static_cast<char>(rng_.next()));
    const std::size_t at = rng_.below(s.size());
    switch (rng_.below(9)) {
      case 0:
        s[at] = static_cast<char>(s[at] ^ (1 << rng_.below(8)));
        break;
      case 1:
        s[at] = static_cast<char>(rng_.next());
        break;
      case 2:
        overwrite(s, at, interesting());
        break;
      case 3:
        nudge(s, at);
        break;
      case 4:
        s.insert(at, 1 + rng_.below(16), static_cast<char>(rng_.next()));
        break;
      case 5:
        s.erase(at, 1 + rng_.below(1U << rng_.below(8)));
        break;
      case 6:
        s.insert(position(s), s.substr(at, 1 + rng_.below(64)));
        break;
      case 7:
        move_chunk(s, at);
        break;
      default:
        s.resize(rng_.below(4) == 0 ? at : s.size() + rng_.below(64));
        break;
    }
  }

 private:
  std::size_t position(const std::string& s) { return rng_.below(s.size() + 1); }

  /// A number that lies on an edge of some type, or near one.
  std::uint64_t interesting() {
    static constexpr std::array<std::uint64_t, 12> kEdges{
        0,      1,          0x7F,       0x80,        0xFF,        0x7FFF,
        0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 1ULL << 61U, 1ULL << 63U, ~0ULL};
    if (rng_.below(3) == 0) return 1ULL << rng_.below(64);
    return kEdges[rng_.below(kEdges.size())] + rng_.below(3) - 1;
  }

  std::size_t width(const std::string& s, std::size_t at) {
    return std::min<std::size_t>(1U << rng_.below(4), s.size() - at);
  }
  void overwrite(std::string& s, std::size_t at, std::uint64_t value) {
    std::memcpy(s.data() + at, &value, width(s, at));
  }
  /// Adds a small number to a little-endian integer.
  void nudge(std::string& s, std::size_t at) {
    const std::size_t n = width(s, at);
    std::uint64_t value = 0;
    std::memcpy(&value, s.data() + at, n);
    value += rng_.below(33) - 16;
    std::memcpy(s.data() + at, &value, n);
  }
  void move_chunk(std::string& s, std::size_t at) {
    const std::string chunk = s.substr(at, 1 + rng_.below(64));
    const std::size_t to = rng_.below(s.size());
    s.replace(to, std::min(chunk.size(), s.size() - to), chunk);
  }

  Rng& rng_;
};

/// The entry gets a buffer of exactly the input's size, so that one byte too far is out of bounds.
int execute() {
  const std::vector<std::uint8_t> exact(current_input.begin(), current_input.end());
  return LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

int replay(std::span<const std::string_view> paths) {
  for (const std::string_view path : paths) {
    auto bytes = read_file(path, 1U << 30U);
    if (!bytes) {
      std::fprintf(stderr, "%s\n", bytes.error().what.c_str());
      return 2;
    }
    current_input = std::move(*bytes);
    std::printf("%.*s: %s\n", static_cast<int>(path.size()), path.data(),
                execute() == 0 ? "accepted" : "refused");
  }
  return 0;
}

/// The inputs that children are made from: all seeds, and later inputs that reached something new.
class Pool {
 public:
  explicit Pool(std::vector<std::string> seeds)
      : inputs_(std::move(seeds)), n_seeds_(inputs_.size()) {}

  std::size_t n_seeds() const { return n_seeds_; }
  const std::string& seed(std::size_t i) const { return inputs_[i]; }
  /// Half of the parents are seeds, so that the search cannot drift away from them.
  const std::string& parent(Rng& rng) const {
    return inputs_[rng.below(rng.below(2) == 0 ? n_seeds_ : inputs_.size())];
  }
  void keep(const std::string& input) {
    if (inputs_.size() < kPoolMax) {
      inputs_.push_back(input);
    } else {
      inputs_[n_seeds_ + n_kept_ % (kPoolMax - n_seeds_)] = input;
    }
    ++n_kept_;
  }

 private:
  std::vector<std::string> inputs_;
  std::size_t n_seeds_;
  std::size_t n_kept_ = 0;
};

/// A child of one parent, or of two.
std::string make_child(const Pool& pool, Rng& rng) {
  Mutator mutator(rng);
  std::string out = pool.parent(rng);
  if (rng.below(8) == 0) out = mutator.splice(out, pool.parent(rng));
  for (std::uint64_t n = 1 + rng.below(1U << rng.below(5)); n > 0; --n) mutator.mutate(out);
  out.resize(std::min(out.size(), kInputBytesMax));
  return out;
}

int explore(std::string_view target, std::uint64_t n_executions, std::uint64_t seed) {
  Pool pool(seeds());
  Rng rng(seed);
  std::uint64_t n_accepted = 0;
  const auto start = std::chrono::steady_clock::now();
  for (std::uint64_t i = 0; i < n_executions; ++i) {
    current_input = i < pool.n_seeds() ? pool.seed(i) : make_child(pool, rng);
    if (i % kExecutionsPerAlarm == 0) ::alarm(kSecondsPerAlarm);
    const std::size_t n_outcomes = outcomes.size();
    const bool accepted = execute() == 0;
    if (accepted) ++n_accepted;
    if (outcomes.size() > n_outcomes || (accepted && rng.below(kKeepAcceptedOneIn) == 0)) {
      pool.keep(current_input);
    }
  }
  ::alarm(0);
  const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
  std::printf("%.*s: %llu executions, %llu accepted, %zu outcomes, seed %llu, %.0f executions/s\n",
              static_cast<int>(target.size()), target.data(),
              static_cast<unsigned long long>(n_executions),
              static_cast<unsigned long long>(n_accepted), outcomes.size(),
              static_cast<unsigned long long>(seed),
              static_cast<double>(n_executions) / std::max(spent.count(), 1e-9));
  return 0;
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return out;
}

int run(std::span<const std::string_view> arguments) {
  const std::string target = std::filesystem::path(arguments[0]).filename().string();
  catch_crashes(target);
  std::uint64_t n_executions = kExecutions;
  std::uint64_t seed = 1;
  arguments = arguments.subspan(1);
  while (arguments.size() >= 2 && arguments[0].starts_with("--")) {
    const auto value = number(arguments[1]);
    const bool is_seed = arguments[0] == "--seed";
    if (!value || (!is_seed && arguments[0] != "--executions")) break;
    (is_seed ? seed : n_executions) = *value;
    arguments = arguments.subspan(2);
  }
  if (!arguments.empty() && arguments[0].starts_with("--")) {
    std::fprintf(stderr, "usage: %s [--executions N] [--seed S] | FILE…\n", target.c_str());
    return 2;
  }
  return arguments.empty() ? explore(target, n_executions, seed) : replay(arguments);
}

}  // namespace

void note(std::string_view outcome) {
  std::string kind;
  bool inside_quotes = false;
  for (const char c : outcome) {
    if (c == '\'') inside_quotes = !inside_quotes;
    if (!inside_quotes && (c < '0' || c > '9') && c != ',') kind += c;
  }
  outcomes.insert(std::hash<std::string>()(kind));
}

}  // namespace plmm::fuzz

int main(int argc, char** argv) {
  const std::vector<std::string_view> arguments(argv, argv + argc);
  const int status = plmm::fuzz::run(arguments);
  // Leaks are told by an abort at the very end, when what the handler reads is destroyed.
  std::signal(SIGABRT, SIG_DFL);
  return status;
}
