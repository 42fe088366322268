// plmm train in the table of verbs.
#include "apps/plmm/command/verbs_train.h"

namespace plmm::command {

Verb train_verb() {
  return {
      "train",
      "teach a model from your chats or texts",
      "lora trains a small adapter on this device; the model's file stays as it is, and nothing "
      "leaves. --data takes chats (JSON Lines with OpenAI's messages, or a chat saved with /save), "
      "of which only the answers are learnt, plain text, or pairs of answers (prompt, chosen, "
      "rejected), of which it is learnt which is better. Some documents are kept apart: "
      "training ends when it no longer helps on them, and the best state is kept.\n\nCtrl-C or a "
      "power cut loses nothing: --resume goes on to the same result. The folder then holds the "
      "adapter for plmm and PEFT, adapter.gguf for llama.cpp, a report and the learning curve.\n\n"
      "distill does the same with a --teacher, a larger model that reads text as the same tokens: "
      "it reads the data once and says what it thinks comes next; the small one learns that, and "
      "what does come.",
      {{"ACTION",
        {Kind::choice, "", "", 0, 0, "lora|distill"},
        "learn from the data, or from what a larger model says of them too"}},
      {{"--data", {Kind::path, "FILE"}, "what to learn from (can be repeated)", Repeat::many},
       {"--out", {Kind::folder, "FOLDER"}, "where the adapter goes"},
       {"--resume", {}, "go on with the run that was stopped in FOLDER"},
       {"--teacher", {Kind::model, "NAME|FILE"}, "distill: the larger model"},
       {"--kl-weight",
        {Kind::real, "X", "0.5", 0, 1},
        "distill: the teacher's share of what is learnt; the rest is the data's"},
       {"--temperature",
        {Kind::real, "X", "1", 0.1, 20},
        "distill: above 1 the teacher's unlikely words count more"},
       {"--top-k",
        {Kind::integer, "N", "32", 0, 256},
        "distill: the teacher's likeliest words that are kept"},
       {"--draws",
        {Kind::integer, "N", "16", 1, 256},
        "distill: words drawn to stand for all its others"},
       {"--rank", {Kind::integer, "N", "16", 1, 256}, "size of the adapter"},
       {"--alpha", {Kind::real, "X", "", 0.001, 65536}, "strength; default: twice the rank"},
       {"--targets",
        {Kind::choice, "WHICH", "all", 0, 0, "all|attention|feed-forward"},
        "matrices that are adapted"},
       {"--lr", {Kind::real, "X", "0.0005", 1e-9, 1}, "the highest learning rate"},
       {"--epochs", {Kind::integer, "N", "3", 1, 1000}, "times through the data"},
       {"--steps", {Kind::integer, "N", "", 1, 1e6}, "end after N steps instead"},
       {"--batch", {Kind::integer, "N", "4", 1, 256}, "sequences of a step"},
       {"--sequence", {Kind::integer, "N", "512", 16, 8192}, "tokens of a sequence, at most"},
       {"--validation", {Kind::real, "SHARE", "0.1", 0, 0.5}, "share that is kept apart"},
       {"--patience",
        {Kind::integer, "N", "3", 0, 1000},
        "end after N looks without a better loss; 0: never"},
       {"--nice", {Kind::integer, "N", "10", 0, 19}, "let other programs go first; 0: do not"},
       {"--when-idle",
        {Kind::flag},
        "pause while others need the machine, it has no mains, or is hot"},
       {"--busy",
        {Kind::integer, "N", "25", 0, 100},
        "--when-idle: percent of the machine that other programs may use"},
       {"--on-battery", {Kind::flag}, "--when-idle: also without mains"},
       from_setting("model"),
       from_setting("seed"),
       from_setting("threads"),
       from_setting("cpu"),
       from_setting("models_dir"),
       kTemplate},
      {{"plmm train lora --data chats.jsonl --out mine", "an adapter from your chats"},
       {"plmm chat --adapter mine", "and the model that has it"},
       {"plmm train lora --data chats.jsonl --out mine --resume", "go on after Ctrl-C"},
       {"plmm train distill --teacher qwen2.5-coder-1.5b --data it.txt --out it",
        "the small model, taught by the large one"}}};
}

}  // namespace plmm::command
