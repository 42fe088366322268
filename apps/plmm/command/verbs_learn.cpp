// plmm learn in the table of verbs.
#include "apps/plmm/command/verbs_learn.h"

namespace plmm::command {

Verb learn_verb() {
  return {
      "learn",
      "have the model know your documents and learn how you write",
      "add takes documents of yours into the vault: text, Markdown, HTML, PDF, mail (mbox) and "
      "program text, a file or a folder with all below it but hidden files. What fits a question "
      "is then shown to the "
      "model on this device, with its file and line, page or message, and plmm why names the "
      "places. Nothing of it "
      "goes to an expert, and what stands in a document is data: no instruction, and no fact about "
      "you. Added again, files that did not change are not read again, changed ones are replaced, "
      "and missing ones are told. documents lists what is there; rm forgets a document or a folder "
      "of them, also from the bytes of the files. Ctrl-C keeps what is finished.\n\n"
      "now trains a small adapter on what you said in earlier conversations (plmm memory) and on "
      "corrections of yours that an expert found right. What a model or an expert answered is "
      "never learnt. The newest fifth of your conversations is held back: the adapter is used only "
      "where it predicts those better, beyond chance, and text about nothing personal hardly "
      "worse. Otherwise everything stays as it was; Ctrl-C does that too.\n\n"
      "auto does the same by itself, over and over until Ctrl-C: when some 20 turns or corrections "
      "are new, other programs leave most of the machine to it, it runs on mains and is not hot. "
      "When that ends, it pauses, and goes on later. It asks for nothing: while the vault is "
      "locked, it waits. With --once, for cron or a timer, it learns or says why not "
      "now.\n\nThe adapter stays on "
      "this device, sealed in the vault, for the model that it was learnt on. chat and ask use it "
      "by themselves; --adapter none and --incognito do not, and plmm why names it.\n\nstatus "
      "lists "
      "the versions, with what they learnt from and how they were tested. undo removes the one in "
      "use for good and goes back to the one before. When you forget a turn (plmm memory rm), "
      "every version that learnt from it goes too.",
      {{"ACTION",
        {Kind::choice, "", "", 0, 0, "now|auto|status|undo|add|documents|rm"},
        "left out: status",
        false},
       {"WHAT",
        {Kind::path},
        "add: files and folders; rm: a document's name, its path, a folder, or all",
        false,
        Repeat::many}},
      {{"--minutes",
        {Kind::real, "N", "5", 0.1, 600},
        "now, auto: how long it may take, tests included, pauses not"},
       {"--steps",
        {Kind::integer, "N", "", 1, 1e6},
        "now, auto: so many steps, however long they take"},
       {"--nice",
        {Kind::integer, "N", "10", 0, 19},
        "now, auto: let other programs go first; 0: do not"},
       {"--once", {Kind::flag}, "auto: do not wait for a good moment; learn now or say why not"},
       {"--busy",
        {Kind::integer, "N", "25", 0, 100},
        "auto: percent of the machine that other programs may use"},
       {"--on-battery", {Kind::flag}, "auto: also without mains"},
       kJson,
       from_setting("model"),
       from_setting("seed"),
       from_setting("threads"),
       from_setting("cpu"),
       from_setting("packed_weights"),
       from_setting("models_dir"),
       kTemplate},
      {{"plmm learn add ~/notes", "answers from your notes, with file and line"},
       {"plmm learn rm ~/notes", "forget them"},
       {"plmm learn now", "learn from what you have said so far"},
       {"plmm learn auto", "learn whenever there is enough new and nobody needs the machine"},
       {"plmm learn", "what was learnt, from how much, and whether it is in use"},
       {"plmm learn undo", "back to the version before"}}};
}

}  // namespace plmm::command
