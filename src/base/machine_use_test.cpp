// What a machine is busy with, out of files as Linux writes them.
#include "base/machine_use.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "base/temporary_folder.h"

namespace plmm {
namespace {

namespace fs = std::filesystem;

class MachineUseTest : public testing::Test {
 protected:
  void write(const std::string& file, const std::string& text) const {
    const fs::path path = root() / file;
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }
  /// Hundredths of a second since the start: of all programs, of nobody, and ours.
  void cpu(int busy, int idle, int own) const {
    write("proc/stat", "cpu  " + std::to_string(busy) + " 0 0 " + std::to_string(idle) +
                           " 0 0 0 0 0 0\ncpu0 1 1 1 1 1 1 1 1 1 1\n");
    write("proc/self/stat", "77 (a ) strange name) R 1 1 1 0 -1 4194304 99 0 0 0 " +
                                std::to_string(own) + " 0 0 0 10 -10 3 0 100 5000 600\n");
  }
  void supply(const std::string& name, const std::string& type, const std::string& field,
              const std::string& value) const {
    write("sys/class/power_supply/" + name + "/type", type + "\n");
    write("sys/class/power_supply/" + name + "/" + field, value + "\n");
  }
  const fs::path& root() const { return folder_.path(); }

 private:
  TemporaryFolder folder_ = TemporaryFolder::create().value();
};

TEST_F(MachineUseTest, others_are_what_is_busy_without_this_process) {
  cpu(1'000, 9'000, 500);
  MachineMonitor monitor(root());
  cpu(1'150, 9'050, 600);  // 200 more, 150 busy, 100 of these ours
  EXPECT_DOUBLE_EQ(monitor.sample().others, 0.25);
  cpu(1'250, 9'050, 700);  // all of it ours
  EXPECT_EQ(monitor.sample().others, 0);
  cpu(1'350, 9'050, 700);
  EXPECT_EQ(monitor.sample().others, 1);
  EXPECT_EQ(monitor.sample().others, 0);  // no time has passed
}

TEST_F(MachineUseTest, a_machine_that_tells_nothing_is_idle_and_on_mains) {
  MachineMonitor monitor(root());
  const auto use = monitor.sample();
  EXPECT_EQ(use.others, 0);
  EXPECT_FALSE(use.on_battery);
  EXPECT_FALSE(use.celsius);
}

TEST_F(MachineUseTest, what_makes_no_sense_is_passed_over) {
  for (const char* text :
       {"", "cpu", "cpu \n", "cpu x y z", "cpu -5 18446744073709551616 3", "intr 5", "cpu 1 2"}) {
    write("proc/stat", text);
    write("proc/self/stat", text);
    write("sys/class/thermal/thermal_zone0/temp", text);
    MachineMonitor monitor(root());
    const auto use = monitor.sample();
    EXPECT_EQ(use.others, 0) << text;
    EXPECT_FALSE(use.celsius) << text;
  }
}

TEST_F(MachineUseTest, a_battery_counts_where_no_mains_gives_power) {
  supply("BAT0", "Battery", "status", "Discharging");
  EXPECT_TRUE(MachineMonitor(root()).sample().on_battery);
  supply("AC", "Mains", "online", "1");
  EXPECT_FALSE(MachineMonitor(root()).sample().on_battery);
  supply("AC", "Mains", "online", "0");
  EXPECT_TRUE(MachineMonitor(root()).sample().on_battery);
  supply("BAT0", "Battery", "status", "Charging");
  EXPECT_FALSE(MachineMonitor(root()).sample().on_battery);
}

TEST_F(MachineUseTest, the_battery_of_a_mouse_does_not_count) {
  supply("mouse", "Battery", "status", "Discharging");
  supply("mouse", "Battery", "scope", "Device");
  EXPECT_FALSE(MachineMonitor(root()).sample().on_battery);
}

TEST_F(MachineUseTest, the_hottest_zone_that_is_no_broken_sensor_counts) {
  write("sys/class/thermal/thermal_zone0/temp", "41500\n");
  write("sys/class/thermal/thermal_zone1/temp", "63000\n");
  write("sys/class/thermal/thermal_zone2/temp", "2000000\n");
  write("sys/class/thermal/cooling_device0/type", "fan\n");
  EXPECT_DOUBLE_EQ(MachineMonitor(root()).sample().celsius.value(), 63);
}

TEST_F(MachineUseTest, this_machine_is_read) {
  MachineMonitor monitor;
  const auto use = monitor.sample();
  EXPECT_GE(use.others, 0);
  EXPECT_LE(use.others, 1);
}

}  // namespace
}  // namespace plmm
