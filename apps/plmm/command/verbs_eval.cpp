// plmm eval in the table of verbs.
#include "apps/plmm/command/verbs_eval.h"

namespace plmm::command {

Verb eval_verb() {
  return {
      "eval",
      "measure a model on your own questions and texts",
      "Each FILE is plain text or lines of JSON, told apart by their fields: \"question\" with "
      "\"choices\" and \"answer\" (acc, acc_norm), \"question\" with \"answers\" (exact_match), "
      "\"text\" or \"messages\" (perplexity, bits_per_byte; of chats only the answers count). A "
      "file "
      "may have all of them. Each value comes with the range that holds the true one with 95 % "
      "certainty.\n\nWith --against, another model or adapter does the same, and the two are "
      "compared item by item: it says better or worse only where chance is no explanation. Nothing "
      "leaves this device.",
      {{"FILE", {Kind::path}, "what to measure with", true, Repeat::many}},
      {from_setting("model"),
       from_setting("adapter"),
       {"--against", {Kind::model, "NAME|FILE"}, "compare with this model"},
       {"--against-adapter",
        {Kind::text, "FOLDER|FILE"},
        "compare with this adapter; alone: of the same model"},
       {"--limit", {Kind::integer, "N", "", 1, 1e6}, "only the first N of each kind in a FILE"},
       {"--choices",
        {Kind::choice, "WHICH", "texts", 0, 0, "texts|letters"},
        "compare the choices' texts, or list them and compare their letters"},
       {"--window",
        {Kind::integer, "N", "1024", 2, 131072},
        "tokens of a text that see each other"},
       {"--stride",
        {Kind::integer, "N", "", 1, 131071},
        "tokens that are predicted in a window; default: half of it"},
       kJson,
       from_setting("seed"),
       from_setting("threads"),
       from_setting("cpu"),
       from_setting("models_dir"),
       kTemplate},
      {{"plmm eval questions.jsonl", "how many the default model answers"},
       {"plmm eval chats.jsonl --adapter mine --against qwen2.5-coder-0.5b",
        "whether an adapter helps"},
       {"plmm eval book.txt --model small.gguf --json", "perplexity, for a script"}}};
}

}  // namespace plmm::command
