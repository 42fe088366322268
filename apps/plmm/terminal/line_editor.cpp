// libedit is used here only. Its signal handling stays off: our handlers wake the reader through a
// pipe.
#include "apps/plmm/terminal/line_editor.h"

#include <fmt/format.h>
#include <histedit.h>
#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wchar.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <deque>

#include "apps/plmm/terminal/signals.h"
#include "base/check.h"
#include "base/file.h"

namespace plmm::terminal {
namespace {

constexpr int kHistoryLines = 1000;
// Stands for a newline inside a line that was pasted; ␊ is what the terminal shows for it.
constexpr wchar_t kPastedNewline = L'\u240A';
constexpr std::string_view kPastedNewlineUtf8 = "\u240A";
// Terminals put these around pasted text when asked to (bracketed paste).
constexpr std::string_view kPasteOn = "\x1b[?2004h";
constexpr std::string_view kPasteOff = "\x1b[?2004l";
constexpr std::string_view kPasteBegin = "\x1b[200~";
constexpr std::string_view kPasteEnd = "\x1b[201~";
constexpr int kSequenceWait_ms = 20;  // bytes of one escape sequence arrive together

/// What a pasted character becomes; nothing for one that would act instead of being text.
std::optional<wchar_t> as_pasted(wchar_t character) {
  if (character == L'\r' || character == L'\n') return kPastedNewline;  // a terminal pastes CR
  if (character == L'\t') return character;
  if (character < L' ' || character == L'\x7f') return std::nullopt;
  return character;
}

std::string with_newlines(std::string_view line) {
  std::string out;
  while (!line.empty()) {
    const auto stop = line.find(kPastedNewlineUtf8);
    out += line.substr(0, stop);
    if (stop == std::string_view::npos) break;
    out += '\n';
    line.remove_prefix(stop + kPastedNewlineUtf8.size());
  }
  return out;
}

/// libedit counts columns by the locale; ours is UTF-8 wherever the system can.
void use_utf8() {
  ::setlocale(LC_CTYPE, "");
  if (MB_CUR_MAX == 1) ::setlocale(LC_CTYPE, "C.UTF-8");
}

}  // namespace

struct LineEditor::State {
  EditLine* editor = nullptr;
  History* history = nullptr;
  std::optional<std::filesystem::path> file;
  std::string prompt;
  std::deque<char> pending;  // bytes read ahead while looking for a paste
  bool pasting = false;
  bool interrupted = false;
  bool can_paste = false;

  ~State() {
    if (editor != nullptr) ::el_end(editor);
    if (history != nullptr) ::history_end(history);
  }

  /// Callbacks of libedit.
  static int read_character(EditLine* editor, wchar_t* out);
  static char* prompt_of(EditLine* editor);

