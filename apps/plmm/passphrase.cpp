// A line is read byte by byte into locked memory, so that no buffer keeps it and the next line of a
// pipe stays for the next question.
#include "apps/plmm/passphrase.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <optional>

#include "apps/plmm/terminal/signals.h"
#include "base/file.h"
#include "crypto/passphrase.h"

namespace plmm::cli {
namespace {

using crypto::SecretBytes;

constexpr int kAttempts = 3;  // on a terminal

/// One byte, or nothing at the end.
Result<std::optional<std::byte>> read_byte(int fd) {
  for (;;) {
    std::array<pollfd, 2> ready{pollfd{fd, POLLIN, 0}, pollfd{terminal::signal_fd(), POLLIN, 0}};
    const int n = ::poll(ready.data(), ready.size(), -1);
    terminal::drain_signals();
    if (terminal::interrupt().requested()) return fail(ErrorCode::cancelled, "stopped");
    if (n < 0 || ready[0].revents == 0) continue;
    std::byte byte{};
    const ssize_t got = ::read(fd, &byte, 1);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got <= 0) return std::nullopt;
    return byte;
  }
}

/// Up to the end of the line, without it.
Result<SecretBytes> read_line(int fd) {
  SecretBytes buffer(crypto::kPassphraseBytesMax + 1);
  std::size_t n = 0;
  for (;;) {
    const auto byte = TRY(read_byte(fd));
    if (!byte && n == 0) return fail(ErrorCode::invalid_argument, "no passphrase came in");
    if (!byte || *byte == std::byte{'\n'}) break;
    if (n == buffer.size())
      return fail(ErrorCode::limit_exceeded, "a passphrase of more than 1,024 bytes");
    buffer.writable()[n++] = *byte;
  }
  if (n > 0 && buffer.bytes()[n - 1] == std::byte{'\r'}) --n;
  return SecretBytes::copy_of(buffer.bytes().first(n));
}

Result<SecretBytes> read_from_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return std::unexpected(errno_error(path));
  auto line = read_line(fd);
  ::close(fd);
  return line;
}

/// The file that a variable names in place of a person.
std::optional<std::string> file_named(const Context& context, std::string_view variable) {
  auto out = context.environment(variable);
  if (out && out->empty()) out.reset();
  return out;
}

/// Needs: typing is hidden.
Result<SecretBytes> read_after(const Context& context, std::string_view prompt) {
  context.console.draw(prompt);
  auto line = read_line(STDIN_FILENO);
  context.console.draw("\n");
  return line;
}

/// Needs: typing is hidden.
Result<SecretBytes> ask(const Context& context, std::string_view variable, std::string_view prompt,
                        Piped piped) {
  if (const auto file = file_named(context, variable)) return read_from_file(*file);
  if (context.console.input_is_terminal()) return read_after(context, prompt);
  if (piped == Piped::yes) return read_line(STDIN_FILENO);
  return fail(ErrorCode::invalid_argument,
              fmt::format("the vault is locked, and nobody can be asked for its passphrase here. "
                          "Run: plmm vault unlock  (or name a file in {})",
                          variable));
}

}  // namespace

personal::AskPassphrase vault_passphrase(const Context& context, Piped piped) {
  // From the first question to the end of the opening: what is typed meanwhile is the next answer.
  auto hidden = std::make_shared<std::optional<terminal::HiddenTyping>>();
  return [&context, piped, hidden](int n_wrong) -> Result<SecretBytes> {
    if (!*hidden) hidden->emplace();
    const bool on_terminal =
        context.console.input_is_terminal() && !file_named(context, kVaultPassphraseFile);
    if (n_wrong >= (on_terminal ? kAttempts : 1))
      return fail(ErrorCode::invalid_argument, "wrong passphrase: the vault stays locked");
    return ask(context, kVaultPassphraseFile,
               n_wrong == 0 ? "passphrase of the vault: " : "wrong; once more: ", piped);
  };
}

Result<SecretBytes> new_passphrase(const Context& context, std::string_view variable,
                                   std::string_view what, MayBeEmpty may_be_empty) {
  const terminal::HiddenTyping hidden;
  const bool may = may_be_empty == MayBeEmpty::yes;
  auto first = TRY(ask(context, variable,
                       fmt::format("new passphrase of {}{}: ", what, may ? " (empty: none)" : ""),
                       Piped::yes));
  if (first.size() > 0 || !may) TRY(crypto::check_new_passphrase(first));
  if (!context.console.input_is_terminal() || file_named(context, variable)) return first;
  const auto second = TRY(read_after(context, "the same again: "));
  if (!std::ranges::equal(first.bytes(), second.bytes()))
    return fail(ErrorCode::invalid_argument, "the two are not the same: nothing was changed");
  return first;
}

Result<SecretBytes> archive_passphrase(const Context& context) {
  const terminal::HiddenTyping hidden;
  return ask(context, kArchivePassphraseFile, "passphrase of the archive: ", Piped::yes);
}

}  // namespace plmm::cli
