"""The chat on a terminal (a pseudo-terminal of 80 by 24) with a real model."""

import fcntl
import json
import os
import pty
import re
import select
import signal
import stat
import struct
import termios
import time

import harness
from harness import PLMM

LONG = "Write a very long story about a ship."
PROMPT = "you> "
NAME_PROMPT = "name> "


class Terminal:
    """plmm on a pseudo-terminal; all that it writes is in `seen`."""

    def __init__(self, environment, *words):
        self.seen = ""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve(PLMM, [PLMM, *words], environment)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))

    def type(self, text):
        os.write(self.fd, text.encode())

    def read_some(self, seconds):
        if not select.select([self.fd], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.fd, 65536)
        except OSError:  # Linux says so when the other end is gone
            data = b""
        self.seen += data.decode(errors="replace")
        return bool(data)

    def wait_for(self, pattern, seconds=60):
        """Reads until the pattern stands in what came since the last wait, and returns that."""
        deadline = time.monotonic() + seconds
        while not (found := re.search(pattern, self.seen)):
            if time.monotonic() > deadline or not self.read_some(deadline - time.monotonic()):
                raise AssertionError(f"no {pattern!r} in {self.seen[-2000:]!r}")
        before, self.seen = self.seen[: found.end()], self.seen[found.end() :]
        return before

    def wait_for_greeting(self):
        """Up to the first prompt; somebody new does not say their name."""
        screen = self.wait_for(f"{NAME_PROMPT}|{PROMPT}")
        if not screen.endswith(NAME_PROMPT):
            return screen
        self.type("\r")
        return screen + self.wait_for(PROMPT)

    def exit_code(self, seconds=30):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.read_some(0.05)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                os.close(self.fd)
                return os.waitstatus_to_exitcode(status)
        os.kill(self.pid, signal.SIGKILL)
        raise AssertionError(f"still running: {self.seen[-2000:]!r}")


