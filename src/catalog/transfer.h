// Downloads one URL into a file, continuing where an earlier download of the same file stopped.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/result.h"
#include "catalog/report.h"
#include "net/client.h"

namespace plmm::catalog {

/// Appends to `file` what is missing of the URL's content. A server that sends the same strong ETag
/// as before continues it (kept in `<file>.etag`); otherwise the file starts anew. Proxies and
/// certificates are those of the environment. Everybody gets https_only, also after redirects;
/// tests use plain http to a server of their own. Errors: invalid_argument (not https), offline,
/// not_found (404, 410), limit_exceeded (over bytes_max), io, cancelled.
Result<> transfer(const std::string& url, const std::filesystem::path& file,
                  std::uint64_t bytes_max, net::Schemes schemes, Reporter& reporter);

}  // namespace plmm::catalog