  int next_byte(int timeout_ms, char& byte);
  bool begins(std::string_view sequence);
  int next_character(wchar_t& character);
  void redraw_after_change();
};

/// 1 with a byte; 0 at the end, after a timeout or when Ctrl-C was pressed.
int LineEditor::State::next_byte(int timeout_ms, char& byte) {
  if (!pending.empty()) {
    byte = pending.front();
    pending.pop_front();
    return 1;
  }
  for (;;) {
    std::array<pollfd, 2> ready{pollfd{STDIN_FILENO, POLLIN, 0}, pollfd{signal_fd(), POLLIN, 0}};
    const int n = ::poll(ready.data(), ready.size(), timeout_ms);
    if (n == 0) return 0;
    if (drain_signals()) redraw_after_change();
    if (interrupt().requested()) {
      interrupted = true;
      return 0;
    }
    if (n < 0 || ready[0].revents == 0) continue;
    const ssize_t got = ::read(STDIN_FILENO, &byte, 1);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    return got == 1 ? 1 : 0;
  }
}

void LineEditor::State::redraw_after_change() {
  // After a stop and continue the terminal may be out of its editing mode; leaving and entering
  // sets it again.
  ::el_set(editor, EL_PREP_TERM, 0);
  ::el_set(editor, EL_PREP_TERM, 1);
  ::el_resize(editor);
  ::el_set(editor, EL_REFRESH);
}

/// Whether the escape just read goes on as `sequence` does; if not, what was read is put back.
bool LineEditor::State::begins(std::string_view sequence) {
  std::string seen;
  for (const char expected : sequence.substr(1)) {
    char byte = 0;
    if (next_byte(kSequenceWait_ms, byte) == 0) break;
    seen += byte;
    if (byte != expected) break;
  }
  if (seen == sequence.substr(1)) return true;
  pending.insert(pending.begin(), seen.begin(), seen.end());
  return false;
}

/// One whole character of the locale's encoding (UTF-8); 1, or 0 when there is none.
int LineEditor::State::next_character(wchar_t& character) {
  mbstate_t shift{};
  for (;;) {
    char byte = 0;
    if (next_byte(-1, byte) == 0) return 0;
    const std::size_t used = ::mbrtowc(&character, &byte, 1, &shift);
    if (used == 0 || used == 1) return 1;
    if (used == static_cast<std::size_t>(-1)) shift = {};  // not UTF-8: leave the byte out
  }
}

int LineEditor::State::read_character(EditLine* editor, wchar_t* out) {
  State* state = nullptr;
  ::el_get(editor, EL_CLIENTDATA, &state);
  for (;;) {
    wchar_t character = 0;
    if (state->next_character(character) == 0) return 0;
    if (character == L'\0') {
      // Linux keeps a Ctrl-D that was typed before the editing began as this.
      const LineInfo* line = ::el_line(editor);
      if (line->lastchar != line->buffer) continue;
      character = L'\x04';
    }
    if (character == L'\x1b' && state->can_paste) {
      if (!state->pasting && state->begins(kPasteBegin)) {
        state->pasting = true;
        continue;
      }
      if (state->pasting && state->begins(kPasteEnd)) {
        state->pasting = false;
        continue;
      }
    }
    if (state->pasting) {
      const auto text = as_pasted(character);
      if (!text) continue;
      character = *text;
    }
    *out = character;
    return 1;
  }
}

char* LineEditor::State::prompt_of(EditLine* editor) {
  State* state = nullptr;
  ::el_get(editor, EL_CLIENTDATA, &state);
  return state->prompt.data();
}

LineEditor::LineEditor(std::unique_ptr<State> state) : state_(std::move(state)) {}
LineEditor::~LineEditor() = default;

std::unique_ptr<LineEditor> LineEditor::create(std::optional<std::filesystem::path> history_file,
                                               const Console& console) {
  use_utf8();
  auto state = std::make_unique<State>();
  state->file = std::move(history_file);
  state->can_paste = console.can_redraw();
  state->editor = ::el_init("plmm", stdin, stderr, stderr);
  state->history = ::history_init();
  CHECK(state->editor != nullptr && state->history != nullptr);
  ::el_set(state->editor, EL_CLIENTDATA, state.get());
  ::el_set(state->editor, EL_EDITOR, "emacs");
  ::el_set(state->editor, EL_SIGNAL, 0);
  ::el_set(state->editor, EL_PROMPT, State::prompt_of);
  ::el_set(state->editor, EL_GETCFN, State::read_character);
  ::el_set(state->editor, EL_BIND, "^I", "ed-insert", nullptr);
  ::el_set(state->editor, EL_BIND, "^R", "em-inc-search-prev", nullptr);
  ::el_set(state->editor, EL_HIST, ::history, state->history);
  HistEvent event;
  ::history(state->history, &event, H_SETSIZE, kHistoryLines);
  ::history(state->history, &event, H_SETUNIQUE, 1);
  if (state->file) ::history(state->history, &event, H_LOAD, state->file->c_str());
  return std::make_unique<LineEditor>(std::move(state));
}

Input LineEditor::read(std::string_view prompt) {
  state_->prompt = prompt;
  state_->interrupted = false;
  state_->pasting = false;
  if (state_->can_paste) ::fputs(kPasteOn.data(), stderr);
  int n = 0;
  const char* line = ::el_gets(state_->editor, &n);
  Input out;
  if (line != nullptr && n > 0) {
    out.text.assign(line, static_cast<std::size_t>(n));
    if (out.text.ends_with('\n')) out.text.pop_back();
    out.text = with_newlines(out.text);
  } else if (state_->interrupted) {
    out.end = InputEnd::interrupted;
    const LineInfo* typed = ::el_line(state_->editor);
    out.text.assign(typed->buffer, typed->lastchar);
  } else {
    out.end = InputEnd::end_of_input;
  }
  if (state_->can_paste) ::fputs(kPasteOff.data(), stderr);
  if (out.end != InputEnd::line) ::fputs("\n", stderr);
  return out;
}

Result<> LineEditor::remember(const std::string& line) {
  HistEvent event;
  ::history(state_->history, &event, H_ENTER, line.c_str());
  if (!state_->file) return {};
  std::error_code failed;
  std::filesystem::create_directories(state_->file->parent_path(), failed);
  // Written beside the old file and renamed, never readable by others in between.
  const std::string temporary = fmt::format("{}.tmp-{}", state_->file->string(), ::getpid());
  const mode_t before = ::umask(0077);
  const int written = ::history(state_->history, &event, H_SAVE, temporary.c_str());
  ::umask(before);
  if (written < 0 || ::rename(temporary.c_str(), state_->file->c_str()) != 0) {
    auto error = errno_error(*state_->file);
    ::unlink(temporary.c_str());
    return std::unexpected(std::move(error));
  }
  return {};
}

}  // namespace plmm::terminal
