// Chat templates by named family. A file's own template text is only recognised, never run.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "text/tokenizer.h"

namespace plmm::text {

enum class Role : std::uint8_t { system, user, assistant };

struct Message {
  Role role;
  std::string content;
  bool operator==(const Message&) const = default;
};

enum class TemplateFamily : std::uint8_t { chatml, gemma, llama3, mistral, zephyr, plain };

std::string_view name(TemplateFamily family);  // "chatml" …
std::optional<TemplateFamily> template_from_name(std::string_view name);

/// The family whose markers stand in `file_template` (tokenizer.chat_template) and in the
/// vocabulary. No template in the file (empty): plain. Markers of no family we know: unsupported,
/// the error names --template.
Result<TemplateFamily> recognise_template(std::string_view file_template,
                                          const Tokenizer& tokenizer);

/// Token ids of the whole conversation with the opening of the assistant's turn at the end.
/// Contents are encoded with Special::plain, the family's own markers with Special::parse. BOS as
/// the tokenizer wants it. The encoding of a conversation is a prefix of the encoding of the same
/// one with more turns, so that a KV cache can be kept.
std::vector<TokenId> encode_chat(TemplateFamily family, std::span<const Message> messages,
                                 const Tokenizer& tokenizer);

/// The system text that a ChatML file's own template inserts when a conversation has none, "" when
/// it inserts none: the literal between "<|im_start|>system\n" and "<|im_end|>". A chat without
/// system text starts with it as a message.
std::string default_system(std::string_view file_template);

/// Texts that end an answer besides the tokenizer's own end tokens (plain: "\nUser:").
std::vector<std::string> stop_texts(TemplateFamily family);

}  // namespace plmm::text
