// Steps that a pull from packages and a pull from a URL share.
#pragma once

#include <string>
#include <string_view>

#include "catalog/report.h"
#include "catalog/staging.h"
#include "catalog/transfer.h"

namespace plmm::catalog {

/// The digest of the file's bytes [begin, begin + n), telling stage "verify" from `done` on.
Result<std::string> digest(const StagedFile& file, std::uint64_t begin, std::uint64_t n,
                           std::uint64_t done, std::uint64_t total, Reporter& reporter);

/// Copies a file that a person brought, telling stage "copy".
Result<> copy_in(const Path& from, const Path& to, std::uint64_t done, std::uint64_t total,
                 Reporter& reporter);

/// Compares the whole staged file with its sha256. corrupt_data removes it, because nothing of it
/// can be trusted.
Result<> verify_whole(const Path& staged, std::string_view sha256, std::uint64_t done,
                      std::uint64_t total, Reporter& reporter);

/// pull_url() with a choice of schemes.
Result<Path> pull_address(const std::string& url, std::string_view sha256,
                          const PullOptions& options, net::Schemes schemes);

}  // namespace plmm::catalog
