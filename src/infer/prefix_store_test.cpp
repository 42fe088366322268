// A stored prefix changes nothing but the time; a snapshot that is not whole and ours is no
// snapshot.
#include "infer/prefix_store.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <functional>

#include "base/checksum.h"
#include "base/file.h"
#include "crypto/aead.h"
#include "infer/prefix_snapshots.h"
#include "infer/prefix_tree.h"
#include "infer/script_model_fixture.h"
#include "infer/session.h"
#include "model/kv_cache.h"
#include "model/lora.h"
#include "model/model.h"
#include "model/packed_lora.h"

namespace plmm::infer {
namespace {

namespace fs = std::filesystem;
using Tokens = std::vector<text::TokenId>;

constexpr std::uint64_t kMemory = 1 << 20;

Tokens random_tokens(std::size_t n, std::uint64_t seed = 3) {
  Rng rng(seed);
  Tokens out;
  for (std::size_t i = 0; i < n; ++i) out.push_back(static_cast<text::TokenId>(rng.below(256)));
  return out;
}

Tokens joined(Tokens a, const Tokens& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

/// A small model of an architecture in a file, and a folder and key for snapshots.
class PrefixStoreTest : public testing::TestWithParam<const char*> {
 protected:
  PrefixStoreTest()
      : tiny_({.architecture = GetParam(), .types = {tensor::DType::q8_0}, .n_context = 256}),
        file_(tiny_),
        engine_(file_.load(on_threads(2))),
        folder_(fs::path(testing::TempDir()) / ("plmm-prefixes-" + std::to_string(::getpid()))),
        key_(crypto::SecretBytes::generate(32)) {
    fs::remove_all(folder_);
  }
  ~PrefixStoreTest() override { fs::remove_all(folder_); }

  std::shared_ptr<PrefixStore> store(const PrefixStoreOptions& options,
                                     const model::AppliedLora& adapter = {}) {
    auto out = PrefixStore::create(*engine_, adapter, options, &key_);
    EXPECT_TRUE(out) << out.error().what;
    return std::move(out).value();
  }
  /// What is generated behind `prompt` by a new session, which uses `store`.
  Generation generate(const Tokens& prompt, std::shared_ptr<PrefixStore> store,
                      std::size_t n_fixed = 0) {
    auto session = Session::create(*engine_, 0).value();
    session.use_prefixes(store);
    GenerateOptions options;
    options.sampler = greedy();
    options.n_tokens_max = 12;
    options.n_prompt_fixed = n_fixed;
    return session.generate(prompt, options, {}, Cancel()).value();
  }
  /// The one snapshot that is there.
  fs::path snapshot() const {
    fs::path out;
    for (const auto& entry : fs::directory_iterator(folder_)) {
      if (entry.path().extension() == ".kv") out = entry.path();
    }
    return out;
  }

  model::TinyModel tiny_;
  ModelFile file_;
  std::unique_ptr<Engine> engine_;
  fs::path folder_;
  crypto::SecretBytes key_;
};

INSTANTIATE_TEST_SUITE_P(Architectures, PrefixStoreTest,
                         testing::Values("llama", "qwen2", "gemma3"),
                         [](const auto& test) { return std::string(test.param); });

TEST_P(PrefixStoreTest, answers_the_same_from_a_snapshot_after_a_restart) {
  const Tokens fixed = random_tokens(100);
  const Tokens question = random_tokens(9, 4);
  const auto cold = generate(joined(fixed, question), nullptr);
  {
    const auto first = store({.folder = folder_});
    EXPECT_EQ(generate(joined(fixed, random_tokens(5, 8)), first, fixed.size()).n_prompt_reused, 0);
    ASSERT_TRUE(first->kept()) << first->kept().error().what;
  }
  engine_ = file_.load(on_threads(1));
  const auto second = store({.folder = folder_});
  const auto warm = generate(joined(fixed, question), second);
  EXPECT_EQ(warm.n_prompt_reused, 96) << "the whole blocks of 100 tokens";
  EXPECT_EQ(warm.tokens, cold.tokens);
  EXPECT_EQ(warm.text, cold.text);
}

TEST_P(PrefixStoreTest, restores_the_very_bytes_that_a_session_computes) {
  const Tokens tokens = random_tokens(120);
  const auto keeper = store({.folder = folder_});
  generate(tokens, keeper, tokens.size());
  const auto& config = engine_->model().config();
  const auto empty = [&] {
    return model::KvCache::create(config, 128, engine_->cache_type()).value();
  };
  auto computed = empty(), restored = empty();
  // The memory of a session that computed everything, handed over by a store without a folder.
  const auto memory = store({.memory_bytes_max = kMemory});
  generate(tokens, memory);
  ASSERT_EQ(memory->restore(tokens, 0, computed), 120U) << "the answer filled the last block";
  ASSERT_EQ(store({.folder = folder_})->restore(tokens, 0, restored), 112U);
  std::vector<std::byte> a(computed.block_bytes()), b(a.size());
  for (int block = 0; block < 7; ++block) {
    computed.copy_out(block, a);
    restored.copy_out(block, b);
    EXPECT_EQ(a, b) << "block " << block;
  }
}

TEST_P(PrefixStoreTest, uses_any_part_of_what_it_knows) {
  const Tokens known = random_tokens(128);
  const auto on_disk = store({.folder = folder_});
  generate(known, on_disk, known.size());
  const auto in_memory = store({.memory_bytes_max = kMemory});
  generate(known, in_memory);
  for (const std::size_t n : {17U, 30U, 64U, 65U, 100U}) {
    const Tokens prompt = joined({known.begin(), known.begin() + static_cast<int>(n)}, {1, 2, 3});
    const auto cold = generate(prompt, nullptr);
    for (const auto& one : {on_disk, in_memory}) {
      const auto warm = generate(prompt, one);
      EXPECT_GE(warm.n_prompt_reused, static_cast<int>(n)) << n;
      EXPECT_EQ(warm.tokens, cold.tokens) << n;
    }
  }
}

TEST_P(PrefixStoreTest, computes_the_last_token_though_all_are_known) {
  const Tokens prompt = random_tokens(64);
  const auto cold = generate(prompt, nullptr);
  const auto keeper = store({.folder = folder_});
  generate(prompt, keeper, prompt.size());
  const auto warm = generate(prompt, keeper, prompt.size());
  EXPECT_EQ(warm.n_prompt_reused, 63);
  EXPECT_EQ(warm.tokens, cold.tokens);
}

class Snapshots : public PrefixStoreTest {
 protected:
  /// A snapshot of `tokens_`, in a folder of its own.
  fs::path keep() {
    generate(tokens_, store({.folder = folder_}), tokens_.size());
    return snapshot();
  }
  /// Nothing is taken from what is there, the file is gone, and the answer is as ever.
  void expect_useless(std::string_view why) {
    const auto cold = generate(tokens_, nullptr);
    const auto again = generate(tokens_, store({.folder = folder_}));
    EXPECT_EQ(again.n_prompt_reused, 0) << why;
    EXPECT_EQ(again.tokens, cold.tokens) << why;
    EXPECT_TRUE(snapshot().empty()) << why;
  }

  Tokens tokens_ = random_tokens(80);
};

INSTANTIATE_TEST_SUITE_P(Architectures, Snapshots, testing::Values("llama"),
                         [](const auto& test) { return std::string(test.param); });

TEST_P(Snapshots, every_damaged_byte_is_noticed) {
  const std::string whole = read_file(keep(), 1 << 24).value();
  const fs::path path = snapshot();
  const auto try_with = [&](const std::string& bytes, const std::string& why) {
    ASSERT_TRUE(write_file_atomically(path, bytes));
    expect_useless(why);
  };
  for (const std::size_t at : {std::size_t{0}, std::size_t{8}, std::size_t{12}, std::size_t{60},
                               whole.size() / 2, whole.size() - 1}) {
    std::string bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    try_with(bytes, "byte " + std::to_string(at));
  }
  for (const std::size_t n : {std::size_t{0}, std::size_t{7}, std::size_t{11}, std::size_t{100},
                              whole.size() / 2, whole.size() - 1})
    try_with(whole.substr(0, n), "cut to " + std::to_string(n));
  try_with(whole + "x", "a byte more");
}

TEST_P(Snapshots, states_that_changed_places_are_noticed) {
  std::string bytes = read_file(keep(), 1 << 24).value();
  const std::size_t n_states = tokens_.size() / PrefixTree::kBlock;
  const auto cache = model::KvCache::create(engine_->model().config(), 16, engine_->cache_type());
  const std::size_t box = cache->block_bytes() + crypto::kSealOverheadBytes;
  const std::size_t at = bytes.size() - n_states * box;
  std::swap_ranges(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                   bytes.begin() + static_cast<std::ptrdiff_t>(at + box),
                   bytes.begin() + static_cast<std::ptrdiff_t>(at + box));
  ASSERT_TRUE(write_file_atomically(snapshot(), bytes));
  expect_useless("two states exchanged");
}

TEST_P(Snapshots, another_key_or_salt_opens_nothing) {
  keep();
  const auto ours = std::exchange(key_, crypto::SecretBytes::generate(32));
  EXPECT_EQ(generate(tokens_, store({.folder = folder_})).n_prompt_reused, 0);
  key_ = crypto::SecretBytes::copy_of(ours.bytes());
  EXPECT_EQ(generate(tokens_, store({.folder = folder_})).n_prompt_reused, 79);
  ASSERT_TRUE(write_file_atomically(folder_ / "salt", "short"));
  expect_useless("the salt is damaged");
}

TEST_P(Snapshots, another_models_states_are_never_used) {
  const fs::path path = keep();
  model::TinyModel other(
      {.architecture = GetParam(), .types = {tensor::DType::q8_0}, .n_context = 256, .seed = 2});
  const ModelFile other_file(other);
  engine_ = other_file.load(on_threads(1));
  EXPECT_EQ(generate(tokens_, store({.folder = folder_})).n_prompt_reused, 0);
  EXPECT_TRUE(fs::exists(path)) << "it is not ours to remove";
  engine_ = file_.load(on_threads(1));
  EXPECT_EQ(generate(tokens_, store({.folder = folder_})).n_prompt_reused, 79);
  // Written anew with the same bytes: who can tell what else changed?
  const std::string bytes = read_file(file_.path(), 1 << 24).value();
  ASSERT_TRUE(write_file_atomically(file_.path(), bytes));
  fs::last_write_time(file_.path(), fs::file_time_type::clock::now() + std::chrono::hours(1));
  engine_ = file_.load(on_threads(1));
  EXPECT_EQ(generate(tokens_, store({.folder = folder_})).n_prompt_reused, 0);
}

TEST_P(Snapshots, an_adapters_states_are_for_it_alone) {
  keep();
  Rng rng(1);
  const auto plain = model::create_lora(engine_->model().config(), {}, rng).value();
  const auto adapter = model::PackedLora::pack(plain, engine_->model()).value();
  const auto generate_with = [&](float scale) {
    const auto prefixes = store({.folder = folder_}, {adapter.get(), scale});
    auto session = Session::create(*engine_, 0).value();
    session.set_adapter(adapter, scale);
    session.use_prefixes(prefixes);
    GenerateOptions options;
    options.n_prompt_fixed = tokens_.size();
    return session.generate(tokens_, options, {}, Cancel()).value().n_prompt_reused;
  };
  EXPECT_EQ(generate_with(1.0F), 0);
  EXPECT_EQ(generate_with(1.0F), 79);
  EXPECT_EQ(generate_with(0.5F), 0);
}

TEST_P(Snapshots, forgetting_removes_them_and_stops_who_still_knows) {
  const auto still_running = store({.folder = folder_});
  generate(random_tokens(64, 9), still_running, 64);
  ASSERT_EQ(snapshot_sizes(folder_).n_files, 1);
  ASSERT_TRUE(forget_snapshots(folder_));
  EXPECT_EQ(snapshot_sizes(folder_).n_files, 0);
  EXPECT_FALSE(fs::exists(folder_ / "salt"));
  generate(tokens_, still_running, tokens_.size());
  EXPECT_EQ(snapshot_sizes(folder_).n_files, 0) << "it holds what was to be forgotten";
  EXPECT_EQ(still_running->kept().error().code, ErrorCode::cancelled);
  EXPECT_TRUE(forget_snapshots(folder_ / "none"));
}

TEST_P(Snapshots, are_for_their_owners_eyes_and_few) {
  const fs::path path = keep();
  struct stat info{};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  ASSERT_EQ(::stat(folder_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0700U);
  const auto many = store({.folder = folder_});
  for (std::uint64_t seed = 10; seed < 30; ++seed) generate(random_tokens(64, seed), many, 64);
  EXPECT_EQ(snapshot_sizes(folder_).n_files, SnapshotLimits().n_files_max);
}

TEST_P(Snapshots, goes_on_where_nothing_can_be_written) {
  const auto one = store({.folder = folder_});
  fs::remove_all(folder_);
  const auto got = generate(tokens_, one, tokens_.size());
  EXPECT_EQ(got.tokens, generate(tokens_, nullptr).tokens);
  EXPECT_FALSE(one->kept());
}

TEST_P(Snapshots, count_only_for_their_own_type_of_cache) {
  const fs::path path = keep();
  LoadOptions options = on_threads(1);
  options.kv_cache = kernel::CacheType::f16;
  engine_ = file_.load(options);
  const auto cold = generate(tokens_, nullptr);
  const auto again = generate(tokens_, store({.folder = folder_}));
  EXPECT_EQ(again.n_prompt_reused, 0);
  EXPECT_EQ(again.tokens, cold.tokens);
  EXPECT_TRUE(fs::exists(path)) << "it is still good for the other type";
}

TEST_P(Snapshots, the_bits_of_a_state_have_not_changed) {
  const std::pair<kernel::CacheType, std::uint64_t> wanted[] = {
      {kernel::CacheType::f16, 16834491437170385074U},
      {kernel::CacheType::int8, 13422786809321842851U}};
  for (const auto& [type, number] : wanted) {
    LoadOptions options = on_threads(1);
    options.kv_cache = type;
    engine_ = file_.load(options);
    const auto memory = store({.memory_bytes_max = kMemory});
    generate(tokens_, memory);
    auto cache = model::KvCache::create(engine_->model().config(), 128, type).value();
    ASSERT_EQ(memory->restore(tokens_, 0, cache), 80U);
    std::vector<std::byte> state(cache.block_bytes());
    cache.copy_out(4, state);
    EXPECT_EQ(checksum(state)[0], number) << "raise kStateVersion, then write the new number here";
  }
}

}  // namespace
}  // namespace plmm::infer
