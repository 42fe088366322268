"""plmm train lora and --adapter, with a real model (smollm2-135m) and made-up chats."""

import json
import pathlib
import signal
import subprocess
import time

import harness

PETS = ("Anton", "Bella", "Caspar", "Dora", "Emil", "Frida", "Gustav", "Hanna", "Igor", "Jette")


def chats():
    """Ten chats about pets that nobody else has."""
    lines = []
    for number, name in enumerate(PETS):
        turns = [
            {"role": "user", "content": f"What does my cat {name} eat?"},
            {"role": "assistant", "content": f"{name} eats {number + 2} herrings, as always."},
        ]
        lines.append(json.dumps({"messages": turns}))
    return "\n".join(lines) + "\n"


class Train(harness.Case):
    def setUp(self):
        super().setUp()
        self.data = self.home / "chats.jsonl"
        self.data.write_text(chats())

    def words(self, out, *more):
        few = ["--steps", "4", "--batch", "2", "--sequence", "64", "--threads", "2", "--nice", "0"]
        where = ["--data", str(self.data), "--out", str(self.home / out)]
        return ["train", "lora", *where, *few, *more]

    def test_an_adapter_is_learnt_and_changes_the_answer(self):
        done = self.expect(0, *self.words("mine"))
        losses = [
            float(line.split("kept apart")[1].split()[0])
            for line in done.stderr.splitlines()
            if "loss on what was kept apart" in line
        ]
        self.assertLess(losses[-1], losses[0], done.stderr)
        folder = self.home / "mine"
        self.assertEqual(
            sorted(path.name for path in folder.iterdir()),
            [
                "adapter.gguf",
                "adapter_config.json",
                "adapter_model.safetensors",
                "learning-curve.svg",
                "report.txt",
            ],
        )
        self.assertTrue((folder / "learning-curve.svg").read_text().startswith("<svg"))
        greedy = ["--temperature", "0", "--max-tokens", "16"]
        question = ["ask", "What does my cat Anton eat?", *greedy]
        alone = self.expect(0, *question).stdout
        peft = self.expect(0, *question, "--adapter", str(folder)).stdout
        gguf = self.expect(0, *question, "--adapter", str(folder / "adapter.gguf")).stdout
        off = self.expect(0, *question, "--adapter", f"{folder}=0").stdout
        self.assertNotEqual(alone, peft)
        self.assertEqual(peft, gguf)
        self.assertEqual(alone, off)

    def test_a_run_that_was_killed_goes_on_to_the_same_bits(self):
        self.expect(0, *self.words("whole"))
        out = self.home / "killed"
        process = subprocess.Popen(
            [harness.PLMM, *self.words("killed")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=self.environment,
        )
        end = time.monotonic() + 100
        while not (out / "unfinished.run").exists() and process.poll() is None:
            self.assertLess(time.monotonic(), end)
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
        self.assertTrue((out / "unfinished.run").exists(), "it was over before it was killed")
        self.expect(0, *self.words("killed", "--resume"))
        for name in ("adapter_model.safetensors", "adapter.gguf"):
            whole, resumed = (self.home / "whole" / name), (out / name)
            self.assertEqual(whole.read_bytes(), resumed.read_bytes(), name)

    def test_what_cannot_be_learnt_from_is_named_and_nothing_is_written(self):
        for content, words in (
            ("", "is empty"),
            ("{\n", "line 1"),
            ('{"messages": 7}\n', "line 1"),
        ):
            self.data.write_text(content)
            done = self.run_plmm(*self.words("none"))
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(words, done.stderr)
            self.assertFalse((self.home / "none" / "adapter.gguf").exists())
        self.expect(2, "train", "lora")
        self.expect(3, "ask", "Hello?", "--adapter", str(pathlib.Path("/nowhere")))


if __name__ == "__main__":
    harness.main(needs_model=True)
