// Downloads one URL into a file, continuing where an earlier download of the same file stopped.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/result.h"
#include "catalog/report.h"

namespace plmm::catalog {

/// Tests use plain http to a server of their own; everybody else gets https, also after redirects.
enum class Schemes : std::uint8_t { https_only, http_for_tests };

/// The URL as an error may show it: without user, password, query and fragment, which can be
/// secrets.
std::string display_url(std::string_view url);

/// Appends to `file` what is missing of the URL's content. A server that sends the same strong ETag
/// as before continues it (kept in `<file>.etag`); otherwise the file starts anew. Proxies and
/// certificates are those of the environment. Errors: invalid_argument (not https), offline,
/// not_found (404, 410), limit_exceeded (over bytes_max), io, cancelled.
Result<> transfer(const std::string& url, const std::filesystem::path& file,
                  std::uint64_t bytes_max, Schemes schemes, Reporter& reporter);

}  // namespace plmm::catalog
