"""plmm train and --adapter, with a real model (smollm2-135m) and made-up chats."""

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

    def words(self, out, *more, action="lora"):
        few = ["--steps", "4", "--batch", "2", "--sequence", "64", "--threads", "2", "--nice", "0"]
        where = ["--data", str(self.data), "--out", str(self.home / out)]
        return ["train", action, *where, *few, *more]

    def taught(self, out, *more):
        """The model as its own teacher: there is no other one with its tokens."""
        return self.words(out, "--teacher", "smollm2-135m", *more, action="distill")

    def adapter(self, out):
        return (self.home / out / "adapter_model.safetensors").read_bytes()

    def kill_when(self, is_there, words):
        """Starts plmm, and kills it as soon as `is_there()`."""
        process = subprocess.Popen(
            [harness.PLMM, *words],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=self.environment,
        )
        end = time.monotonic() + 100
        while process.poll() is None and not is_there():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
        self.assertTrue(is_there(), "it was over before it was killed")

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
        self.kill_when((out / "unfinished.run").exists, self.words("killed"))
        self.expect(0, *self.words("killed", "--resume"))
        for name in ("adapter_model.safetensors", "adapter.gguf"):
            whole, resumed = (self.home / "whole" / name), (out / name)
            self.assertEqual(whole.read_bytes(), resumed.read_bytes(), name)

    def test_a_teacher_that_is_the_student_teaches_nothing(self):
        def losses(words):
            """On what was kept apart, before and after."""
            done = self.expect(0, *words)
            line = next(x for x in done.stdout.splitlines() if x.startswith("kept apart"))
            return float(line.split()[3]), float(line.split()[5]), done

        before, plain, _ = losses(self.words("plain"))
        of_no_share, same, done = losses(self.taught("taught", "--kl-weight", "0"))
        self.assertEqual((before, plain), (of_no_share, same))
        self.assertEqual(self.adapter("plain"), self.adapter("taught"))
        self.assertIn("no lower than the model's alone", done.stdout)
        self.assertFalse((self.home / "taught" / "teacher.labels").exists())
        # Its own word tells it nothing new: with most of the weight on it, it goes a shorter way.
        _, held_back, _ = losses(self.taught("held", "--kl-weight", "0.9"))
        self.assertGreater(held_back, plain)

    def test_a_distillation_that_was_killed_goes_on_to_the_same_bits(self):
        self.expect(0, *self.taught("whole"))
        for name, is_there in (
            ("reading", lambda: self.size_of("reading", "teacher.labels") > 100),
            ("learning", (self.home / "learning" / "unfinished.run").exists),
        ):
            self.kill_when(is_there, self.taught(name))
            labels = self.home / name / "teacher.labels"
            damaged = bytearray(labels.read_bytes())
            damaged[len(damaged) * 2 // 3] ^= 1
            labels.write_bytes(damaged)
            self.expect(0, *self.taught(name, "--resume"))
            self.assertEqual(self.adapter("whole"), self.adapter(name), name)
            self.assertFalse(labels.exists())

    def size_of(self, folder, name):
        file = self.home / folder / name
        return file.stat().st_size if file.exists() else 0

    def test_a_teacher_that_cannot_teach_is_refused(self):
        not_a_model = self.home / "text.gguf"
        not_a_model.write_text("not a model")
        for code, words, said in (
            (2, self.words("none", action="distill"), "--teacher"),
            (2, self.words("none", "--teacher", "smollm2-135m"), "plmm train distill"),
            (2, self.taught("none", "--kl-weight", "1.5"), "--kl-weight"),
            (2, self.taught("none", "--draws", "0"), "--draws"),
            (3, self.words("none", "--teacher", "nobody", action="distill"), "nobody"),
            (6, self.words("none", "--teacher", str(not_a_model), action="distill"), "text.gguf"),
        ):
            done = self.run_plmm(*words)
            self.assertEqual(done.returncode, code, done.stderr)
            self.assertIn(said, done.stderr)
            self.assertFalse((self.home / "none").exists())

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
