// Fuzz entry of training data: whatever a file holds, sequences are well formed or it is refused.
#include <algorithm>

#include "base/check.h"
#include "fuzz/fuzz.h"
#include "text/tiny_vocabulary.h"
#include "train/data.h"

namespace plmm::train {
namespace {

int read(std::string_view bytes) {
  static text::TinyVocabulary vocabulary = text::TinyVocabulary::bpe("gpt-2");
  static const auto tokenizer = text::Tokenizer::create(vocabulary.spec()).value();
  Documents documents;
  const auto done = add_documents(bytes, "f", documents);
  if (!done) {
    fuzz::note(done.error().what);
    return -1;
  }
  for (const Dropped& dropped : documents.dropped) fuzz::note(dropped.why);
  DataOptions options;
  options.chat_template =
      bytes.size() % 2 == 0 ? text::TemplateFamily::chatml : text::TemplateFamily::plain;
  options.n_tokens_max = 48;
  const auto data = make_data(std::move(documents), *tokenizer, options);
  if (!data) return -1;
  for (const auto* sequences : {&data->training, &data->validation}) {
    for (const Sequence& sequence : *sequences) {
      CHECK(sequence.tokens.size() >= 2 && sequence.tokens.size() <= 48);
      CHECK(sequence.weights.size() == sequence.tokens.size() && sequence.weights.back() == 0);
      CHECK(sequence.is_choice == data->report.are_pairs);
      CHECK(!sequence.is_choice || (sequence.segment_starts.size() == 2 &&
                                    sequence.segment_starts[0] == sequence.n_shared));
      CHECK(std::ranges::any_of(sequence.weights, [](float weight) { return weight > 0; }));
    }
  }
  return 0;
}

}  // namespace
}  // namespace plmm::train

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return plmm::train::read({reinterpret_cast<const char*>(data), size});
}

std::vector<std::string> plmm::fuzz::seeds() {
  return {R"({"messages":[{"role":"system","content":"s"},{"role":"user","content":"a"},)"
          R"({"role":"assistant","content":"b"}]})"
          "\n"
          R"({"text":"once"})",
          R"({"prompt":"a","chosen":"b","rejected":"c"})",
          R"({"prompt":[{"role":"system","content":"s"},{"role":"user","content":"a"}],)"
          R"("chosen":[{"role":"assistant","content":"b"}],"rejected":"c"})",
          R"({"chosen":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}],)"
          R"("rejected":[{"role":"user","content":"a"},{"role":"assistant","content":"c"}]})"
          "\n{",
          "One\ntwo\n\nThree",
          "{\"format\":\"plmm-chat\",\n\"system\":\"S\",\n\"messages\":[]}"};
}
