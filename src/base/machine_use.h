// What else a machine is busy with, and whether work that can wait should wait: as Linux tells.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace plmm {

struct MachineUse {
  double others = 0;              // share of all CPU time that other processes took, 0 ... 1
  bool on_battery = false;        // a battery gives power and no mains does
  std::optional<double> celsius;  // of the hottest zone that the kernel watches
};

/// Reads proc/stat, proc/self/stat, sys/class/power_supply and sys/class/thermal. What a machine
/// does not tell counts as idle, on mains and of unknown temperature.
class MachineMonitor {
 public:
  explicit MachineMonitor(std::filesystem::path root = "/");

  /// CPU time since the sample before; the first one: since the monitor was made. Over less than
  /// some seconds it is coarse, the kernel counts in hundredths.
  MachineUse sample();

 private:
  struct CpuTime {
    std::uint64_t all = 0;   // of all CPUs, in ticks
    std::uint64_t busy = 0;  // of these not idle
    std::uint64_t own = 0;   // of these this process
  };
  CpuTime cpu_time() const;

  std::filesystem::path root_;
  CpuTime before_;
};

}  // namespace plmm
