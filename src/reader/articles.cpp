// Reads articles one by one, so that a large file is never in memory as a tree.
#include "reader/articles.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "reader/plain_text.h"

namespace plmm::reader {
namespace {

using Json = nlohmann::json;

/// What the parser meets. An article is an object at depth 2; what lies deeper is passed over.
/// A false ends the parsing.
class Articles final : public nlohmann::json_sax<Json> {
 public:
  Articles(std::string_view name, std::string_view topic, const OnDocument& on_document,
           const Cancel& cancel, ReadReport& report)
      : name_(name), topic_(topic), on_document_(on_document), cancel_(cancel), report_(report) {}

  /// Counts what could not be read; the error of whoever took the documents.
  Result<> finish(bool is_whole) {
    TRY(std::move(taken_));
    if (n_objects_ == 0) {
      ++report_.skipped["JSON without articles"];
    } else if (!is_whole) {
      ++report_.skipped["JSON that breaks off or is not articles all through"];
    }
    return {};
  }

  bool null() override { return value(); }
  bool boolean(bool /*value*/) override { return value(); }
  bool number_integer(number_integer_t /*value*/) override { return value(); }
  bool number_unsigned(number_unsigned_t /*value*/) override { return value(); }
  bool number_float(number_float_t /*value*/, const string_t& /*text*/) override { return value(); }
  bool binary(binary_t& /*value*/) override { return value(); }
  bool string(string_t& text) override {
    if (depth_ == kInArticle && field_ != nullptr) *field_ = std::move(text);
    return value();
  }
  bool key(string_t& name) override {
    if (depth_ != kInArticle) return true;
    field_ = name == "title"     ? &title_
             : name == "extract" ? &extract_
             : name == "topic"   ? &article_topic_
                                 : nullptr;
    return true;
  }
  bool start_object(std::size_t /*n*/) override {
    if (++depth_ == kInArticle) {
      ++n_objects_;
      title_.clear();
      extract_.clear();
      article_topic_.clear();
    }
    field_ = nullptr;
    return depth_ <= kArticleDepthMax;
  }
  bool end_object() override { return depth_-- != kInArticle || pass(); }
  bool start_array(std::size_t /*n*/) override {
    field_ = nullptr;
    // Not a list of articles: only an object of them is what we know.
    return depth_ > 0 && ++depth_ <= kArticleDepthMax && depth_ != kInArticle;
  }
  bool end_array() override {
    --depth_;
    return true;
  }
  bool parse_error(std::size_t /*at*/, const std::string& /*token*/,
                   const nlohmann::detail::exception& /*error*/) override {
    return false;
  }

 private:
  static constexpr int kInArticle = 2;

  /// A value that is no article, where articles are, means another kind of JSON.
  bool value() const { return depth_ >= kInArticle; }

  bool pass() {
    taken_ = take();
    return taken_.has_value();
  }
  Result<> take() {
    if (cancel_.requested()) return fail(ErrorCode::cancelled, "stopped while reading documents");
    if (!topic_.empty() && article_topic_ != topic_) {
      ++report_.skipped["another topic"];
      return {};
    }
    Document out{std::string(name_), one_line(title_, kTitleBytesMax), cleaned(extract_)};
    if (out.title.empty() || out.text.empty() || out.text.size() > kDocumentBytesMax) {
      ++report_.skipped["an article without a title or text"];
      return {};
    }
    ++report_.n_documents;
    report_.n_bytes += out.text.size();
    return on_document_(std::move(out));
  }

  std::string_view name_;
  std::string_view topic_;
  const OnDocument& on_document_;
  const Cancel& cancel_;
  ReadReport& report_;
  Result<> taken_;
  int depth_ = 0;
  std::uint64_t n_objects_ = 0;
  std::string* field_ = nullptr;  // of the article, that the next text is
  std::string title_;
  std::string extract_;
  std::string article_topic_;
};

}  // namespace

Result<> read_articles(std::string_view name, std::string_view json, std::string_view topic,
                       const OnDocument& on_document, const Cancel& cancel, ReadReport& report) {
  Articles articles(name, topic, on_document, cancel, report);
  const bool is_whole = Json::sax_parse(json, &articles);
  return articles.finish(is_whole);
}

}  // namespace plmm::reader