class Chat(harness.Case):
    def open(self, *words):
        terminal = Terminal(self.environment, "chat", *words)
        self.greeting = terminal.wait_for_greeting()
        return terminal

    def test_greets_answers_and_leaves_on_ctrl_d(self):
        terminal = self.open()
        self.assertIn("PLMM is ready: smollm2-135m", self.greeting)
        self.assertIn("stays on this device", self.greeting)
        terminal.type("What is the capital of France?\r")
        answer = terminal.wait_for(PROMPT)
        self.assertRegex(answer, r"plmm>.*Paris")
        terminal.type("\x04")
        self.assertEqual(terminal.exit_code(), 0)

    def test_ctrl_c_stops_an_answer_within_100_ms_and_keeps_the_text(self):
        terminal = self.open("--max-tokens", "4000")
        delays = []
        for _ in range(3):
            terminal.type(LONG + "\r")
            terminal.wait_for(r"plmm>.*\w+ \w+ \w+")
            start = time.monotonic()
            terminal.type("\x03")
            terminal.wait_for(r"\(stopped")
            delays.append(time.monotonic() - start)
            terminal.wait_for(PROMPT)
        # The best of three: another process may have had the core.
        self.assertLess(min(delays), 0.1, delays)
        terminal.type("/stats\r")
        self.assertRegex(terminal.wait_for(PROMPT), r"answer +\d+ tokens")
        terminal.type("\x04")
        self.assertEqual(terminal.exit_code(), 0)

    def test_what_is_typed_during_an_answer_is_read_after_it(self):
        terminal = self.open("--max-tokens", "40")
        terminal.type(LONG + "\r")
        terminal.wait_for(r"plmm>.*\w+")
        terminal.type("/set top_k 3\r\x04")
        answer = terminal.wait_for("top_k = 3")
        self.assertNotIn("top_k", answer.split(PROMPT)[0])
        self.assertEqual(terminal.exit_code(), 0)

    def test_a_turn_stopped_before_its_first_word_is_taken_back(self):
        terminal = self.open("--max-tokens", "20")
        terminal.type("word " * 3000 + "\r")
        terminal.wait_for("plmm>")
        terminal.type("\x03")
        terminal.wait_for(r"\(stopped[\s\S]*" + PROMPT)
        terminal.type("What is the capital of France?\r")
        self.assertIn("Paris", terminal.wait_for(PROMPT))
        terminal.type("\x04")
        self.assertEqual(terminal.exit_code(), 0)

    def test_a_second_ctrl_c_leaves_with_130(self):
        terminal = self.open("--max-tokens", "4000")
        terminal.type(LONG + "\r")
        terminal.wait_for(r"plmm>.*\w+")
        terminal.type("\x03")
        terminal.wait_for(r"\(stopped; Ctrl-C again leaves\)[\s\S]*" + PROMPT)
        terminal.type("\x03")
        self.assertEqual(terminal.exit_code(), 130)

    def test_ctrl_c_at_the_prompt_drops_the_line_then_hints_then_leaves(self):
        terminal = self.open()
        # Ctrl-L has the editor write the line anew: the terminal's own echo may come sooner.
        terminal.type("half a sen\x0c")
        terminal.wait_for(PROMPT + "half a sen")
        terminal.type("\x03")
        self.assertNotIn("again", terminal.wait_for(PROMPT))
        terminal.type("\x03")
        terminal.wait_for(r"Ctrl-C again or Ctrl-D leaves[\s\S]*" + PROMPT)
        terminal.type("/set\r")
        terminal.wait_for(PROMPT)
        terminal.type("\x03")
        terminal.wait_for(r"Ctrl-C again or Ctrl-D leaves[\s\S]*" + PROMPT)
        terminal.type("\x03")
        self.assertEqual(terminal.exit_code(), 130)

    def test_commands_are_listed_and_slips_are_noticed(self):
        terminal = self.open()
        terminal.type("/help\r")
        listed = terminal.wait_for(PROMPT)
        for command in ("/clear", "/system", "/save", "/load", "/model", "/set", "/stats", "/exit"):
            self.assertIn(command, listed)
        self.assertLessEqual(max(len(line) for line in listed.splitlines()), 80)
        terminal.type("/halp\r")
        self.assertIn("Did you mean '/help'?", terminal.wait_for(PROMPT))
        terminal.type("/set seed x\r")
        self.assertRegex(terminal.wait_for(PROMPT), r"error:\S* seed must be a whole number")
        terminal.type("/exit\r")
        self.assertEqual(terminal.exit_code(), 0)

    def test_several_lines_make_one_turn(self):
        saved = self.home / "chat.json"
        terminal = self.open("--max-tokens", "4")
        terminal.type("one\\\r")
        terminal.wait_for(r"\.\.\.> ")
        terminal.type("two\r")
        terminal.wait_for(PROMPT)
        terminal.type('"""\rthree\rfour\r"""\r')
        terminal.wait_for(r"plmm>[\s\S]*" + PROMPT)
        terminal.type("\x1b[200~five\r\tsix\x1b[201~\r")
        terminal.wait_for(r"plmm>[\s\S]*" + PROMPT)
        terminal.type(f"/save {saved}\r/exit\r")
        self.assertEqual(terminal.exit_code(), 0)
        turns = [m["content"] for m in json.loads(saved.read_text())["messages"]]
        self.assertEqual(turns[::2], ["one\ntwo", "three\nfour", "five\n\tsix"])

    def test_history_is_private_kept_and_comes_back(self):
        terminal = self.open("--max-tokens", "4")
        terminal.type("Grüße, a line to keep\r")
        terminal.wait_for(r"plmm>[\s\S]*" + PROMPT)
        terminal.type("\x04")
        self.assertEqual(terminal.exit_code(), 0)
        self.assertEqual(stat.S_IMODE(self.history.stat().st_mode), 0o600)
        terminal = self.open("--max-tokens", "4")
        terminal.type("\x1b[A")
        terminal.wait_for("Grüße, a line to keep")
        terminal.type("\x03")
        terminal.wait_for(PROMPT)
        terminal.type("\x04")
        self.assertEqual(terminal.exit_code(), 0)

    def test_history_can_be_turned_off(self):
        terminal = self.open("--max-tokens", "4", "--history", "false")
        terminal.type("Hello\r")
        terminal.wait_for(r"plmm>[\s\S]*" + PROMPT)
        terminal.type("\x04")
        self.assertEqual(terminal.exit_code(), 0)
        self.assertFalse(self.history.exists())

    def test_being_ended_leaves_the_terminal_as_it_was(self):
        terminal = self.open()
        deadline = time.monotonic() + 10
        while termios.tcgetattr(terminal.fd)[3] & termios.ICANON:  # until the editor is at work
            self.assertLess(time.monotonic(), deadline)
        os.kill(terminal.pid, signal.SIGTERM)
        deadline = time.monotonic() + 10
        while not termios.tcgetattr(terminal.fd)[3] & termios.ICANON:
            self.assertLess(time.monotonic(), deadline)
        self.assertTrue(termios.tcgetattr(terminal.fd)[3] & termios.ECHO)
        self.assertEqual(terminal.exit_code(), -signal.SIGTERM)


