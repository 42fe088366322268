// Tables of phrases, matched as whole words.
#include "personal/local_signs.h"

#include <algorithm>
#include <array>
#include <span>
#include <vector>

namespace plmm::personal {
namespace {

using Phrases = std::span<const std::string_view>;

constexpr std::array<std::string_view, 86> kOwnProfile{
    "do i do at",
    "that i teach",
    "that i study",
    "i would enjoy",
    "i might enjoy",
    "i might like",
    "would i like",
    "would i enjoy",
    "would suit me",
    "suits me",
    "based on my",
    "which of my",
    "given what i",
    "my name",
    "who am i",
    "about me",
    "about myself",
    "know me",
    "my profile",
    "my hobby",
    "my hobbies",
    "my job",
    "my profession",
    "my occupation",
    "my employer",
    "my school",
    "my university",
    "my college",
    "my degree",
    "my studies",
    "my education",
    "my major",
    "my birthday",
    "my age",
    "my native",
    "my mother tongue",
    "my languages",
    "my favourite",
    "my favorite",
    "my tone",
    "my hometown",
    "my home town",
    "my nickname",
    "my career",
    "my workplace",
    "my line of work",
    "my alma mater",
    "my pastime",
    "my pastimes",
    "my free time",
    "my spare time",
    "my interests",
    "my background",
    "my qualifications",
    "my diet",
    "my allergies",
    "my personality",
    "remember me",
    "i told you",
    "ive told you",
    "i have told you",
    "i tell you",
    "have i told",
    "have i mentioned",
    "have i said",
    "did i",
    "was i",
    "do i live",
    "do i work",
    "do i study",
    "do i teach",
    "do i speak",
    "do i like",
    "do i love",
    "do i enjoy",
    "do i prefer",
    "do i play",
    "do i do for",
    "do i do on",
    "do i do in my",
    "do i come from",
    "do i hate",
    "do i dislike",
    "do i collect",
    "how i like to be",
    "call me",
};
constexpr std::array<std::string_view, 41> kOwnLife{
    "my wife",        "my husband",   "my girlfriend", "my boyfriend", "my mother",
    "my father",      "my mom",       "my mum",        "my dad",       "my parents",
    "my sister",      "my brother",   "my son",        "my daughter",  "my kids",
    "my children",    "my friend",    "my friends",    "my dog",       "my cat",
    "my boss",        "my colleague", "my colleagues", "my neighbour", "my neighbor",
    "my weekend",     "my day",       "my plans",      "my mood",      "my grandmother",
    "my grandfather", "my aunt",      "my uncle",      "my cousin",    "my work",
    "my life",        "my family",    "remind me",     "my evening",   "my skills",
    "i mentioned",
};
constexpr std::array<std::string_view, 40> kConversation{
    "you said",          "you just said",     "you say earlier",
    "your last answer",  "your answer",       "your previous",
    "your last message", "your first answer", "previous answer",
    "previous message",  "previous question", "last question",
    "first question",    "this conversation", "our conversation",
    "our chat",          "this chat",         "we talked",
    "we discussed",      "we talk about",     "we speak about",
    "we were talking",   "we have talked",    "weve talked",
    "i asked",           "i just asked",      "i ask you",
    "i just said",       "i just told",       "say that again",
    "repeat that",       "repeat your",       "explain that again",
    "said earlier",      "said before",       "you mentioned",
    "you told me",       "did you mean",      "do you mean",
    "so far in",
};
constexpr std::array<std::string_view, 52> kSmallTalk{
    "sing me",
    "sing a",
    "im hungry",
    "im thirsty",
    "do you sleep",
    "you are great",
    "how are you",
    "who are you",
    "what are you",
    "what can you do",
    "your name",
    "thank you",
    "good morning",
    "good evening",
    "good night",
    "good afternoon",
    "a joke",
    "another joke",
    "how was your",
    "are you there",
    "are you ok",
    "are you real",
    "are you human",
    "are you a robot",
    "are you an ai",
    "are you happy",
    "nice to meet",
    "see you",
    "im bored",
    "i am bored",
    "i feel",
    "im sad",
    "im tired",
    "im happy",
    "im lonely",
    "im stressed",
    "i am sad",
    "i am tired",
    "do you like",
    "do you have feelings",
    "whats up",
    "hows it going",
    "how is it going",
    "lets chat",
    "talk to me",
    "happy birthday",
    "cheer me up",
    "i love you",
    "your favourite",
    "your favorite",
    "tell me something",
    "how do you feel",
};
/// A text of few words that begins so is a greeting or an echo.
constexpr std::array<std::string_view, 27> kGreetings{
    "hi",    "hello",   "hey",     "yo",       "thanks", "thank",  "bye",    "goodbye",   "good",
    "great", "ok",      "okay",    "yes",      "no",     "cool",   "nice",   "wow",       "sorry",
    "sure",  "perfect", "welcome", "continue", "why",    "really", "please", "greetings", "morning",
};
/// How people begin to tell about themselves.
constexpr std::array<std::string_view, 22> kTelling{
    "i am",        "im",     "i teach",   "i work",    "i live",   "i study",
    "i like",      "i love", "i enjoy",   "i speak",   "i was",    "ive been",
    "i have been", "i grew", "i moved",   "i play",    "i prefer", "i hate",
    "i come from", "my",     "i studied", "i collect",
};
constexpr std::array<std::string_view, 24> kPolite{
    "please",
    "can you",
    "could you",
    "would you",
    "will you",
    "help me to",
    "help me",
    "i need you to",
    "id like you to",
    "i want you to",
    "kindly",
    "lets",
    "hi",
    "hello",
    "hey",
    "ok",
    "okay",
    "and",
    "now",
    "then",
    "so",
    "good morning",
    "good evening",
    "just",
};
/// Verbs that always ask for a text.
constexpr std::array<std::string_view, 10> kRewriting{
    "rewrite", "rephrase", "paraphrase", "proofread", "reword",
    "shorten", "polish",   "summarise",  "summarize", "spellcheck",
};
constexpr std::array<std::string_view, 8> kWriting{
    "write", "draft", "compose", "correct", "improve", "edit", "make", "create",
};
constexpr std::array<std::string_view, 45> kTexts{
    "email",   "e mail",   "mail",       "letter",    "poem",  "message",   "note",
    "story",   "essay",    "invitation", "reply",     "text",  "paragraph", "toast",
    "speech",  "post",     "caption",    "haiku",     "song",  "wish",      "apology",
    "sms",     "tweet",    "diary",      "limerick",  "card",  "greeting",  "sentence",
    "resume",  "cv",       "blog",       "thank you", "rhyme", "slogan",    "headline",
    "eulogy",  "vow",      "vows",       "birthday",  "this",  "following", "sentences",
    "grammar", "spelling", "wording",
};
constexpr std::array<std::string_view, 34> kCode{
    "script",
    "code",
    "function",
    "query",
    "sql",
    "regex",
    "regular expression",
    "command",
    "program",
    "class",
    "dockerfile",
    "makefile",
    "bash",
    "python",
    "java",
    "javascript",
    "typescript",
    "rust",
    "cron",
    "yaml",
    "json",
    "html",
    "css",
    "algorithm",
    "unit test",
    "api",
    "config",
    "loop",
    "shell",
    "kernel",
    "compiler",
    "spreadsheet",
    "database",
    "git",
};
constexpr std::array<std::string_view, 9> kTranslation{
    "translate",    "translation of",     "how do you say",
    "how do i say", "how would you say",  "how to say",
    "say it in",    "whats the word for", "what is the word for",
};
constexpr std::array<std::string_view, 22> kLanguages{
    "english",  "german",  "french",    "spanish", "italian", "portuguese", "dutch", "polish",
    "czech",    "russian", "ukrainian", "turkish", "arabic",  "hebrew",     "hindi", "chinese",
    "japanese", "korean",  "swedish",   "danish",  "greek",   "latin",
};

bool has(std::string_view words, std::string_view phrase) {
  for (std::size_t at = words.find(phrase); at != std::string_view::npos;
       at = words.find(phrase, at + 1)) {
    if (words[at - 1] == ' ' && words[at + phrase.size()] == ' ') return true;  // ends are spaces
  }
  return false;
}
bool has_any(std::string_view words, Phrases phrases) {
  return std::ranges::any_of(phrases, [&](std::string_view phrase) { return has(words, phrase); });
}

/// Whether `words` begin with `phrase`: behind the first space and before another one.
bool begins(std::string_view words, std::string_view phrase) {
  return words.substr(1).starts_with(phrase) && words[phrase.size() + 1] == ' ';
}
bool begins_any(std::string_view words, Phrases phrases) {
  return std::ranges::any_of(phrases,
                             [&](std::string_view phrase) { return begins(words, phrase); });
}

std::string_view without_politeness(std::string_view words) {
  for (bool found = true; found;) {
    found = false;
    for (const std::string_view phrase : kPolite) {
      if (!begins(words, phrase)) continue;
      words.remove_prefix(phrase.size() + 1);
      found = true;
    }
  }
  return words;
}

std::ptrdiff_t n_words(std::string_view words) { return std::ranges::count(words, ' ') - 1; }

/// "am I …" is about the person, unless it is about what a machine or an office does to them.
bool asks_what_one_is(std::string_view words) {
  const std::size_t at = words.find(" am i ");
  if (at == std::string_view::npos) return false;
  const std::string_view rest = words.substr(at + 6);
  const std::string_view next = rest.substr(0, rest.find(' '));
  constexpr std::array<std::string_view, 19> kDone{
      "getting", "seeing",   "missing", "using",   "supposed", "charged", "paying",
      "taxed",   "required", "allowed", "liable",  "eligible", "able",    "doing",
      "unable",  "owed",     "losing",  "running", "not"};
  return std::ranges::find(kDone, next) == kDone.end();
}

/// The word at the beginning of `text`, which ends with a space.
std::string_view first_word(std::string_view text) { return text.substr(0, text.find(' ')); }

/// "What instrument do I play?" is about the person, "which command do I need to …?" about a thing
/// to do. "How do I …?" never is.
std::optional<Strength> asks_what_one_does(std::string_view words) {
  constexpr std::array<std::string_view, 38> kDoing{
      "need",  "use",    "get",  "put",   "find",    "enter",  "pay",   "owe",    "choose", "pick",
      "type",  "set",    "buy",  "run",   "install", "record", "debit", "credit", "look",   "begin",
      "start", "add",    "see",  "click", "expect",  "try",    "check", "change", "lose",   "file",
      "take",  "invest", "sell", "write", "report",  "call",   "make",  "go"};
  constexpr std::array<std::string_view, 6> kAsking{"what", "which", "who",
                                                    "whom", "where", "when"};
  constexpr std::array<std::string_view, 4> kAmount{"how much", "how many", "how long",
                                                    "how often"};
  constexpr std::array<std::string_view, 3> kAuxiliaries{" do i ", " can i ", " have i "};
  constexpr std::array<std::string_view, 6> kPurpose{"to", "if", "when", "with", "about", "for"};
  for (const std::string_view auxiliary : kAuxiliaries) {
    const std::size_t at = words.find(auxiliary);
    if (at == std::string_view::npos) continue;
    const std::string_view before = words.substr(0, at + 1);
    const bool asks = has_any(before, kAsking) || has_any(before, kAmount);
    if (!asks && !(at == 0 && auxiliary == " do i ")) continue;
    const std::string_view rest = words.substr(at + auxiliary.size());
    const std::string_view verb = first_word(rest);
    const std::string_view behind = rest.substr(verb.size());
    if (verb == "use" && behind == " ") return Strength::weak;
    if (std::ranges::find(kDoing, verb) != kDoing.end() || has_any(behind, kPurpose)) continue;
    return behind == " " || at == 0 ? Strength::strong : Strength::weak;
  }
  return std::nullopt;
}

std::optional<LocalSign> find_translation(std::string_view words) {
  if (has_any(words, kCode)) return std::nullopt;
  const bool names_language = std::ranges::any_of(kLanguages, [&](std::string_view language) {
    return has(words, "in " + std::string(language)) ||
           has(words, "into " + std::string(language)) ||
           has(words, "to " + std::string(language)) ||
           has(words, std::string(language) + " word for");
  });
  if (begins(words, "translate") || has_any(words, kTranslation)) {
    return LocalSign{Reason::translation, Strength::strong};
  }
  const bool asks_meaning = has(words, "mean") || has(words, "called") || has(words, "word");
  if (names_language && asks_meaning) return LocalSign{Reason::translation, Strength::strong};
  return std::nullopt;
}

std::optional<LocalSign> find_writing(std::string_view words) {
  if (has_any(words, kCode)) return std::nullopt;
  const bool names_text = has_any(words, kTexts);
  if (begins_any(words, kRewriting)) {
    return LocalSign{Reason::writing_task, names_text ? Strength::strong : Strength::weak};
  }
  if (begins_any(words, kWriting) && names_text) {
    return LocalSign{Reason::writing_task, Strength::strong};
  }
  return std::nullopt;
}

}  // namespace

std::string to_words(std::string_view text) {
  std::string out = " ";
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '\'' || c == '`') continue;
    // U+2018 and U+2019, the printed apostrophes.
    if (text.substr(at).starts_with("\xE2\x80\x98") ||
        text.substr(at).starts_with("\xE2\x80\x99")) {
      at += 2;
      continue;
    }
    const bool is_upper = c >= 'A' && c <= 'Z';
    const bool is_word = is_upper || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                         static_cast<unsigned char>(c) >= 0x80;
    if (is_word) out.push_back(is_upper ? static_cast<char>(c - 'A' + 'a') : c);
    if (!is_word && out.back() != ' ') out.push_back(' ');
  }
  if (out.back() != ' ') out.push_back(' ');
  return out;
}

