// Published vectors of each primitive, and that changed bytes are refused.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/aead.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "crypto/secret.h"
#include "crypto/sign.h"

namespace plmm::crypto {
namespace {

using Bytes = std::vector<std::byte>;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}
Bytes unhex(std::string_view hex) { return from_hex(hex).value(); }

TEST(SecretBytes, starts_as_zeros_and_moves) {
  SecretBytes a(32);
  EXPECT_TRUE(std::ranges::all_of(a.bytes(), [](std::byte b) { return b == std::byte{0}; }));
  a.writable()[3] = std::byte{7};
  const std::byte* place = a.bytes().data();
  SecretBytes b = std::move(a);
  EXPECT_EQ(b.bytes().data(), place);
  b = SecretBytes::copy_of(bytes_of("key"));
  EXPECT_EQ(to_hex(b.bytes()), "6b6579");
  EXPECT_EQ(SecretBytes(0).size(), 0U);
}

TEST(Random, fills_all_bytes_and_differs_each_time) {
  Bytes a(64), b(64);
  random_bytes(a);
  random_bytes(b);
  EXPECT_NE(a, b);
  EXPECT_NE(Bytes(a.end() - 16, a.end()), Bytes(16));
  random_bytes({});
}

TEST(Aead, opens_boxes_of_every_size_and_none_of_which_a_bit_differs) {
  const auto key = SecretBytes::generate(kAeadKeyBytes);
  const Bytes associated = unhex("0102030405");
  // Two libraries share the work, the large boxes to one of them.
  for (const std::size_t n : {0UL, 1UL, 63UL, 16383UL, 16384UL, 16385UL, 100000UL}) {
    Bytes plain(n);
    random_bytes(plain);
    Bytes box = seal(key, plain, {associated});
    EXPECT_EQ(open(key, box, {associated}).value(), plain) << n;
    EXPECT_FALSE(open(key, box, {})) << n;
    EXPECT_FALSE(open(SecretBytes::generate(kAeadKeyBytes), box, {associated})) << n;
    for (const std::size_t at : {std::size_t{0}, std::size_t{17}, kAeadNonceBytes, box.size() / 2,
                                 box.size() - kAeadTagBytes, box.size() - 1}) {
      box[at] ^= std::byte{4};
      const auto opened = open(key, box, {associated});
      ASSERT_FALSE(opened) << n << " at " << at;
      EXPECT_EQ(opened.error().code, ErrorCode::corrupt_data);
      box[at] ^= std::byte{4};
    }
  }
}

// draft-irtf-cfrg-xchacha-03, appendix A.3.1.
TEST(Aead, opens_the_published_box) {
  const auto key = SecretBytes::copy_of(
      unhex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"));
  const Bytes associated = unhex("50515253c0c1c2c3c4c5c6c7");
  const Bytes box = unhex(
      "404142434445464748494a4b4c4d4e4f5051525354555657"
      "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb"
      "731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b452"
      "2f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9"
      "21f9664c97637da9768812f615c68b13b52e"
      "c0875924c1c7987947deafd8780acf49");
  const auto plain = open(key, box, {associated});
  ASSERT_TRUE(plain);
  EXPECT_EQ(to_hex(*plain),
            to_hex(bytes_of("Ladies and Gentlemen of the class of '99: If I could offer you only "
                            "one tip for the future, sunscreen would be it.")));
}

TEST(Aead, each_changed_byte_each_missing_byte_and_other_data_are_refused) {
  const SecretBytes key = SecretBytes::generate(kAeadKeyBytes);
  const auto here = bytes_of("record 7, version 2");
  const Bytes box = seal(key, bytes_of("a secret"), {here});
  ASSERT_EQ(box.size(), 8 + kSealOverheadBytes);
  EXPECT_EQ(open(key, box, {here}).value(),
            Bytes(bytes_of("a secret").begin(), bytes_of("a secret").end()));
  for (std::size_t i = 0; i < box.size(); ++i) {
    Bytes changed = box;
    changed[i] ^= std::byte{1};
    EXPECT_EQ(open(key, changed, {here}).error().code, ErrorCode::corrupt_data) << i;
    EXPECT_EQ(open(key, std::span(box).first(i), {here}).error().code, ErrorCode::corrupt_data);
  }
  EXPECT_FALSE(open(key, box, {bytes_of("record 8, version 2")}));
  EXPECT_FALSE(open(SecretBytes::generate(kAeadKeyBytes), box, {here}));
}

TEST(Aead, seals_nothing_and_never_twice_alike) {
  const SecretBytes key = SecretBytes::generate(kAeadKeyBytes);
  const Bytes a = seal(key, {}, {});
  EXPECT_NE(a, seal(key, {}, {}));
  EXPECT_TRUE(open(key, a, {}).value().empty());
}

// FIPS 180-4 examples, as NIST publishes them.
TEST(Sha256, agrees_with_the_standard) {
  EXPECT_EQ(to_hex(sha256(bytes_of("abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  Sha256 pieces;
  for (int round = 0; round < 2; ++round) {
    pieces.update(bytes_of("abcdbcdecdefdefgefghfghighij"));
    pieces.update(bytes_of("hijkijkljklmklmnlmnomnopnopq"));
    EXPECT_EQ(to_hex(pieces.finish()),
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  }
}

// Python 3.11: hashlib.blake2b(b"abc", key=bytes(range(32)), digest_size=32), and of nothing with
// bytes(range(64)). RFC 7693 has no keyed example of this length.
TEST(KeyedHash, agrees_with_another_implementation) {
  SecretBytes key(64);
  for (std::size_t i = 0; i < key.size(); ++i) key.writable()[i] = static_cast<std::byte>(i);
  const SecretBytes half = SecretBytes::copy_of(key.bytes().first(32));
  constexpr std::string_view kOfAbc =
      "d63a32d3e44738d7907f964316c241adaba0abfeabc32349677578a15a203f7f";
  EXPECT_EQ(to_hex(keyed_hash(half, bytes_of("abc"))), kOfAbc);
  KeyedHash pieces(half);
  pieces.update(bytes_of("a"));
  pieces.update(bytes_of("bc"));
  EXPECT_EQ(to_hex(std::move(pieces).finish()), kOfAbc);
  EXPECT_EQ(to_hex(keyed_hash(key, {})),
            "2fa9fbd9be36437de204e139e97d402bce68c828f43391608c891b5faed8a98a");
}

TEST(Hex, goes_there_and_back_and_refuses_the_rest) {
  EXPECT_EQ(to_hex(unhex("00fFa1")), "00ffa1");
  EXPECT_TRUE(unhex("").empty());
  EXPECT_EQ(from_hex("abc").error().what, "hex digits come in pairs, not 3 of them");
  EXPECT_EQ(from_hex("ab0g").error().what, "no pair of hex digits at character 2");
}

struct SignExample {
  std::string_view seed, public_key, message, signature;
};
// RFC 8032, section 7.1, tests 1 and 3.
constexpr SignExample kSignExamples[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9"
     "b46bd25bf5f0595bbe24655141438e7a100b"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984d"
     "c6594a7c15e9716ed28dc027beceea1ec40a"}};

TEST(Sign, agrees_with_the_standard) {
  for (const SignExample& example : kSignExamples) {
    const Bytes seed = unhex(example.seed);
    const KeyPair pair = KeyPair::from_seed(std::span(seed).first<KeyPair::kSeedBytes>());
    EXPECT_EQ(to_hex(pair.public_key().bytes), example.public_key);
    const Signature signature = pair.sign(unhex(example.message));
    EXPECT_EQ(to_hex(signature.bytes), example.signature);
    EXPECT_TRUE(verify(pair.public_key(), unhex(example.message), signature));
  }
}

TEST(Sign, each_changed_byte_is_refused) {
  const SecretBytes seed = SecretBytes::generate(KeyPair::kSeedBytes);
  const KeyPair pair = KeyPair::from_seed(seed.bytes().first<KeyPair::kSeedBytes>());
  const Signature signature = pair.sign(bytes_of("pay 5"));
  EXPECT_FALSE(verify(pair.public_key(), bytes_of("pay 6"), signature));
  EXPECT_FALSE(verify(pair.public_key(), {}, signature));
  for (std::size_t i = 0; i < signature.bytes.size(); ++i) {
    Signature changed = signature;
    changed.bytes[i] ^= std::byte{1};
    EXPECT_FALSE(verify(pair.public_key(), bytes_of("pay 5"), changed)) << i;
  }
  for (std::size_t i = 0; i < pair.public_key().bytes.size(); ++i) {
    PublicKey changed = pair.public_key();
    changed.bytes[i] ^= std::byte{1};
    EXPECT_FALSE(verify(changed, bytes_of("pay 5"), signature)) << i;
  }
}

}  // namespace
}  // namespace plmm::crypto