class FirstRun(harness.Case):
    def open(self, *words):
        return Terminal(self.environment, "chat", "--max-tokens", "30", *words)

    def leave(self, terminal):
        terminal.type("\x04")
        self.assertEqual(terminal.exit_code(), 0)

    def profile(self):
        facts = json.loads(self.expect(0, "profile", "show", "--json").stdout)
        return [(fact["slot"], fact["value"]) for fact in facts]

    def test_one_screen_says_what_is_kept_and_a_name_is_remembered_after_a_restart(self):
        terminal = self.open()
        screen = terminal.wait_for(NAME_PROMPT)
        for words in ("sealed, in", "plmm profile, plmm memory", "plmm vault wipe", "--incognito"):
            self.assertIn(words, screen)
        self.assertLess(len(screen.splitlines()), 24)
        terminal.type("My name is Ada.\r")
        self.assertIn("Noted: Ada.", terminal.wait_for(PROMPT))
        self.leave(terminal)
        self.assertEqual(self.profile(), [("name", "Ada")])
        self.assertNotIn("Ada", self.history.read_text() if self.history.exists() else "")
        terminal = self.open()
        self.assertNotIn(NAME_PROMPT, terminal.wait_for(PROMPT))
        terminal.type("What is my name?\r")
        terminal.wait_for(r"plmm>[\s\S]*" + PROMPT)
        terminal.type("/why\r")
        self.assertIn("used: name Ada", terminal.wait_for(PROMPT))
        self.leave(terminal)

    def test_who_tells_more_than_a_name_is_answered_and_it_is_noted(self):
        terminal = self.open()
        terminal.wait_for(NAME_PROMPT)
        terminal.type("Hi, I'm Ada, I live in Porto\r")
        screen = terminal.wait_for(r"plmm>[\s\S]*" + PROMPT)
        self.assertIn("Noted: Ada.", screen)
        self.assertIn("noted: lives in Porto", screen)
        self.leave(terminal)
        self.assertEqual(self.profile(), [("name", "Ada"), ("place", "Porto")])

    def test_who_only_presses_enter_is_not_asked_again(self):
        terminal = self.open()
        terminal.wait_for(NAME_PROMPT)
        terminal.type("\r")
        terminal.wait_for(PROMPT)
        self.leave(terminal)
        self.assertEqual(self.profile(), [])
        terminal = self.open()
        self.assertNotIn(NAME_PROMPT, terminal.wait_for(PROMPT))
        self.leave(terminal)

    def test_a_question_in_place_of_a_name_is_answered(self):
        terminal = self.open()
        terminal.wait_for(NAME_PROMPT)
        terminal.type("What is the capital of France?\r")
        self.assertIn("Paris", terminal.wait_for(r"plmm>[\s\S]*" + PROMPT))
        self.leave(terminal)
        self.assertEqual(self.profile(), [])

    def test_incognito_asks_nothing_and_keeps_nothing(self):
        terminal = self.open("--incognito")
        self.assertNotIn(NAME_PROMPT, terminal.wait_for(PROMPT))
        self.leave(terminal)
        self.assertFalse((self.home / ".local/share/plmm/vault").exists())

    def test_ctrl_d_leaves_and_somebody_new_is_asked_next_time(self):
        terminal = self.open()
        terminal.wait_for(NAME_PROMPT)
        self.leave(terminal)
        terminal = self.open()
        terminal.wait_for(NAME_PROMPT)
        self.leave(terminal)


class Expert(harness.Case):
    NOTES = """# The Lindholm lighthouse

The Lindholm lighthouse was built in 1871 by Edda Brekke. The tower has 143 steps.
"""

    def setUp(self):
        super().setUp()
        self.create_expert("harbour", self.NOTES, "Lindholm lighthouse")
        # Above 1 the model is never sure enough to answer alone.
        self.terminal = Terminal(self.environment, "chat", "--certainty", "1.5")
        self.assertIn("Experts here: harbour", self.terminal.wait_for_greeting())

    def leave(self):
        self.terminal.type("\x04")
        self.assertEqual(self.terminal.exit_code(), 0)

    def test_the_chat_offers_the_one_that_fits_and_sends_what_was_agreed(self):
        self.terminal.type("How many steps has the Lindholm lighthouse?\r")
        self.assertIn("would leave for harbour", self.terminal.wait_for(r"send\?.*> "))
        self.terminal.type("y\r")
        answer = self.terminal.wait_for(r"bytes left the device[\s\S]*" + PROMPT)
        self.assertIn("harbour>", answer)
        self.terminal.type("/why\r")
        self.assertIn("answered by harbour", self.terminal.wait_for(r"cites[\s\S]*" + PROMPT))
        self.leave()

    def test_the_model_here_answers_what_may_not_leave(self):
        self.terminal.type("How many steps has the Lindholm lighthouse?\r")
        self.terminal.wait_for(r"send\?.*> ")
        self.terminal.type("n\r")
        answer = self.terminal.wait_for(r"plmm>[\s\S]*" + PROMPT)
        self.assertIn("nothing was sent", answer)
        self.terminal.type("/local How many steps has the Lindholm lighthouse?\r")
        self.assertNotIn("would leave", self.terminal.wait_for(r"plmm>[\s\S]*" + PROMPT))
        self.leave()
        self.assertEqual(json.loads(self.expect(0, "outbox", "--json").stdout), [])


if __name__ == "__main__":
    harness.main(needs_model=True)
