// plmm quantize in the table of verbs.
#include "apps/plmm/command/verbs_quantize.h"

namespace plmm::command {
namespace {

Value type_of_weights() { return {Kind::choice, "TYPE", "", 0, 0, "Q8_0|Q6_K|Q5_0|Q4_K|Q4_0"}; }

}  // namespace

Verb quantize_verb() {
  return {
      "quantize",
      "make a model's file smaller",
      "Writes a model's file anew with its matrices in fewer bits: less memory, and more tokens a "
      "second, for answers that are a little further from the source's. How much further is "
      "measured on a text and printed (mean KL divergence per token; 0 is the same model).\n\n"
      "Types from large to small: Q8_0, Q6_K, Q5_0, Q4_K, Q4_0. --type is for all matrices, the "
      "other options for one class of them; a class without a type stays as it is. Where rows "
      "are no multiple of 256 numbers, Q5_0 stands for Q4_K and Q8_0 for Q6_K. A source that is "
      "quantised already adds its own error: take the largest one there is.",
      {{"IN", {Kind::model}, "a name of `plmm ls` or a GGUF file", true},
       {"OUT", {Kind::path}, "the file to write", true}},
      {{"--type", type_of_weights(), "of all matrices"},
       {"--embedding", type_of_weights(), "of the embedding, often the head too"},
       {"--attention", type_of_weights(), "of queries, keys, values and their output"},
       {"--feed-forward", type_of_weights(), "of gate, up and down"},
       {"--head", type_of_weights(), "of the head, where it is not the embedding"},
       {"--text", {Kind::path, "FILE"}, "measure on this text; default: a built-in page"},
       {"--force", {}, "write over OUT where it is there"},
       kJson,
       from_setting("threads"),
       from_setting("cpu"),
       from_setting("models_dir")},
      {{"plmm quantize big.gguf small.gguf --type Q4_K", "the usual choice"},
       {"plmm quantize big.gguf small.gguf --type Q4_K --embedding Q8_0", "a finer head"},
       {"plmm chat --model small.gguf", "and its model"}}};
}

}  // namespace plmm::command
