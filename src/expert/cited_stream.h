// An answer on its way out: each sentence gets the number of the passage that supports it.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "expert/support.h"
#include "protocol/messages.h"
#include "search/passage_index.h"

namespace plmm::expert {

/// Takes an answer in pieces and passes it on with " [1]" behind each sentence that a passage
/// supports (support.h); the others stay bare. Words go out as they come, only a mark waits for its
/// sentence's end. Code between ``` is left alone. Numbers count the cited passages in the order in
/// which they are first cited.
class CitedStream {
 public:
  /// The passages outlive the stream.
  CitedStream(std::span<const search::Hit> passages, std::string_view question,
              std::function<void(std::string_view)> emit);

  void push(std::string_view text);
  /// The last sentence's mark; white space at the end is dropped.
  void finish();
  const std::vector<protocol::Citation>& citations() const { return citations_; }

 private:
  void put(char c);
  void end_sentence();
  std::size_t number_of(std::size_t passage);

  std::span<const search::Hit> passages_;
  std::vector<ContentWords> words_;  // of each passage with its title
  ContentWords question_;
  std::function<void(std::string_view)> emit_;
  std::vector<protocol::Citation> citations_;
  std::vector<std::size_t> cited_;  // passage of each citation
  std::string out_;                 // of this push, not yet passed on
  std::string sentence_;
  std::string spaces_;    // behind the sentence's last character, not yet passed on
  bool may_end_ = false;  // the last character could be the sentence's last
  int n_ticks_ = 0;       // ` in a row
  bool is_code_ = false;
};

}  // namespace plmm::expert
