// The verbs about experts and a person's own data; part of the table of verbs.h.
#include "apps/plmm/verbs_own.h"

namespace plmm::cli {
namespace {

Verb expert_verb() {
  return {"expert",
          "make, list and remove experts",
          "An expert answers from a library of documents and says which passage says what. create "
          "reads the documents, cuts them into passages and signs the expert's card; `it` and "
          "`finance` are known by name and take the documents of the Debian packages dict-foldoc "
          "and gnucash-docs. Experts run on this machine and are paid in play money.",
          {{"ACTION", {Kind::choice, "", "", 0, 0, "ls|create|show|rm"}, "left out: ls", false},
           {"NAME", {Kind::text}, "lower-case letters, digits and -", false}},
          {{"--docs",
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
           kJson},
          {{"plmm expert create it", "computing, from FOLDOC"},
           {"plmm expert create wine --docs ~/notes/wine --title Wine", "from notes of one's own"},
           {"plmm ask --expert it 'What is a mutex?'", "ask it"}}};
}

Verb profile_verb() {
  return {"profile",
          "what the model knows about you",
          "Your profile is pinned before every conversation with the model on this device. It is "
          "kept encrypted under a key that only this user can read, and its values are replaced "
          "before a question leaves the device.\n\nshow prints it; set puts values in the place "
          "of those a slot had; add puts them beside; forget removes a slot, one fact by its id, "
          "or all, also from the bytes of the files.",
          {{"ACTION", {Kind::choice, "", "", 0, 0, "show|set|add|forget"}, "left out: show", false},
           {"SLOT",
            {Kind::text},
            "name, education, work, hobbies, languages or tone; for forget also an id or all",
            false},
           {"VALUE", {Kind::text}, "for set and add; quote what has spaces", false, Repeat::many}},
          {kJson},
          {{"plmm profile set name Mira", "it greets you"},
           {"plmm profile set hobbies climbing 'old maps'", "two values"},
           {"plmm profile forget work", "gone, also from the files"}}};
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
          "say how an expert's last answer came about",
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
      {kJson},
      {{"plmm wallet", "balance and movements"}}};
}

Verb vault_verb() {
  return {
      "vault",
      "show or erase the vault",
      "Profile, outbox and consents are kept in one encrypted file. Its key and a counter stand "
      "apart from it, so that a copy alone can neither be read nor put back unnoticed.\n\nshow "
      "prints where they are; accept goes on with a copy that was put back on purpose; erase "
      "forgets everything in it.",
      {{"ACTION", {Kind::choice, "", "", 0, 0, "show|accept|erase"}, "left out: show", false}},
      {{"--yes", {}, "erase: do not ask"}},
      {{"plmm vault", "where it is"}}};
}

}  // namespace

std::vector<Verb> own_verbs() {
  return {expert_verb(), profile_verb(), outbox_verb(), why_verb(), wallet_verb(), vault_verb()};
}

}  // namespace plmm::cli
