// Wrapped keys open for their owner only, and no file makes a passphrase cost more than the limits.
#include "crypto/key_wrapper.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/hash.h"
#include "crypto/memory_dump.h"

namespace plmm::crypto {
namespace {

constexpr PassphraseCost kQuick{.memory_kib = 8, .passes = 1};

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}
SecretBytes secret(std::string_view text) { return SecretBytes::copy_of(bytes_of(text)); }
PassphraseWrapper passphrase(std::string_view text) {
  return PassphraseWrapper(secret(text), kQuick);
}
std::string text_of(const SecretBytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.bytes().data()), bytes.size()};
}

TEST(Passphrase, is_stretched_as_argon2id_says) {
  // By libargon2 (Debian 0~20171227): argon2id_hash_raw(2, 64, 1, "correct horse", 13, 0 … 15, 16).
  Salt salt;
  for (std::size_t i = 0; i < salt.size(); ++i) salt[i] = static_cast<std::byte>(i);
  const auto key = stretch(secret("correct horse"), salt, {.memory_kib = 64, .passes = 2}).value();
  EXPECT_EQ(to_hex(key.bytes()),
            "9c87c06898bc18516669b54a8b95d36e622946494d7a55c26f391a0406068c19");
}

TEST(Passphrase, takes_no_more_than_the_limits_whatever_a_file_says) {
  for (const PassphraseCost cost :
       {PassphraseCost{kMemoryKibMax + 1, 1}, PassphraseCost{0xFFFFFFFF, 1}, PassphraseCost{0, 1},
        PassphraseCost{8, 0}, PassphraseCost{8, kPassesMax + 1}}) {
    EXPECT_EQ(stretch(secret("x"), {}, cost).error().code, ErrorCode::limit_exceeded);
  }
}

TEST(Passphrase, that_is_new_has_a_least_length) {
  EXPECT_FALSE(check_new_passphrase(secret("7 bytes")));
  EXPECT_TRUE(check_new_passphrase(secret("8 bytes!")));
  EXPECT_FALSE(check_new_passphrase(SecretBytes(kPassphraseBytesMax + 1)));
}

TEST(KeyWrapper, gives_a_key_back_to_its_owner_at_its_place_only) {
  const DeviceWrapper device(secret(std::string(32, 'd')));
  const DeviceWrapper other(secret(std::string(32, 'e')));
  const auto wrapped = device.wrap(bytes_of("a key"), {bytes_of("here")}).value();
  EXPECT_EQ(text_of(device.unwrap(wrapped, {bytes_of("here")}).value()), "a key");
  EXPECT_EQ(device.unwrap(wrapped, {bytes_of("there")}).error().code, ErrorCode::corrupt_data);
  EXPECT_EQ(other.unwrap(wrapped, {bytes_of("here")}).error().code, ErrorCode::corrupt_data);
}

TEST(KeyWrapper, opens_for_the_right_passphrase_and_notices_each_flipped_byte) {
  const auto wrapper = passphrase("correct horse");
  const auto wrapped = wrapper.wrap(bytes_of("a key"), {bytes_of("here")}).value();
  EXPECT_EQ(text_of(wrapper.unwrap(wrapped, {bytes_of("here")}).value()), "a key");
  EXPECT_EQ(passphrase("wrong horse").unwrap(wrapped, {bytes_of("here")}).error().code,
            ErrorCode::invalid_argument);
  EXPECT_FALSE(wrapper.unwrap(wrapped, {bytes_of("there")}));
  for (std::size_t at = 8; at < wrapped.size(); ++at) {  // the costs have a test of their own
    auto flipped = wrapped;
    flipped[at] ^= std::byte{1};
    EXPECT_FALSE(wrapper.unwrap(flipped, {bytes_of("here")})) << "byte " << at;
  }
  for (std::size_t n = 0; n < wrapped.size(); ++n)
    EXPECT_FALSE(wrapper.unwrap(std::span(wrapped).first(n), {bytes_of("here")})) << n;
}

TEST(KeyWrapper, refuses_a_wrapped_key_that_asks_for_a_terabyte) {
  auto wrapped = passphrase("correct horse").wrap(bytes_of("a key"), {}).value();
  const std::uint32_t huge = 1U << 30U;
  std::memcpy(wrapped.data(), &huge, sizeof huge);
  EXPECT_EQ(passphrase("correct horse").unwrap(wrapped, {}).error().code,
            ErrorCode::limit_exceeded);
}

TEST(MemoryDump, is_forbidden) {
  const pid_t child = ::fork();
  if (child == 0) {
    forbid_memory_dumps();
    rlimit limit{1, 1};
    ::getrlimit(RLIMIT_CORE, &limit);
    ::_exit(::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 && limit.rlim_cur == 0 ? 0 : 1);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace plmm::crypto