std::optional<LocalSign> find_local_sign(std::string_view question) {
  const std::string all = to_words(question);
  if (n_words(all) == 0) return LocalSign{Reason::small_talk, Strength::strong};
  if (has_any(all, kOwnProfile) || asks_what_one_is(all)) {
    return LocalSign{Reason::own_profile, Strength::strong};
  }
  if (const auto strength = asks_what_one_does(all)) {
    return LocalSign{Reason::own_profile, *strength};
  }
  if (has_any(all, kConversation)) return LocalSign{Reason::this_conversation, Strength::strong};
  const std::string_view words = without_politeness(all);
  if (const auto sign = find_translation(words)) return sign;
  if (const auto sign = find_writing(words)) return sign;
  const bool is_short = n_words(all) <= 3;
  const bool asks = question.find('?') != std::string_view::npos;
  const bool thanks = !asks && (begins(all, "thanks") || begins(all, "thank you"));
  if (n_words(words) == 0 || thanks || (is_short && begins_any(all, kGreetings))) {
    return LocalSign{Reason::small_talk, Strength::strong};
  }
  if (has_any(all, kSmallTalk)) {
    return LocalSign{Reason::small_talk, n_words(all) <= 8 ? Strength::strong : Strength::weak};
  }
  if (has_any(all, kOwnLife) || (!asks && begins_any(words, kTelling))) {
    return LocalSign{Reason::own_profile, Strength::weak};
  }
  return std::nullopt;
}

}  // namespace plmm::personal
