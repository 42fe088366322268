// Tests of the bench: goals, lines, helpers, divergences, golden files and the probes of the
// machine.
#include <gtest/gtest.h>

#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "bench/divergence.h"
#include "bench/goals.h"
#include "bench/golden.h"
#include "bench/machine.h"
#include "bench/memory.h"
#include "bench/peer.h"
#include "bench/report.h"
#include "bench/workload.h"

namespace plmm::bench {
namespace {

Metric speed(double ours, std::vector<PeerValue> peers) {
  Metric out;
  out.name = "decode/tiny";
  out.value = ours;
  out.unit = "tok/s";
  out.peers = std::move(peers);
  if (!out.peers.empty()) out.goal = Goal{GoalKind::ratio_at_least, 1.0, "llama.cpp"};
  return out;
}

struct Lines {
  std::vector<std::string> answers;
  std::vector<std::string> notes;
  Output output() {
    return {[this](std::string_view line) { answers.emplace_back(line); },
            [this](std::string_view line) { notes.emplace_back(line); }};
  }
};

TEST(Report, judges_a_speed_by_the_peer_its_goal_names) {
  EXPECT_TRUE(holds(speed(10, {{"llama.cpp", 9}, {"ik_llama.cpp", 11}})));
  EXPECT_FALSE(holds(speed(10, {{"llama.cpp", 11}, {"ik_llama.cpp", 9}})));
  EXPECT_TRUE(holds(speed(10, {})));
}

TEST(Report, misses_a_goal_over_a_peer_that_is_not_there) {
  EXPECT_FALSE(holds(speed(10, {{"ik_llama.cpp", 1}})));
}

TEST(Report, gives_the_ratio_over_the_hardest_peer_also_where_less_is_better) {
  const auto json = nlohmann::json::parse(
      json_line("engine", speed(12, {{"llama.cpp", 8}, {"ik_llama.cpp", 10}})));
  EXPECT_EQ(json.at("peer"), 10);
  EXPECT_DOUBLE_EQ(json.at("ratio").get<double>(), 1.2);
  Metric seconds = speed(2, {{"llama.cpp", 3}, {"ik_llama.cpp", 8}});
  seconds.better = Better::less;
  EXPECT_EQ(best_peer(seconds)->name, "llama.cpp");
  EXPECT_DOUBLE_EQ(ratio_over(seconds, 3), 1.5);
}

TEST(Report, writes_null_where_there_is_no_peer_or_goal) {
  const auto json = nlohmann::json::parse(json_line("engine", speed(12, {})));
  for (const char* key : {"suite", "metric", "value", "unit", "goal", "peer", "ratio", "ok"})
    EXPECT_TRUE(json.contains(key)) << key;
  EXPECT_TRUE(json.at("goal").is_null());
  EXPECT_TRUE(json.at("peer").is_null());
  EXPECT_TRUE(json.at("ratio").is_null());
  EXPECT_EQ(json.at("ok"), true);
}

TEST(Report, remembers_a_missed_goal_and_says_so_in_the_line) {
  Lines lines;
  const Options options;
  const Output output = lines.output();
  Report report(options, output);
  report.add(speed(10, {{"llama.cpp", 9}}));
  EXPECT_EQ(report.verdict(), Verdict::goals_hold);
  report.add(speed(8, {{"llama.cpp", 9}}));
  EXPECT_EQ(report.verdict(), Verdict::goal_missed);
  EXPECT_EQ(lines.answers[0].find("MISSED"), std::string::npos);
  EXPECT_NE(lines.answers[1].find("MISSED"), std::string::npos);
}

TEST(Report, holds_a_bound_up_to_its_value) {
  Metric metric = speed(1.0, {});
  metric.goal = Goal{GoalKind::value_at_most, 1.0, {}};
  EXPECT_TRUE(holds(metric));
  metric.value = 1.01;
  EXPECT_FALSE(holds(metric));
  metric.goal->kind = GoalKind::value_at_least;
  EXPECT_TRUE(holds(metric));
  metric.value = 0.99;
  EXPECT_FALSE(holds(metric));
}

TEST(Report, judges_by_the_best_peer_where_the_goal_names_none) {
  Metric metric = speed(10, {{"llama.cpp", 5}, {"ik_llama.cpp", 9}});
  metric.goal = Goal{GoalKind::ratio_at_least, 1.25, {}};
  EXPECT_FALSE(holds(metric));
  metric.value = 11.25;
  EXPECT_TRUE(holds(metric));
  EXPECT_NE(text_line(metric).find("goal >= 1.25 x the best peer"), std::string::npos);
  metric.peers.clear();
  EXPECT_FALSE(holds(metric));
}

TEST(Report, says_a_bound_over_a_peer_as_a_share_where_less_is_better) {
  Metric metric = speed(1, {{"llama.cpp", 2}});
  metric.better = Better::less;
  metric.goal = Goal{GoalKind::ratio_at_least, 2.0, "llama.cpp"};
  EXPECT_TRUE(holds(metric));
  EXPECT_NE(text_line(metric).find("goal <= 0.5 x llama.cpp"), std::string::npos);
  metric.value = 1.1;
  EXPECT_FALSE(holds(metric));
}

TEST(Report, holds_a_share_of_the_limit_beside_the_goal) {
  Metric metric = speed(10, {});
  metric.of_limit = 0.79;
  metric.of_limit_min = 0.8;
  EXPECT_FALSE(holds(metric));
  const auto json = nlohmann::json::parse(json_line("engine", metric));
  EXPECT_EQ(json.at("rule"), ">= 80 % of limit");
  EXPECT_TRUE(json.at("goal").is_null());
  metric.of_limit = 0.8;
  EXPECT_TRUE(holds(metric));
}

TEST(Goals, ask_more_of_small_models_and_of_others_what_the_best_peer_does) {
  Metric decode = speed(10, {{"llama.cpp", 9}});
  set_speed_goals("decode", "qwen2.5-coder-0.5b", decode);
  EXPECT_EQ(decode.goal->bound, 1.25);
  EXPECT_EQ(decode.of_limit_min, 0.8);
  Metric other = speed(10, {{"llama.cpp", 9}});
  set_speed_goals("decode", "somebodys-own", other);
  EXPECT_EQ(other.goal->bound, 1.0);
  EXPECT_FALSE(other.of_limit_min);
  Metric alone = speed(10, {});
  set_speed_goals("prefill", "smollm2-135m", alone);
  EXPECT_FALSE(alone.goal) << "without peers there is nothing to beat";
}

TEST(Memory, reads_what_a_process_says_of_itself) {
  const auto now = status_bytes(::getpid(), "VmRSS");
  ASSERT_TRUE(now) << now.error().what;
  EXPECT_GT(*now, 100'000U);
  const auto peak = status_bytes(::getpid(), "VmHWM");
  ASSERT_TRUE(peak) << peak.error().what;
  constexpr std::uint64_t kSlack = 4 << 20;  // the system counts pages in batches
  EXPECT_GE(*peak + kSlack, *now);
  EXPECT_EQ(status_bytes(::getpid(), "NoSuchLine").error().code, ErrorCode::not_found);
}

TEST(Divergence, is_zero_between_equal_logits_and_does_not_see_a_shift) {
  const std::vector<float> logits{1.0F, -2.0F, 0.5F};
  const std::vector<float> shifted{4.0F, 1.0F, 3.5F};
  EXPECT_NEAR(compare(logits, logits).kl, 0, 1e-12);
  EXPECT_NEAR(compare(logits, shifted).kl, 0, 1e-6);
  EXPECT_EQ(compare(logits, shifted).n_same_top, 1);
  EXPECT_NEAR(compare(logits, shifted).error, 27, 1e-9);
}

TEST(Divergence, equals_the_sum_written_out_by_hand) {
  // p = (1/2, 1/2), q = (1/4, 3/4)
  const std::vector<float> p{0.0F, 0.0F};
  const std::vector<float> q{0.0F, std::log(3.0F)};
  const double by_hand = 0.5 * std::log(0.5 / 0.25) + 0.5 * std::log(0.5 / 0.75);
  EXPECT_NEAR(compare(p, q).kl, by_hand, 1e-6);
}

TEST(Divergence, is_infinite_for_a_candidate_that_is_not_a_number) {
  const std::vector<float> p{0.0F, 1.0F};
  const std::vector<float> q{0.0F, std::numeric_limits<float>::quiet_NaN()};
  EXPECT_TRUE(std::isinf(compare(p, q).kl));
  EXPECT_TRUE(std::isinf(compare(p, q).error));
}

TEST(Divergence, sums_rows_alike_for_any_number_of_threads) {
  std::vector<float> p;
  std::vector<float> q;
  for (int i = 0; i < 35; ++i) {
    p.push_back(std::sin(static_cast<float>(i)));
    q.push_back(std::sin(static_cast<float>(i) * 1.01F));
  }
  ThreadPool one(1);
  ThreadPool three(3);
  const auto a = compare_rows(p, q, 5, one);
  const auto b = compare_rows(p, q, 5, three);
  EXPECT_EQ(a.n, 7);
  EXPECT_EQ(a.kl, b.kl);
  EXPECT_EQ(a.error, b.error);
  EXPECT_GT(a.kl, 0);
}

TEST(Peer, answers_a_command_with_one_object_and_raw_floats_behind_it) {
  auto peer = Peer::start(
      "echo", {"sh", "-c", R"(read line; echo '{"rows":1,"columns":1}'; printf '\0\0\200?')"});
  ASSERT_TRUE(peer) << peer.error().what;
  const auto answer = peer->ask("logits 1");
  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_EQ(answer->n_rows, 1);
  std::vector<float> out(1);
  ASSERT_TRUE(peer->read_floats(out));
  EXPECT_EQ(out[0], 1.0F);
}

TEST(Peer, turns_an_error_in_the_answer_into_ours) {
  auto peer = Peer::start("sour", {"sh", "-c", R"(read line; echo '{"error":"no such model"}')"});
  ASSERT_TRUE(peer);
  const auto answer = peer->ask("load nowhere");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::unsupported);
  EXPECT_EQ(answer.error().what, "sour: no such model");
}

TEST(Peer, tells_a_helper_that_ended_from_one_that_talks_nonsense) {
  auto gone = Peer::start("gone", {"true"});
  ASSERT_TRUE(gone);
  EXPECT_EQ(gone->ask("load x").error().code, ErrorCode::io);
  auto nonsense = Peer::start("nonsense", {"sh", "-c", "read line; echo hello"});
  ASSERT_TRUE(nonsense);
  EXPECT_EQ(nonsense->ask("load x").error().code, ErrorCode::corrupt_data);
}

TEST(Peer, reports_a_program_that_does_not_exist) {
  const auto peer = Peer::start("nobody", {"plmm-no-such-program"});
  EXPECT_TRUE(!peer || !Peer::start("nobody", {"plmm-no-such-program"})->hello());
}

TEST(Golden, reads_every_file_of_the_repository) {
  int n_files = 0;
  for (const auto& file : std::filesystem::directory_iterator("testdata/logits")) {
    if (file.path().extension() != ".json") continue;
    ++n_files;
    const auto golden = read_golden(file.path());
    ASSERT_TRUE(golden) << golden.error().what;
    EXPECT_FALSE(golden->rows.empty());
    EXPECT_EQ(golden->rows.begin()->second.ids.size(), 80U);
    EXPECT_EQ(golden->rows.begin()->second.n_best, 16U);
  }
  EXPECT_GE(n_files, 5);
}

TEST(Golden, rejects_a_file_that_is_cut_short_or_does_not_fit_its_tokens) {
  const auto path = std::filesystem::temp_directory_path() / "plmm-bench-golden.json";
  ASSERT_TRUE(write_file_atomically(path, R"({"token_ids":[1])"));
  EXPECT_EQ(read_golden(path).error().code, ErrorCode::corrupt_data);
  ASSERT_TRUE(write_file_atomically(
      path, R"({"token_ids":[1],"random_ids":[],"positions":[{"position":1,"best_ids":[],)"
            R"("best_logits":[],"random_logits":[],"log_sum_exp":0}]})"));
  EXPECT_EQ(read_golden(path).error().code, ErrorCode::corrupt_data);
  std::filesystem::remove(path);
}

TEST(Golden, rejects_an_id_outside_the_vocabulary) {
  const GoldenRow row{{0, 3}, {1.0F, 2.0F}};
  const std::vector<float> logits{1.0F, 0.0F, 0.0F};
  EXPECT_FALSE(compare(row, logits));
}

TEST(Golden, measures_the_squared_error_of_the_stored_ids) {
  const GoldenRow row{{0, 2}, {1.0F, 2.0F}};
  const std::vector<float> logits{1.5F, 9.0F, 2.0F};
  const auto error = compare(row, logits);
  ASSERT_TRUE(error);
  EXPECT_DOUBLE_EQ(error->error, 0.25);
  EXPECT_DOUBLE_EQ(error->power, 5.0);
}

TEST(Machine, measures_a_bandwidth_and_an_int8_peak_that_a_computer_can_have) {
  ThreadPool pool(1);
  EXPECT_GT(read_bandwidth(pool, 1 << 20), 1e8);
  EXPECT_LT(read_bandwidth(pool, 1 << 20), 1e13);
  EXPECT_GT(int8_peak(*kernel::find_kernels("reference"), pool), 1e6);
}

TEST(Machine, runs_as_many_bf16_products_as_it_says_or_none) {
  const double done = run_bf16(2);
  EXPECT_TRUE(done == 0 || (done > 1.9e8 && done < 2.1e8)) << done;
}

TEST(Machine, finds_the_scripts_from_the_program_or_the_current_folder) {
  EXPECT_TRUE(find_in_checkout("bench/peers/make_venv.py"));
  EXPECT_EQ(find_in_checkout("bench/no-such-file").error().code, ErrorCode::not_found);
}

TEST(Workload, takes_the_middle_of_odd_and_even_numbers_of_values) {
  EXPECT_EQ(median({3, 1, 2}), 2);
  EXPECT_EQ(median({4, 1, 2, 3}), 2.5);
}

TEST(Workload, names_the_command_that_brings_a_model) {
  Lines lines;
  Options options;
  options.models_dir = std::filesystem::temp_directory_path() / "plmm-bench-no-models";
  const auto models = find_models(options, lines.output());
  ASSERT_FALSE(models);
  EXPECT_EQ(models.error().code, ErrorCode::not_found);
  EXPECT_NE(models.error().what.find("plmm pull"), std::string::npos);
  EXPECT_FALSE(lines.notes.empty());
}

TEST(Bench, refuses_an_unknown_suite_and_an_unknown_tier) {
  Lines lines;
  Options options;
  options.suite = "everything";
  EXPECT_EQ(run(options, lines.output()).error().code, ErrorCode::invalid_argument);
  options.suite = "engine";
  options.tier = "abacus";
  EXPECT_EQ(run(options, lines.output()).error().code, ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace plmm::bench
