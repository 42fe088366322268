// The user's own words back into an answer that arrives in pieces.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "privacy/placeholder.h"
#include "privacy/redact.h"

namespace plmm::privacy {

/// What happens to placeholders inside links, images and HTML tags.
enum class Links : std::uint8_t {
  keep,  // they stay: a program that shows the answer may fetch what a link names, and so send what
         // is in it to whoever wrote the answer
  fill,  // for text of the user's own
};

/// Finds where links and tags begin and end, as far as that can be told while text arrives.
class LinkWatch {
 public:
  void push(char c);
  bool inside() const { return inside_; }

 private:
  char last_ = ' ';
  std::size_t n_of_www_ = 0;  // letters of "www." so far
  bool inside_ = false;
  bool angle_ = false;  // behind '<': spaces do not end the link
};

/// Replaces the placeholders of one conversation, in any case and with a genitive ("[name_1's]"),
/// in the answer text that it is given and in nothing else. What comes back depends on the whole
/// answer only, not on how it was cut; unknown placeholders stay as they are.
class StreamRestorer {
 public:
  explicit StreamRestorer(std::span<const Replacement> replacements, Links links = Links::keep);

  /// The text that is certain now; at most the beginning of one placeholder stays behind.
  std::string push(std::string_view chunk);
  /// What stayed behind, when the answer ends.
  std::string finish();

 private:
  void put(std::string_view bytes, std::string& out);

  std::map<Placeholder, std::string> originals_;
  Links links_;
  LinkWatch watch_;
  std::string held_;
};

}  // namespace plmm::privacy
