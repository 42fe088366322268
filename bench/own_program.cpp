// The environment that keeps a measured plmm away from what is the person's.
#include "bench/own_program.h"

namespace plmm::bench {

Result<OwnProgram> OwnProgram::create(const Options& options) {
  if (options.program.empty())
    return fail(ErrorCode::not_found, "the program that is to be measured cannot be found");
  auto home = TRY(TemporaryFolder::create());
  return OwnProgram(options, std::move(home));
}

Result<Peer> OwnProgram::start(const std::vector<std::string>& words) const {
  std::vector<std::string> all{"sh", "-c", "exec \"$0\" \"$@\" 2>&1", "env"};
  for (const char* name : {"XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"})
    all.push_back(std::string(name) + "=" + (home_.path() / name).string());
  all.push_back(options_->program.string());
  all.insert(all.end(), words.begin(), words.end());
  all.insert(all.end(), {"--threads", std::to_string(options_->n_threads)});
  if (!options_->tier.empty()) all.insert(all.end(), {"--cpu", options_->tier});
  return Peer::start("plmm", all);
}

}  // namespace plmm::bench
