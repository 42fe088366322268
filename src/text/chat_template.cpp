// Chat template families: recognition by markers, and the token ids of a conversation.
#include "text/chat_template.h"

#include <algorithm>
#include <array>
#include <utility>

namespace plmm::text {
namespace {

constexpr std::array<std::pair<TemplateFamily, std::string_view>, 6> kNames{{
    {TemplateFamily::chatml, "chatml"},
    {TemplateFamily::gemma, "gemma"},
    {TemplateFamily::llama3, "llama3"},
    {TemplateFamily::mistral, "mistral"},
    {TemplateFamily::zephyr, "zephyr"},
    {TemplateFamily::plain, "plain"},
}};

// No template has a system text near this long; without a limit a hostile one would cost time
// quadratic in its length.
constexpr std::size_t kLiteralBytesMax = 8192;

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\n\v\f\r";
  const std::size_t begin = text.find_first_not_of(kSpaces);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpaces) - begin + 1);
}

std::string_view role_name(Role role) {
  switch (role) {
    case Role::system:
      return "system";
    case Role::user:
      return "user";
    case Role::assistant:
      break;
  }
  return "assistant";
}

// Collects token ids. Each part is encoded on its own, so that what is already there never changes.
class Parts {
 public:
  explicit Parts(const Tokenizer& tokenizer) : tokenizer_(tokenizer) {
    if (tokenizer.add_bos() && tokenizer.bos()) ids_.push_back(*tokenizer.bos());
  }

  // The family's own text.
  void frame(std::string_view text) { add(text, Special::parse); }
  // What a person or the model wrote.
  void content(std::string_view text) { add(text, Special::plain); }
  // The next part starts like a text of its own (SentencePiece: with a space).
  void start_anew() { after_text_ = false; }
  void end_of_text() {
    if (tokenizer_.eos()) ids_.push_back(*tokenizer_.eos());
    after_text_ = false;
  }
  std::vector<TokenId> take() { return std::move(ids_); }

 private:
  void add(std::string_view text, Special special) {
    if (text.empty()) return;
    const auto more =
        after_text_ ? tokenizer_.encode_more(text, special) : tokenizer_.encode(text, special);
    ids_.insert(ids_.end(), more.begin(), more.end());
    after_text_ = true;
  }

  const Tokenizer& tokenizer_;
  std::vector<TokenId> ids_;
  bool after_text_ = false;
};

// <|im_start|>user
// Hello<|im_end|>
// <|im_start|>assistant
void add_chatml(std::span<const Message> messages, Parts& parts) {
  constexpr std::string_view kAnswer = "<|im_start|>assistant\n";
  for (const Message& message : messages) {
    if (message.role == Role::assistant) {
      parts.frame(kAnswer);
      parts.content(message.content);
    } else {
      // Line break and content are cut into words together, as the models were taught; not so
      // for the assistant, who writes behind a line break that is already encoded.
      parts.frame("<|im_start|>" + std::string(role_name(message.role)));
      parts.content("\n" + message.content);
    }
    parts.frame("<|im_end|>\n");
  }
  parts.frame(kAnswer);
}

// <start_of_turn>user
// Hello<end_of_turn>
// <start_of_turn>model
// There is no system role: its text leads the next user turn.
void add_gemma(std::span<const Message> messages, Parts& parts) {
  std::string lead;
  for (const Message& message : messages) {
    if (message.role == Role::system) {
      lead = message.content + "\n\n";
      continue;
    }
    parts.frame(message.role == Role::user ? "<start_of_turn>user\n" : "<start_of_turn>model\n");
    if (message.role == Role::user) parts.content(std::exchange(lead, {}));
    parts.content(trim(message.content));
    parts.frame("<end_of_turn>\n");
  }
  parts.frame("<start_of_turn>model\n");
}

// <|start_header_id|>user<|end_header_id|>
//
// Hello<|eot_id|><|start_header_id|>assistant<|end_header_id|>
//
void add_llama3(std::span<const Message> messages, Parts& parts) {
  const auto open = [](Role role) {
    return "<|start_header_id|>" + std::string(role_name(role)) + "<|end_header_id|>\n\n";
  };
  for (const Message& message : messages) {
    parts.frame(open(message.role));
    parts.content(trim(message.content));
    parts.frame("<|eot_id|>");
  }
  parts.frame(open(Role::assistant));
}

// [INST] Hello [/INST] Hi</s>[INST] …
// The spaces are those that SentencePiece puts before each part; the byte-level vocabularies of
// this family use none.
void add_mistral(std::span<const Message> messages, Parts& parts) {
  std::string lead;
  for (const Message& message : messages) {
    parts.start_anew();
    switch (message.role) {
      case Role::system:
        lead = message.content + "\n\n";
        break;
      case Role::user:
        parts.frame("[INST]");
        parts.start_anew();
        parts.content(std::exchange(lead, {}) + message.content);
        parts.start_anew();
        parts.frame("[/INST]");
        break;
      case Role::assistant:
        parts.content(message.content);
        parts.end_of_text();
        break;
    }
  }
}

// <|user|>
// Hello</s>
// <|assistant|>
void add_zephyr(std::span<const Message> messages, Parts& parts) {
  const auto open = [](Role role) { return "<|" + std::string(role_name(role)) + "|>\n"; };
  for (const Message& message : messages) {
    parts.frame(open(message.role));
    parts.content(message.content);
    parts.end_of_text();
    parts.frame("\n");
  }
  parts.frame(open(Role::assistant));
}

