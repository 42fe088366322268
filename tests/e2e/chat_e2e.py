"""The program with a real model (smollm2-135m), in pipes."""

import json
import os
import re
import signal
import stat
import subprocess
import time

import harness
from harness import PLMM


class Pipe(harness.Case):
    def test_each_line_of_input_is_a_turn_and_only_answers_are_printed(self):
        one = self.expect(0, "chat", stdin="What is the capital of France?\n")
        self.assertIn("Paris", one.stdout)
        self.assertEqual(one.stderr, "")
        two = self.expect(0, stdin="What is the capital of France?\n\nSay one word.\n")
        self.assertTrue(two.stdout.startswith(one.stdout))
        self.assertGreater(len(two.stdout), len(one.stdout))

    def test_two_runs_print_the_same(self):
        for words in (["--temperature", "1", "--seed", "5"], ["--threads", "1"]):
            words = ["chat", "--max-tokens", "30", *words]
            runs = {self.expect(0, *words, stdin="Tell me a story.").stdout for _ in range(2)}
            self.assertEqual(len(runs), 1)

    def test_empty_input_plays_the_demonstration(self):
        done = self.expect(0, "chat")
        self.assertEqual(done.stdout.count("\nyou> "), 2)
        self.assertEqual(done.stdout.count("\nplmm> "), 2)
        self.assertEqual(len(re.findall(r"\d+ tokens, .*first token after \d", done.stdout)), 2)
        self.assertRegex(done.stdout, r"plmm --help\n$")
        self.assertIn("plmm pull all-minilm-l6-v2", done.stderr)

    def test_commands_work_in_a_pipe_and_their_errors_do_not_stop_it(self):
        chat = self.home / "chat.json"
        done = self.expect(
            0,
            "chat",
            "--max-tokens",
            "8",
            stdin=f"/system Be brief.\nHello\n/save {chat}\n/load /no/such\n/set top_k 5\n/stats\n",
        )
        self.assertIn("1 turns saved", done.stderr)
        self.assertIn("error: /no/such: No such file", done.stderr)
        self.assertRegex(done.stderr, r"answer +\d+ tokens")
        self.assertRegex(done.stderr, r"guesses +\d+ of \d+ came true")
        saved = json.loads(chat.read_text())
        self.assertEqual(saved["system"], "Be brief.")
        self.assertEqual([m["role"] for m in saved["messages"]], ["user", "assistant"])
        self.assertEqual(saved["messages"][1]["content"] + "\n", done.stdout)
        self.assertEqual(stat.S_IMODE(chat.stat().st_mode), 0o600)
        again = self.expect(0, "chat", stdin=f"/load {chat}\n/save {chat}2\n")
        self.assertIn("1 turns loaded", again.stderr)
        self.assertEqual(chat.read_text(), (self.home / "chat.json2").read_text())

    def test_the_models_own_instruction_holds_where_the_person_gives_none(self):
        own = "the model's own instruction holds: You are a helpful AI assistant named SmolLM"
        chat = '/system\n/system Rhyme.\n/system\n/system ""\n'
        done = self.expect(0, "chat", stdin=chat)
        lines = done.stderr.splitlines()
        self.assertTrue(lines[0].startswith(own), lines)
        self.assertEqual(lines[1:3], ["the instruction holds from the next turn on", "Rhyme."])
        self.assertTrue(lines[3].startswith("yours is removed; " + own), lines)
        plain = self.expect(0, "chat", "--template", "plain", stdin="/system\n")
        self.assertEqual(plain.stderr, "there is no instruction\n")

    def test_the_oldest_turns_leave_with_a_notice_when_the_context_is_full(self):
        turns = "Tell me about the sea and the ships that sail on it.\n" * 5
        done = self.expect(0, "chat", "--context", "160", "--max-tokens", "40", stdin=turns)
        self.assertRegex(done.stderr, r"oldest turns? (was|were) left out")

    def test_a_turn_longer_than_the_context_is_reported_and_the_next_one_answered(self):
        done = self.run_plmm(
            "chat", "--context", "128", "--max-tokens", "8", stdin="word " * 500 + "\nHello\n"
        )
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stderr, r"^error: ")
        self.assertNotEqual(done.stdout.strip(), "")


