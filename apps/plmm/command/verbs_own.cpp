// The verbs about experts and a person's own data; part of the table of verbs.h.
#include "apps/plmm/command/verbs_own.h"

#include "apps/plmm/command/verbs_earn.h"
#include "apps/plmm/command/verbs_learn.h"
#include "apps/plmm/command/verbs_serve.h"
#include "apps/plmm/command/verbs_teacher.h"
#include "apps/plmm/command/verbs_train.h"

namespace plmm::command {
namespace {

constexpr double kCreditsMax = 1e6;  // of one funding

Verb expert_verb() {
  return {
      "expert",
      "make, list and remove experts",
      "An expert answers from a library of documents and says which passage says what. create "
      "reads the documents, cuts them into passages and signs the expert's card. `it`, `finance` "
      "and `art` are known by name: they take the documents of the Debian packages dict-foldoc "
      "and gnucash-docs, and leads of Wikipedia that are fetched and checked as models are. "
      "create --all makes those of them that are not here and were not removed; missing lists "
      "them. Experts run on this machine and are paid in play money.\n\nserve "
      "answers others over HTTP until Ctrl-C; connect makes an expert that is served elsewhere "
      "known here by its card and key, forget undoes that.\n\nreleases lists "
      "what a teacher has added; update takes its next release; rollback undoes the "
      "newest.\n\nearnings shows what the "
      "expert took and paid for contributions; fund puts credits of yours into its rewards.",
      {{"ACTION",
        {Kind::choice, "", "", 0, 0,
         "ls|create|missing|show|rm|serve|connect|forget|releases|update|rollback|"
         "earnings|fund"},
        "left out: ls",
        false},
       {"NAME", {Kind::text}, "lower-case letters, digits and -; connect: its address", false},
       {"AMOUNT", {Kind::real, "", "", 0, kCreditsMax}, "fund: credits, such as 2.5", false}},
      {{"--all", {}, "create: all experts known by name that are not here"},
       {"--docs",
        {Kind::path, "PATH"},
        "create: a file, folder or dictionary to answer from (can be repeated)",
        Repeat::many},
       {"--title", {Kind::text, "TEXT"}, "create: the field in a few words"},
       {"--summary", {Kind::text, "TEXT"}, "create: what it knows, in a sentence"},
       {"--topic",
        {Kind::text, "TEXT"},
        "create: something it can be asked about (can be repeated)",
        Repeat::many},
       {"--base",
        {Kind::model, "NAME|FILE"},
        "create: the model that answers; default: qwen2.5-coder-1.5b where it is here, else "
        "the default model"},
       {"--teacher",
        {Kind::text, "URL"},
        "update: where plmm teacher run hands releases out; left out: this machine's teacher"},
       {"--exam",
        {Kind::path, "FILE"},
        "create: questions kept apart, which no change of the library may make worse; left "
        "out: made from the abbreviations in the documents"},
       {"--from", {Kind::folder, "FOLDER"}, "create: take packages from FOLDER"},
       {"--offline", {}, "create: never touch the network"},
       port_option(),
       listen_option(),
       from_setting("ledger"),
       kJson},
      {{"plmm expert create --all", "computing, finance and the arts"},
       {"plmm expert create it", "computing, from FOLDOC"},
       {"plmm expert create wine --docs ~/notes/wine --title Wine", "from notes of one's own"},
       {"plmm ask --expert it 'What is a mutex?'", "ask it"},
       {"plmm expert serve it --port 8090", "for others, over HTTP"},
       {"plmm expert connect http://127.0.0.1:8090", "know one that is served"}}};
}

Verb profile_verb() {
  return {
      "profile",
      "what the model knows about you",
      "Your profile is pinned before every conversation with the model on this device. It is "
      "kept encrypted under a key that only this user can read, and its values, tastes, plans, age "
      "and belongings aside, are replaced before a question leaves the device.\n\nshow prints it; "
      "set puts values in the place "
      "of those a slot had; add puts them beside; forget removes a slot, one fact by its id, "
      "those that some words name, or all, also from the bytes of the files. edit opens all that "
      "holds "
      "as lines in your editor ($VISUAL, $EDITOR), in a file that is in memory only; export prints "
      "these lines, or with --json all facts, or writes them to a new file.\n\nA chat notices "
      "what you tell about yourself, by rules and in your own words only, and says so (--notice "
      "false: not). What was noticed has its date and the turn that says it; a newer place, work "
      "or name ends the older one, which is shown as former. Forgetting it forgets the turn too. "
      "In a chat \"forget where I live\" and \"what do you know about me?\" do the same.",
      {{"ACTION",
        {Kind::choice, "", "", 0, 0, "show|set|add|edit|forget|export"},
        "left out: show",
        false},
       {"SLOT",
        {Kind::text},
        "name, education, work, hobbies, languages, tone, health, place, workplace, people, pets, "
        "dislikes, likes, origin, age, plans or possessions; for forget also words, an id or all; "
        "for "
        "export a file",
        false},
       {"VALUE", {Kind::text}, "for set and add; quote what has spaces", false, Repeat::many}},
      {kJson},
      {{"plmm profile set name Mira", "it greets you"},
       {"plmm profile edit", "all of it, in your editor"},
       {"plmm profile set hobbies climbing 'old maps'", "two values"},
       {"plmm profile forget work", "gone, also from the files"},
       {"plmm profile forget my sister Anna", "what was noticed of her"}}};
}

Verb memory_verb() {
  return {
      "memory",
      "what was said in earlier conversations",
      "Each turn of a conversation is kept, encrypted on this device, and what you told about "
      "yourself comes back when a later question needs it. What a model answered is never "
      "taken for something you said.\n\nls lists the turns; search finds those about "
      "something, by words and by meaning; show prints one; rm forgets one by its id, or all, "
      "also from the bytes of the files.",
      {{"ACTION", {Kind::choice, "", "", 0, 0, "ls|search|show|rm"}, "left out: ls", false},
       {"WHAT", {Kind::text}, "search: words; show: an id; rm: an id or all", false, Repeat::many}},
      {kJson, from_setting("models_dir")},
      {{"plmm memory", "everything that is remembered"},
       {"plmm memory search my sister", "what you said about her"},
       {"plmm memory rm 17", "forget one turn"}}};
}

Verb outbox_verb() {
  return {"outbox",
          "list what left this device",
          "For every question that went to an expert: when, to whom, the exact bytes, what came of "
          "it and what it cost. The list is kept encrypted, like the profile.",
          {},
          {kJson},
          {{"plmm outbox", "everything that left"}}};
}

Verb why_verb() {
  return {"why",
          "say how the last answer came about",
          "Who answered and for which reasons, which parts of the profile were used, and what left "
          "the device.",
          {},
          {},
          {{"plmm why", "about the last answer"}}};
}

Verb wallet_verb() {
  return {
      "wallet",
      "show your credits",
      "What can be spent, what is set aside for answers on their way, and every movement. A new "
      "wallet gets play money, which has no value outside this machine.",
      {},
      {from_setting("ledger"), kJson},
      {{"plmm wallet", "balance and movements"}}};
}

Verb vault_verb() {
  return {
      "vault",
      "lock, check, move or wipe what is kept about you",
      "Profile, memory, outbox and consents are kept in one encrypted file. Its key and a "
      "counter stand apart from it, so that a copy alone can neither be read nor put back "
      "unnoticed.\n\npasswd gives it a passphrase, changes it, or takes it away where the new one "
      "is empty. With one, each program asks for it, until unlock keeps the key in memory "
      "(XDG_RUNTIME_DIR) for the rest of the login; lock ends that. rotate seals everything under "
      "a new key. verify checks every record.\n\nexport writes an archive under a passphrase of "
      "its own; import reads one into an empty vault. accept goes on with a copy that was put back "
      "on purpose, or with what is left of a damaged one. wipe forgets everything.\n\nScripts put "
      "passphrases into files, and name those in PLMM_VAULT_PASSPHRASE_FILE, "
      "PLMM_VAULT_NEW_PASSPHRASE_FILE and PLMM_ARCHIVE_PASSPHRASE_FILE, or send them to this verb "
      "one a line: the vault's, then the new or the archive's.",
      {{"ACTION",
        {Kind::choice, "", "", 0, 0,
         "show|init|lock|unlock|passwd|rotate|verify|export|import|accept|wipe|erase"},
        "left out: show; erase is wipe",
        false},
       {"FILE", {Kind::path}, "export, import: the archive", false}},
      {{"--yes", {}, "wipe: do not ask"}, {"--replace", {}, "import: let go what is in the vault"}},
      {{"plmm vault passwd", "a passphrase of your own"},
       {"plmm vault export ~/plmm.vault", "to another device, or a safe place"},
       {"plmm vault verify", "is every record whole?"}}};
}

}  // namespace

std::vector<Verb> own_verbs() {
  return {expert_verb(),  ledger_verb(), teacher_verb(), train_verb(), profile_verb(),
          memory_verb(),  learn_verb(),  outbox_verb(),  why_verb(),   wallet_verb(),
          correct_verb(), earn_verb(),   vault_verb()};
}

}  // namespace plmm::command
