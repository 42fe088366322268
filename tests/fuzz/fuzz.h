// The contract between a fuzz entry (foo_fuzz.cpp) and the driver that runs it; the entry also fits
// libFuzzer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Runs the parser under test on any bytes. Returns 0 when it accepted them and -1 when it refused:
/// the driver goes on from accepted inputs. What must never happen, aborts.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace plmm::fuzz {

/// Call once per input with what came of it, the error's text for instance. The driver counts the
/// different outcomes (numbers and quoted text aside) and keeps inputs that reach a new one: a
/// cheap stand-in for coverage.
void note(std::string_view outcome);

/// Small inputs to start from: good ones of every shape, and those that broke other programs.
std::vector<std::string> seeds();

}  // namespace plmm::fuzz