class Ask(harness.Case):
    def ask(self, *words, stdin=""):
        return json.loads(self.expect(0, "ask", "--json", *words, stdin=stdin).stdout)

    def test_json_has_text_tokens_and_timings(self):
        answer = self.ask("Hello", "--max-tokens", "5")
        self.assertEqual(answer["n_tokens"], 5)
        self.assertEqual(len(answer["tokens"]), 5)
        self.assertEqual(answer["stop"], "length")
        self.assertEqual(answer["model"], "smollm2-135m")
        self.assertGreater(answer["timings"]["tokens_per_s"], 0)
        self.assertGreater(answer["timings"]["first_token_s"], 0)

    def test_guessing_ahead_changes_no_answer(self):
        task = "Repeat this list: red, green, blue, red, green, blue, red, green, blue."
        for words in (["--repeat-penalty", "1"], ["--temperature", "0.8", "--seed", "3"]):
            words = [task, "--max-tokens", "60", *words]
            plain = self.ask("--speculation", "off", *words)
            guessed = self.ask(*words)
            self.assertEqual(plain["tokens"], guessed["tokens"])
            self.assertEqual(plain["text"], guessed["text"])
            self.assertEqual(plain["stop"], guessed["stop"])
            self.assertEqual(plain["n_tokens_proposed"], 0)
            self.assertLessEqual(guessed["n_tokens_accepted"], guessed["n_tokens_proposed"])

    def test_a_draft_model_that_is_not_here_is_an_error_that_says_what_to_do(self):
        done = self.run_plmm("ask", "Hello", "--speculation", "draft")
        self.assertEqual(done.returncode, 3)
        self.assertIn("plmm pull qwen2.5-coder-0.5b", done.stderr)
        itself = self.ask("Hello", "--speculation", "draft", "--draft-model", "smollm2-135m")
        self.assertNotEqual(itself["text"], "")

    def test_standard_input_is_added_behind_the_question(self):
        alone = self.ask("Summarise:", "--max-tokens", "1")
        joined = self.ask("Summarise:", "--max-tokens", "1", stdin="a long text " * 20)
        piped = self.ask("--max-tokens", "1", stdin="Summarise:\n")
        self.assertGreater(joined["n_prompt_tokens"], alone["n_prompt_tokens"] + 20)
        self.assertEqual(piped["n_prompt_tokens"], alone["n_prompt_tokens"])

    def test_an_answer_ends_before_a_stop_text(self):
        whole = self.ask("What is the capital of France?")["text"]
        cut = self.ask("What is the capital of France?", "--stop", "Paris")
        self.assertEqual(cut["text"], whole[: whole.index("Paris")])
        self.assertEqual(cut["stop"], "stop text")

    def test_raw_continues_the_text(self):
        raw = self.ask("--raw", "The capital of France is", "--max-tokens", "4")
        self.assertIn("Paris", raw["text"])
        self.assertLess(raw["n_prompt_tokens"], 8)

    def test_system_and_template_change_the_prompt(self):
        plain = self.ask("Hello", "--max-tokens", "1")["n_prompt_tokens"]
        system = self.ask("Hello", "--max-tokens", "1", "--system", "Be brief. " * 20)
        self.assertGreater(system["n_prompt_tokens"], plain + 20)
        other = self.ask("Hello", "--max-tokens", "1", "--template", "zephyr")
        self.assertNotEqual(other["n_prompt_tokens"], plain)

    def test_a_closed_pipe_ends_it_quietly(self):
        process = subprocess.Popen(
            [PLMM, "ask", "--raw", "Once upon a time", "--max-tokens", "4000"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self.environment,
        )
        os.read(process.stdout.fileno(), 1)
        process.stdout.close()
        self.assertEqual((process.wait(timeout=30), process.stderr.read()), (0, b""))
        process.stderr.close()

    def test_an_interrupt_ends_it_with_130_and_keeps_the_text(self):
        process = subprocess.Popen(
            [PLMM, "ask", "--raw", "Once upon a time", "--max-tokens", "8000"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            env=self.environment,
        )
        first = os.read(process.stdout.fileno(), 64)
        start = time.monotonic()
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
        self.assertEqual(process.wait(timeout=30), 130)
        self.assertLess(time.monotonic() - start, 5)
        self.assertTrue((first + rest).endswith(b"\n"))
        process.stdout.close()

    def test_too_little_memory_is_not_the_files_fault(self):
        for megabytes, want in ((210, "smollm2-135m.gguf: no memory for"), (330, "--context 2048")):
            limited = f'ulimit -v {megabytes}000; exec "$@"'
            done = subprocess.run(
                ["sh", "-c", limited, "sh", PLMM, "ask", "--raw", "Hello", "--threads", "1"],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                env=self.environment,
            )
            self.assertEqual((done.returncode, done.stdout), (7, ""), done.stderr)
            self.assertRegex(done.stderr, f"^error: .*{want}")

    def test_the_only_other_model_here_is_named(self):
        done = self.expect(3, "ask", "x", PLMM_MODEL="")
        self.assertIn("plmm chat --model smollm2-135m", done.stderr)


class Show(harness.Case):
    def test_describes_the_model(self):
        text = self.expect(0, "show", "smollm2-135m").stdout
        self.assertLessEqual(max(map(len, text.splitlines())), 80)
        shown = json.loads(self.expect(0, "show", "smollm2-135m", "--json").stdout)
        self.assertEqual(shown["architecture"], "llama")
        self.assertEqual(shown["parameters"], 134515008)
        self.assertEqual(shown["template"], "chatml")
        self.assertEqual(shown["vocabulary"]["tokens"], 49152)
        self.assertIn("Q4_1", [t["type"] for t in shown["tensors"]])

    def test_tokenize_takes_text_or_hexadecimal(self):
        plain = self.expect(0, "tokenize", stdin="hello world\n\nGröße\n").stdout
        self.assertEqual(len(plain.splitlines()), 3)
        hexed = "\n".join(line.encode().hex() for line in ("hello world", "", "Größe"))
        self.assertEqual(self.expect(0, "tokenize", "--hex", stdin=hexed + "\n").stdout, plain)
        self.expect(2, "tokenize", "--hex", stdin="0x\n")
        marked = self.expect(0, "tokenize", "--special", stdin="<|im_end|>\n").stdout
        self.assertEqual(len(marked.split()), 1)


if __name__ == "__main__":
    harness.main(needs_model=True)
