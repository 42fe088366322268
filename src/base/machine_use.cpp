// The kernel's files; see machine_use.h.
#include "base/machine_use.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "base/file.h"

namespace plmm {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFileBytesMax = 1U << 20U;
constexpr double kMilli = 1e-3;
constexpr double kCelsiusMax = 150;  // more is a broken sensor

/// Fields of /proc/stat's first line behind "cpu": user nice system idle iowait irq softirq steal.
constexpr std::size_t kIdle = 3;
constexpr std::size_t kIoWait = 4;
constexpr std::size_t kTimes = 8;  // what comes behind is counted in user and nice already
/// Fields of /proc/self/stat behind the name of the program, which ends with ')': utime, stime.
constexpr std::size_t kUserTime = 11;
constexpr std::size_t kSystemTime = 12;

std::string text_of(const fs::path& file) {
  auto text = read_file(file, kFileBytesMax);
  if (!text) return {};
  while (!text->empty() && (text->back() == '\n' || text->back() == ' ')) text->pop_back();
  return *std::move(text);
}

std::optional<std::int64_t> number_in(std::string_view text) {
  std::int64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return out;
}

/// Words between spaces; what is no number, or below 0, counts as 0.
std::vector<std::uint64_t> numbers_in(std::string_view line) {
  std::vector<std::uint64_t> out;
  while (!line.empty()) {
    const auto end = std::min(line.find(' '), line.size());
    if (end > 0) {
      const auto number = number_in(line.substr(0, end)).value_or(0);
      out.push_back(static_cast<std::uint64_t>(std::max<std::int64_t>(number, 0)));
    }
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return out;
}

std::vector<fs::path> folders_in(const fs::path& folder) {
  std::vector<fs::path> out;
  std::error_code error;
  for (fs::directory_iterator at(folder, error); !error && at != fs::directory_iterator();
       at.increment(error)) {
    out.push_back(at->path());
  }
  return out;
}

bool on_battery(const fs::path& root) {
  bool discharging = false;
  for (const fs::path& supply : folders_in(root / "sys/class/power_supply")) {
    const auto type = text_of(supply / "type");
    // A mouse's or a pen's battery says nothing of the machine.
    if (type == "Battery" && text_of(supply / "scope") != "Device")
      discharging = discharging || text_of(supply / "status") == "Discharging";
    if (type == "Mains" && text_of(supply / "online") == "1") return false;
  }
  return discharging;
}

std::optional<double> hottest(const fs::path& root) {
  std::optional<double> out;
  for (const fs::path& zone : folders_in(root / "sys/class/thermal")) {
    const auto milli = number_in(text_of(zone / "temp"));
    if (!milli) continue;
    const double celsius = static_cast<double>(*milli) * kMilli;
    if (celsius < kCelsiusMax) out = std::max(out.value_or(celsius), celsius);
  }
  return out;
}

std::uint64_t since(std::uint64_t before, std::uint64_t now) {
  return now > before ? now - before : 0;
}

}  // namespace

MachineMonitor::MachineMonitor(fs::path root) : root_(std::move(root)), before_(cpu_time()) {}

MachineMonitor::CpuTime MachineMonitor::cpu_time() const {
  CpuTime out;
  const std::string stat = text_of(root_ / "proc/stat");
  if (!stat.starts_with("cpu ")) return out;
  const auto first = std::string_view(stat).substr(0, stat.find('\n'));
  auto times = numbers_in(first.substr(first.find(' ')));
  times.resize(kTimes);
  for (const std::uint64_t time : times) out.all += time;
  out.busy = since(times[kIdle] + times[kIoWait], out.all);
  const std::string self = text_of(root_ / "proc/self/stat");
  const auto name_end = self.rfind(')');
  if (name_end == std::string::npos) return out;
  auto fields = numbers_in(std::string_view(self).substr(name_end + 1));
  fields.resize(std::max(fields.size(), kSystemTime + 1));
  out.own = fields[kUserTime] + fields[kSystemTime];
  return out;
}

MachineUse MachineMonitor::sample() {
  const CpuTime now = cpu_time();
  const auto all = since(before_.all, now.all);
  const auto busy = since(before_.busy, now.busy);
  const auto own = since(before_.own, now.own);
  before_ = now;
  MachineUse out;
  if (all > 0) {
    const double others = static_cast<double>(since(own, busy)) / static_cast<double>(all);
    out.others = std::min(others, 1.0);
  }
  out.on_battery = on_battery(root_);
  out.celsius = hottest(root_);
  return out;
}

}  // namespace plmm
