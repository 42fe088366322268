// Large boxes opened by the faster of two libraries. For the .cpp files of this folder.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "crypto/secret.h"

namespace plmm::crypto {

/// Opens a box of crypto/aead.h: whether it is authentic. Nothing when this machine's OpenSSL does
/// not do it. Needs: the library is started; sizes as open_into() checks them.
std::optional<bool> open_large(const SecretBytes& key, std::span<const std::byte> sealed,
                               std::span<const std::byte> associated, std::span<std::byte> plain);

}  // namespace plmm::crypto
