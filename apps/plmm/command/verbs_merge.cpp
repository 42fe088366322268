// plmm merge in the table of verbs.
#include "apps/plmm/command/verbs_merge.h"

namespace plmm::command {

Verb merge_verb() {
  return {
      "merge",
      "make one adapter of several",
      "Joins adapters of one model (plmm train lora, PEFT's or llama.cpp's), whatever their ranks, "
      "to one that costs no more than any other. =WEIGHT behind an adapter says how much it "
      "counts, from -10 to 10; 1 where nothing stands.\n\nlinear is the weighted mean, task the "
      "weighted sum. ties keeps the largest entries of each and, where signs differ, the heavier "
      "side. dare drops entries by chance and enlarges the others; dare-ties does both. What the "
      "rank of the result cannot hold is lost, and how much that is gets printed. Whether it was "
      "worth it says plmm eval.",
      {{"ADAPTER", {Kind::text}, "a folder or file, =WEIGHT behind it", true, Repeat::many}},
      {{"--out", {Kind::text, "FOLDER|FILE"}, "where it goes: a folder for PEFT, or FILE.gguf"},
       {"--method",
        {Kind::choice, "METHOD", "linear", 0, 0, "linear|task|ties|dare|dare-ties"},
        "how they are joined"},
       {"--density",
        {Kind::real, "SHARE", "0.5", 1e-6, 1},
        "share of entries that ties and dare keep"},
       {"--rank",
        {Kind::integer, "N", "", 1, 256},
        "size of the result; default: the adapters' ranks together, at most 256"},
       {"--force", {}, "write over what is there"},
       kJson,
       from_setting("model"),
       from_setting("seed"),
       from_setting("threads"),
       from_setting("models_dir")},
      {{"plmm merge work home --out both", "the mean of two"},
       {"plmm merge work=0.7 home=0.3 --method ties --out both", "large entries, one sign each"},
       {"plmm eval chats.jsonl --adapter both --against-adapter work", "whether it helps"}}};
}

}  // namespace plmm::command
