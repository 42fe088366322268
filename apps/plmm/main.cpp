// plmm: personal language models on one's own device. Everything is in run().
#include <string>
#include <vector>

#include "apps/plmm/context.h"
#include "apps/plmm/terminal/signals.h"

int main(int argc, char** argv) {
  plmm::terminal::install_signal_handlers();
  const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
  return static_cast<int>(plmm::cli::run(words, plmm::files::process_environment()));
}