// User: Hello
// Assistant: Hi
void add_plain(std::span<const Message> messages, Parts& parts) {
  // The space belongs to the word behind it, as in running text.
  const auto spaced = [](std::string_view text) {
    const bool has_space = text.starts_with(' ') || text.starts_with('\n');
    return (has_space || text.empty() ? "" : " ") + std::string(text);
  };
  std::string_view before;
  for (const Message& message : messages) {
    if (message.role == Role::system) {
      parts.content(message.content);
      before = "\n\n";
      continue;
    }
    parts.frame(std::string(before) + (message.role == Role::user ? "User:" : "Assistant:"));
    parts.content(spaced(message.content));
    before = "\n";
  }
  parts.frame(std::string(before) + "Assistant:");
}

bool has_all(const Tokenizer& tokenizer, std::initializer_list<std::string_view> tokens) {
  return std::all_of(tokens.begin(), tokens.end(),
                     [&](std::string_view token) { return tokenizer.find(token).has_value(); });
}

// The family that the template's text shows.
std::optional<TemplateFamily> family_of_markers(std::string_view text) {
  const auto shows = [text](std::string_view marker) {
    return text.find(marker) != std::string_view::npos;
  };
  if (shows("<|im_start|>")) return TemplateFamily::chatml;
  if (shows("<start_of_turn>")) return TemplateFamily::gemma;
  if (shows("<|start_header_id|>")) return TemplateFamily::llama3;
  // Phi and GLM write <|user|> too, but end a turn by other means than EOS; Llama 2 has [INST] with
  // another system turn.
  const bool ends_by_eos = shows("eos_token") || shows("</s>") || shows("<|endoftext|>");
  if (shows("<|user|>") && shows("<|assistant|>") && ends_by_eos && !shows("<|end|>"))
    return TemplateFamily::zephyr;
  if (shows("[INST]") && !shows("<<SYS>>")) return TemplateFamily::mistral;
  return std::nullopt;
}

bool vocabulary_has_markers(TemplateFamily family, const Tokenizer& tokenizer) {
  switch (family) {
    case TemplateFamily::chatml:
      return has_all(tokenizer, {"<|im_start|>", "<|im_end|>"});
    case TemplateFamily::gemma:
      return has_all(tokenizer, {"<start_of_turn>", "<end_of_turn>"});
    case TemplateFamily::llama3:
      return has_all(tokenizer, {"<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"});
    case TemplateFamily::mistral:
    case TemplateFamily::zephyr:
      return tokenizer.eos().has_value();
    case TemplateFamily::plain:
      break;
  }
  return true;
}

// A quoted literal that starts at text[at], without its closing quote, escapes resolved; nothing
// when it does not close.
std::optional<std::string> read_literal(std::string_view text, std::size_t at, char quote) {
  std::string out;
  for (; at < text.size(); ++at) {
    if (text[at] == quote) return out;
    if (text[at] != '\\' || at + 1 == text.size()) {
      out.push_back(text[at]);
      continue;
    }
    ++at;
    out.push_back(text[at] == 'n' ? '\n' : text[at]);
  }
  return std::nullopt;
}

}  // namespace

std::string_view name(TemplateFamily family) {
  for (const auto& [known, text] : kNames) {
    if (known == family) return text;
  }
  return "plain";
}

std::optional<TemplateFamily> template_from_name(std::string_view name) {
  for (const auto& [family, known] : kNames) {
    if (known == name) return family;
  }
  return std::nullopt;
}

Result<TemplateFamily> recognise_template(std::string_view file_template,
                                          const Tokenizer& tokenizer) {
  if (trim(file_template).empty()) return TemplateFamily::plain;
  const auto family = family_of_markers(file_template);
  if (!family) {
    return fail(ErrorCode::unsupported,
                "the file's chat template is of no family known here. Name the nearest with "
                "--template: chatml, "
                "gemma, llama3, mistral, zephyr or plain");
  }
  if (!vocabulary_has_markers(*family, tokenizer)) {
    return fail(ErrorCode::unsupported,
                "the file's chat template looks like " + std::string(name(*family)) +
                    " but its vocabulary lacks the markers. Name another with --template: "
                    "chatml, gemma, llama3, mistral, zephyr or plain");
  }
  return *family;
}

std::vector<TokenId> encode_chat(TemplateFamily family, std::span<const Message> messages,
                                 const Tokenizer& tokenizer) {
  Parts parts(tokenizer);
  switch (family) {
    case TemplateFamily::chatml:
      add_chatml(messages, parts);
      break;
    case TemplateFamily::gemma:
      add_gemma(messages, parts);
      break;
    case TemplateFamily::llama3:
      add_llama3(messages, parts);
      break;
    case TemplateFamily::mistral:
      add_mistral(messages, parts);
      break;
    case TemplateFamily::zephyr:
      add_zephyr(messages, parts);
      break;
    case TemplateFamily::plain:
      add_plain(messages, parts);
      break;
  }
  return parts.take();
}

std::string default_system(std::string_view file_template) {
  constexpr std::string_view kOpen = "<|im_start|>system";
  constexpr std::string_view kClose = "<|im_end|>";
  for (std::size_t at = file_template.find(kOpen); at != std::string_view::npos;
       at = file_template.find(kOpen, at + 1)) {
    const char quote = at > 0 ? file_template[at - 1] : ' ';
    if (quote != '\'' && quote != '"') continue;
    const auto literal =
        read_literal(file_template.substr(0, at + kLiteralBytesMax), at + kOpen.size(), quote);
    if (!literal || !literal->starts_with('\n')) continue;
    const std::size_t close = literal->find(kClose);
    if (close != std::string::npos) return literal->substr(1, close - 1);
  }
  return {};
}

std::vector<std::string> stop_texts(TemplateFamily family) {
  if (family == TemplateFamily::plain) return {"\nUser:"};
  return {};
}

}  // namespace plmm::text
