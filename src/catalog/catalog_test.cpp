// The built-in catalogue, its parser, and looking models up.
#include <algorithm>

#include "catalog/entry_json.h"
#include "catalog/pull_fixture.h"

namespace plmm::catalog {
namespace {

constexpr std::string_view kDigest =
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// A catalogue of one model, with one text in it replaced by another.
std::string catalog_with(std::string_view from, std::string_view to) {
  std::string json =
      R"({"version":1,"models":[{"name":"m","summary":"s","role":"P","licence":"L",)"
      R"("chat_template":"plain","files":[{"file":"m.gguf","sha256":"DIGEST","bytes":7,)"
      R"("parts":[{"package":"p","version":"1","member":"a/b","bytes":7,"wheel_bytes":9,)"
      R"("sha256":"DIGEST"}]}]}]})";
  if (!from.empty()) json.replace(json.find(from), from.size(), to);
  for (std::size_t at; (at = json.find("DIGEST")) != json.npos;) json.replace(at, 6, kDigest);
  return json;
}

void expect_refused(std::string_view from, std::string_view to, std::string_view words) {
  const auto parsed = parse_catalog(catalog_with(from, to));
  ASSERT_FALSE(parsed) << to;
  EXPECT_NE(parsed.error().what.find(words), std::string::npos) << parsed.error().what;
}

TEST(Catalog, has_the_five_models) {
  std::vector<std::string> names;
  for (const ModelEntry& entry : entries()) names.push_back(entry.name);
  EXPECT_EQ(names, (std::vector<std::string>{"smollm2-135m", "gemma3-270m", "qwen2.5-coder-0.5b",
                                             "qwen2.5-coder-1.5b", "all-minilm-l6-v2"}));
}

TEST(Catalog, keeps_the_rules_in_every_entry) {
  const auto parsed = parse_catalog(embedded_catalog());
  ASSERT_TRUE(parsed) << parsed.error().what;
  for (const ModelEntry& entry : parsed->models) {
    EXPECT_TRUE(check_entry(entry)) << entry.name;
    EXPECT_LT(entry.summary.size() + entry.name.size(), 100U) << entry.name;
    const std::vector<std::string> families{"chatml",  "gemma",  "llama3",
                                            "mistral", "zephyr", "plain"};
    EXPECT_TRUE(std::ranges::count(families, entry.chat_template)) << entry.name;
    const std::vector<std::string> roles{"P", "E", "T", "embedding"};
    EXPECT_TRUE(std::ranges::count(roles, entry.role)) << entry.name;
  }
}

TEST(Catalog, has_documents_apart_from_the_models) {
  ASSERT_EQ(documents().size(), 2U);
  const ModelEntry* entry = find_documents("wikipedia-leads");
  ASSERT_NE(entry, nullptr);
  EXPECT_EQ(entry->licence, "CC BY-SA 4.0");
  EXPECT_EQ(entry->parts.size(), 1U);
  EXPECT_EQ(find("wikipedia-leads"), nullptr);
  EXPECT_EQ(find_documents("smollm2-135m"), nullptr);
}

TEST(Catalog, takes_documents_without_a_template_and_no_name_twice) {
  const std::string json = catalog_with("", "");
  const auto begin = json.find('[') + 1;
  std::string model = json.substr(begin, json.size() - begin - 2);
  const auto with = [&](const std::string& entry) {
    return parse_catalog(json.substr(0, json.size() - 1) + R"(,"documents":[)" + entry + "]}");
  };
  EXPECT_FALSE(with(model));  // called m, as the model
  model.replace(model.find("\"m\""), 3, "\"d\"");
  const std::string extra = R"("role":"P","licence":"L","chat_template":"plain")";
  model.replace(model.find(extra), extra.size(), R"("licence":"L")");
  const auto parsed = with(model);
  ASSERT_TRUE(parsed) << parsed.error().what;
  EXPECT_EQ(parsed->documents.front().name, "d");
  EXPECT_EQ(parsed->models.size(), 1U);
  EXPECT_FALSE(with("7"));
}

TEST(Catalog, is_the_file_in_the_repository) {
  EXPECT_EQ(slurp("assets/catalog.json"), embedded_catalog());
}

TEST(Catalog, knows_the_default_model) {
  const ModelEntry* entry = find("qwen2.5-coder-0.5b");
  ASSERT_NE(entry, nullptr);
  EXPECT_EQ(entry->bytes, 491'400'064U);
  EXPECT_EQ(entry->parts.size(), 6U);
  EXPECT_EQ(total_bytes(*entry), entry->bytes);
}

TEST(Catalog, counts_the_companions_of_the_embedding_model) {
  const ModelEntry* entry = find("all-minilm-l6-v2");
  ASSERT_NE(entry, nullptr);
  EXPECT_EQ(entry->file, "all-minilm-l6-v2.safetensors");
  EXPECT_EQ(total_bytes(*entry), 90'868'376U + 231'508U);
}

TEST(Catalog, parses_the_smallest_good_file) { EXPECT_TRUE(parse_catalog(catalog_with("", ""))); }

TEST(Catalog, refuses_what_is_not_json) {
  EXPECT_FALSE(parse_catalog("{"));
  EXPECT_FALSE(parse_catalog("[]"));
  EXPECT_FALSE(parse_catalog(""));
}

TEST(Catalog, refuses_a_newer_version_politely) {
  const auto parsed = parse_catalog(catalog_with("\"version\":1", "\"version\":2"));
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code, ErrorCode::unsupported);
}

TEST(Catalog, refuses_wrong_types_and_missing_fields) {
  expect_refused(R"("name":"m",)", "", "'name' is not a string");
  expect_refused(R"("licence":"L")", R"("licence":5)", "'licence' is not a string");
  expect_refused(R"("summary":"s")", R"("summary":"")", "'summary' is empty");
  expect_refused(R"("bytes":7,"parts")", R"("bytes":-7,"parts")", "'bytes' is not a whole number");
  expect_refused(R"("wheel_bytes":9,)", "", "'wheel_bytes' is not a whole number");
  expect_refused(R"("files":[)", R"("files":[],"was":[)", "'files' has no items");
  expect_refused(R"("parts":[)", R"("was":[)", "'parts' is not a list");
}

TEST(Catalog, refuses_entries_that_break_a_rule) {
  expect_refused("m.gguf", "../m.gguf", "a name has other than");
  expect_refused("m.gguf", ".m.gguf", "a name has other than");
  expect_refused(R"("package":"p")", R"("package":"-p")", "name or version");
  expect_refused(R"("version":"1")", R"("version":"1; rm")", "name or version");
  expect_refused("DIGEST", "DIGES", "sha256 is not");
  expect_refused(R"("bytes":7,"parts")", R"("bytes":8,"parts")", "smaller than the file");
  expect_refused(R"("bytes":7,"parts")", R"("bytes":6,"parts")", "larger than the file");
  expect_refused(R"("bytes":7,"parts")", R"("bytes":99999999999,"parts")", "over");
  expect_refused(R"("bytes":7,"wheel)", R"("bytes":0,"wheel)", "a part's size");
}

TEST_F(PullTest, resolve_says_how_to_get_a_catalogued_model) {
  const auto path = resolve("smollm2-135m", models_);
  ASSERT_FALSE(path);
  EXPECT_EQ(path.error().code, ErrorCode::not_found);
  EXPECT_NE(path.error().what.find("Run: plmm pull smollm2-135m"), std::string::npos);
}

TEST_F(PullTest, resolve_suggests_the_name_that_was_meant) {
  EXPECT_NE(resolve("smolm2-135m", models_).error().what.find("'smollm2-135m'"), std::string::npos);
  EXPECT_NE(resolve("gemma", models_).error().what.find("'gemma3-270m'"), std::string::npos);
  const auto unknown = resolve("no-such-model-at-all", models_).error().what;
  EXPECT_NE(unknown.find("Run: plmm ls"), std::string::npos) << unknown;
}

TEST_F(PullTest, resolve_takes_paths_and_names_in_the_folder) {
  std::filesystem::create_directory(models_);
  write(models_ / "mine.gguf", "GGUF");
  EXPECT_EQ(resolve((models_ / "mine.gguf").string(), "/nowhere").value(), models_ / "mine.gguf");
  EXPECT_EQ(resolve("mine.gguf", models_).value(), models_ / "mine.gguf");
  EXPECT_EQ(resolve("mine", models_).value(), models_ / "mine.gguf");
  EXPECT_FALSE(resolve("../models/other", models_));
}

TEST_F(PullTest, resolve_does_not_take_a_file_of_another_size_for_the_model) {
  std::filesystem::create_directory(models_);
  write(models_ / "smollm2-135m.gguf", "GGUF");
  EXPECT_FALSE(resolve("smollm2-135m", models_));
}

TEST_F(PullTest, remove_frees_the_file_and_leftovers) {
  ASSERT_TRUE(pull(entry_, options()));
  std::filesystem::create_directory(staging_folder(models_, "tiny"));
  write(staging_folder(models_, "tiny") / "tiny.gguf", "half");
  const auto freed = remove(entry_, models_);
  ASSERT_TRUE(freed) << freed.error().what;
  EXPECT_EQ(*freed, whole_.size() + 4);
  EXPECT_TRUE(left_in_models().empty());
}

TEST_F(PullTest, remove_of_nothing_is_not_found) {
  EXPECT_EQ(remove(entry_, models_).error().code, ErrorCode::not_found);
  std::filesystem::create_directory(models_);
  EXPECT_EQ(remove(entry_, models_).error().code, ErrorCode::not_found);
  EXPECT_TRUE(left_in_models().empty());
}

TEST_F(PullTest, remove_takes_a_file_that_is_not_of_the_catalogue_by_its_name) {
  for (const char* name : {"mine", "mine.gguf"}) {
    std::filesystem::create_directories(staging_folder(models_, "mine.gguf"));
    write(models_ / "mine.gguf", "GGUF");
    write(models_ / "notes.txt", "x");
    write(source_record(models_, "mine.gguf"), "https://example.org/mine.gguf");
    EXPECT_EQ(other_files(models_), std::vector<Path>{models_ / "mine.gguf"});
    const auto freed = remove(name, models_);
    ASSERT_TRUE(freed) << freed.error().what;
    EXPECT_EQ(left_in_models(), std::vector<std::string>{"notes.txt"});
  }
  for (const char* name : {"mine", "notes.txt", "../models/notes", ""}) {
    EXPECT_EQ(remove(name, models_).error().code, ErrorCode::not_found) << name;
  }
  EXPECT_NE(remove("smolm2-135m", models_).error().what.find("'smollm2-135m'"), std::string::npos);
}

TEST_F(PullTest, remove_takes_a_model_of_the_catalogue_by_its_name_and_its_files) {
  for (const char* name : {"smollm2-135m", "smollm2-135m.gguf"}) {
    std::filesystem::create_directories(models_);
    write(models_ / "smollm2-135m.gguf", "GGUF");
    EXPECT_TRUE(other_files(models_).empty());
    EXPECT_TRUE(remove(name, models_)) << name;
    EXPECT_TRUE(left_in_models().empty());
  }
}

TEST_F(PullTest, remove_waits_for_nobody_while_a_pull_runs) {
  std::filesystem::create_directory(models_);
  const auto lock = Lock::try_acquire(models_, "tiny");
  ASSERT_TRUE(lock);
  EXPECT_EQ(remove(entry_, models_).error().code, ErrorCode::io);
}

TEST(Sha256, matches_the_standards_examples) {
  EXPECT_EQ(sha256_of(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace plmm::catalog
