// Pulls one GGUF from an https URL.
#include <algorithm>
#include <array>
#include <cstring>
#include <system_error>

#include "base/file.h"
#include "catalog/catalog.h"
#include "catalog/entry_json.h"
#include "catalog/pull_steps.h"

namespace plmm::catalog {
namespace {

constexpr std::size_t kUrlBytesMax = 4096;
constexpr std::string_view kMagic = "GGUF";

/// The file name at the end of the URL's path.
Result<std::string> name_of(std::string_view url) {
  const std::string shown = net::display_url(url);
  const std::size_t scheme = shown.find("://");
  const std::size_t slash = shown.rfind('/');
  const bool has_path = scheme != shown.npos && slash > scheme + 2;
  const std::string name = has_path ? shown.substr(slash + 1) : "";
  if (!is_plain_name(name) || !name.ends_with(".gguf")) {
    return fail(ErrorCode::invalid_argument,
                shown + ": does not end in a file name like model.gguf (letters, digits, ._-)");
  }
  return name;
}

/// Refuses what is not a GGUF at once, such as the web page about the file.
Result<> check_magic(const Path& path) {
  const auto file = TRY(StagedFile::open_to_read(path));
  std::array<std::byte, kMagic.size()> head{};
  if (file.size() >= head.size()) TRY(file.read_at(0, head));
  if (std::memcmp(head.data(), kMagic.data(), head.size()) == 0) return {};
  std::error_code ignored;
  std::filesystem::remove(path, ignored);
  return fail(ErrorCode::corrupt_data,
              "what the server sent does not start like a GGUF file (a web page about it?)");
}

/// The finished file when it is the one that is asked for; nothing when there is none.
Result<bool> is_there(const Path& file, const Path& record, const std::string& shown,
                      std::string_view sha256, Reporter& reporter) {
  const auto bytes = file_bytes(file);
  if (!bytes) return false;
  if (!sha256.empty()) {
    const auto opened = TRY(StagedFile::open_to_read(file));
    if (TRY(digest(opened, 0, *bytes, 0, *bytes, reporter)) == sha256) return true;
  } else if (read_file(record, kUrlBytesMax).value_or("") == shown) {
    return true;
  }
  return fail(
      ErrorCode::invalid_argument,
      file.string() + ": is another file of that name. Run: plmm rm " + file.filename().string());
}

Result<Path> fetch(const std::string& url, std::string_view sha256, const std::string& name,
                   const PullOptions& options, net::Schemes schemes, Reporter& reporter) {
  const Path final_path = options.models / name;
  const Path staging = staging_folder(options.models, name);
  const Path staged = staging / name;
  const Path source = staging / "source";
  TRY(make_folder(staging));
  const std::string shown = net::display_url(url);
  std::error_code ignored;
  if (read_file(source, kUrlBytesMax).value_or("") != shown) {
    std::filesystem::remove(staged, ignored);  // of another URL with the same file name
    TRY(write_file_atomically(source, shown));
  }
  if (!options.from.empty()) {
    TRY(copy_in(options.from / name, staged, 0, file_bytes(options.from / name).value_or(0),
                reporter));
  } else if (options.offline) {
    return fail(ErrorCode::offline,
                name + " is not on this machine and --offline forbids the network");
  } else {
    TRY(transfer(url, staged, kModelBytesMax, schemes, reporter));
  }
  TRY(check_magic(staged));
  const std::uint64_t bytes = file_bytes(staged).value_or(0);
  if (!sha256.empty()) TRY(verify_whole(staged, sha256, 0, bytes, reporter));
  TRY(write_file_atomically(source_record(options.models, name), shown));
  TRY(publish(staged, final_path));
  std::filesystem::remove_all(staging, ignored);
  return final_path;
}

}  // namespace

Result<Path> pull_address(const std::string& url, std::string_view sha256, const PullOptions& given,
                          net::Schemes schemes) {
  if (schemes == net::Schemes::https_only && !url.starts_with("https://")) {
    return fail(ErrorCode::invalid_argument,
                net::display_url(url) + ": only https:// URLs are pulled");
  }
  if (url.size() > kUrlBytesMax) return fail(ErrorCode::invalid_argument, "the URL is too long");
  if (!sha256.empty() && !is_sha256(sha256)) {
    return fail(ErrorCode::invalid_argument, "a sha256 has 64 lower-case hex digits");
  }
  const std::string name = TRY(name_of(url));
  PullOptions options = given;
  std::error_code error;
  options.models = std::filesystem::absolute(given.models, error);
  TRY(make_folder(options.models));
  Reporter reporter(options);
  const Lock lock = TRY(Lock::acquire(options.models, name, 0, reporter));
  const Path record = source_record(options.models, name);
  if (TRY(is_there(options.models / name, record, net::display_url(url), sha256, reporter))) {
    return options.models / name;
  }
  return fetch(url, sha256, name, options, schemes, reporter);
}

Result<Path> pull_url(std::string_view url, std::string_view sha256, const PullOptions& options) {
  return pull_address(std::string(url), sha256, options, net::Schemes::https_only);
}

}  // namespace plmm::catalog
