"""plmm eval with a real model: figures of each kind, two models compared, bad input."""

import json

import harness

TEXT = (
    "The quick brown fox jumps over the lazy dog. All the world's a stage, and all the men and "
    "women merely players. They have their exits and their entrances, and one man in his time "
    "plays many parts.\n"
)


def choice(question, choices, answer):
    return json.dumps({"question": question, "choices": choices, "answer": answer})


CHOICES = [
    choice("What is the capital of France?", ["Berlin", "Paris", "Madrid", "Rome"], 1),
    choice("Which of these is a fruit?", ["hammer", "an apple", "the motorway"], "B"),
    choice("How many legs does a dog have?", ["four", "seventeen"], "four"),
    choice("Two plus two is", ["five", "four", "nine hundred"], 1),
]
QUESTION = json.dumps({"question": "Name a colour of the sky.", "answers": ["green", "blue"]})
CHAT = json.dumps(
    {
        "messages": [
            {"role": "user", "content": "What does Anton eat?"},
            {"role": "assistant", "content": "Anton eats two herrings, as always."},
        ]
    }
)


class Eval(harness.Case):
    def file(self, name, *lines):
        path = self.home / name
        path.write_text("\n".join(lines) + "\n")
        return str(path)

    def figures(self, *words):
        """By kind and metric."""
        out = self.expect(0, "eval", *words, "--json", "--threads", "2").stdout
        lines = [json.loads(line) for line in out.splitlines()]
        return {(line["kind"], line["metric"]): line for line in lines}

    def test_a_mixed_file_has_a_score_for_each_kind(self):
        mixed = self.file("m.jsonl", *CHOICES, "", QUESTION, json.dumps({"text": TEXT}), CHAT)
        all_of = self.figures(mixed)
        self.assertEqual(
            [name for _, name in all_of],
            ["acc", "acc_norm", "exact_match"] + ["perplexity", "bits_per_byte"] * 2,
        )
        acc = all_of["choices", "acc"]
        self.assertGreaterEqual(acc["right"], 3)
        self.assertEqual((acc["n"], acc["model"]), (4, "smollm2-135m"))
        self.assertLess(acc["low"], acc["value"])
        self.assertEqual(all_of["questions", "exact_match"]["value"], 1)
        text = all_of["texts", "perplexity"]
        self.assertTrue(2 < text["value"] < 40, text)
        self.assertIsNone(text["low"])  # a single window
        self.assertTrue(0.3 < all_of["texts", "bits_per_byte"]["value"] < 2)
        # "Anton eats two herrings, as always." and the token that ends it.
        self.assertEqual(all_of["chats", "bits_per_byte"]["bytes"], 35)
        self.assertEqual(self.figures(mixed, "--limit", "2")["choices", "acc"]["n"], 2)

    def test_plain_text_goes_in_windows_and_each_token_counts_once(self):
        text = self.file("t.txt", TEXT * 8)
        wide = self.figures(text)["texts", "perplexity"]
        narrow = self.figures(text, "--window", "64")["texts", "perplexity"]
        self.assertEqual(wide["tokens"], narrow["tokens"])
        self.assertLess(wide["value"], narrow["value"])  # repeated text is easy to foresee
        self.assertLess(narrow["low"], narrow["value"])
        again = self.figures(text, "--window", "64", "--threads", "1")["texts", "perplexity"]
        self.assertEqual(again, narrow)

    def test_an_adapter_is_compared_with_the_model_alone(self):
        chats = [CHAT.replace("Anton", name) for name in ("Anton", "Bella", "Caspar", "Dora")]
        data = self.file("c.jsonl", *chats)
        out = str(self.home / "mine")
        few = ["--steps", "6", "--batch", "2", "--sequence", "64", "--threads", "2", "--nice", "0"]
        self.expect(0, "train", "lora", "--data", data, "--out", out, *few)
        words = [data, "--adapter", out, "--against", "smollm2-135m"]
        better = self.figures(*words)["chats", "perplexity"]
        self.assertEqual(better["against"]["verdict"], "better")
        self.assertLess(better["against"]["high"], 1)
        self.assertEqual(better["adapter"], out)
        self.assertAlmostEqual(better["against"]["ratio"] * better["against"]["value"],
                               better["value"], 4)
        worse = self.figures(data, "--against-adapter", out)["chats", "bits_per_byte"]
        self.assertEqual(worse["against"]["verdict"], "worse")
        same = self.figures(data, "--against", "smollm2-135m")["chats", "perplexity"]
        self.assertEqual(same["against"]["verdict"], "undecided")
        self.assertEqual(same["against"]["ratio"], 1)
        said = self.expect(0, "eval", *words).stdout
        self.assertIn("4 chats", said)
        self.assertRegex(said, r"against +\d+\.\d+ +-\d+\.\d %.*: better\n")
        self.assertLessEqual(max(map(len, said.splitlines()[2:])), 80, said)

    def test_letters_are_another_way_to_ask(self):
        data = self.file("q.jsonl", *CHOICES)
        letters = self.figures(data, "--choices", "letters")
        self.assertEqual(
            letters["choices", "acc"]["right"], letters["choices", "acc_norm"]["right"]
        )
        said = self.expect(0, "eval", data).stdout
        self.assertIn("4 questions with choices", said)

    def test_bad_files_are_named_by_line_before_a_model_is_loaded(self):
        cases = [
            ((CHOICES[0], "{"), 6, "line 2: it is no JSON object"),
            ((CHOICES[0], '{"question": "q"}'), 6, "line 2: 'answers' is missing"),
            ((choice("secret", ["a", "b"], 2),), 6, "line 1: 'answer'"),
            (('{"text": 5}',), 6, 'line 1: has no "messages", no "text"'),
            (('{"prompt": "secret"}',), 6, 'line 1: a line has "question"'),
            (("",), 6, "is empty"),
        ]
        for lines, code, what in cases:
            path = self.file("bad.jsonl", *lines)
            done = self.expect(code, "eval", path, "--model", "/no/such.gguf")
            self.assertIn(what, done.stderr)
            self.assertNotIn("secret", done.stderr)
        binary = self.home / "b.bin"
        binary.write_bytes(b"text\n\xff\xfe\0")
        self.assertIn("line 2", self.expect(6, "eval", str(binary)).stderr)
        self.expect(3, "eval", str(self.home / "none.jsonl"))
        self.assertIn("--stride", self.expect(2, "eval", str(binary), "--stride", "2000").stderr)
        long = self.file("long.jsonl", CHOICES[0], choice("1234567890" * 3000, ["a", "b"], 0))
        self.assertIn(f"{long}: line 2: ", self.expect(2, "eval", long).stderr)


if __name__ == "__main__":
    harness.main(needs_model=True)
