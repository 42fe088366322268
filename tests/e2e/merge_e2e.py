"""plmm merge with real adapters: what is merged does what it should, and what is refused."""

import json

import harness

FEW = "--batch 2 --sequence 64 --threads 2 --nice 0".split()


def chats(subject, verb, names):
    lines = []
    for name in names:
        turns = [
            {"role": "user", "content": f"What does {subject} {name} {verb}?"},
            {"role": "assistant", "content": f"{name} likes to {verb} turnips, as always."},
        ]
        lines.append(json.dumps({"messages": turns}))
    return "\n".join(lines) + "\n"


class Merge(harness.Case):
    def setUp(self):
        super().setUp()
        self.cats = self.home / "cats.jsonl"
        self.cats.write_text(chats("my cat", "eat", ("Anton", "Bella", "Caspar", "Dora")))
        self.dogs = self.home / "dogs.jsonl"
        self.dogs.write_text(chats("our dog", "bury", ("Emil", "Frida", "Gustav", "Hanna")))

    def train(self, name, data, *more):
        words = ["--data", str(data), "--out", str(self.home / name), "--steps", "6", *FEW, *more]
        self.expect(0, "train", "lora", *words)
        return str(self.home / name)

    def merge(self, *words, code=0):
        return self.expect(code, "merge", *words)

    def perplexity(self, data, *words):
        out = self.expect(0, "eval", str(data), "--json", "--threads", "2", *words).stdout
        return json.loads(out.splitlines()[0])["value"]

    def test_adapters_of_other_ranks_and_targets_become_one(self):
        cats = self.train("cats", self.cats)
        dogs = self.train("dogs", self.dogs, "--rank", "4", "--targets", "attention")
        alone = {data: self.perplexity(data) for data in (self.cats, self.dogs)}

        # An adapter merged with itself is itself, in a folder or a file.
        same, file = str(self.home / "same"), str(self.home / "same.gguf")
        said = self.merge(cats, cats, "--out", same).stdout
        self.assertIn("merged    2 adapters: rank 32", said)
        self.assertIn("nothing: the rank holds all of it", said)
        self.merge(cats, "--out", file, "--json")
        own = self.perplexity(self.cats, "--adapter", cats)
        self.assertAlmostEqual(self.perplexity(self.cats, "--adapter", same) / own, 1, 2)
        self.assertAlmostEqual(self.perplexity(self.cats, "--adapter", file) / own, 1, 2)

        # The sum of two knows both.
        both = str(self.home / "both")
        out = json.loads(self.merge(cats, dogs, "--method", "task", "--out", both, "--json").stdout)
        self.assertEqual(out["rank"], 20)
        self.assertLess(out["lost"], 1e-6)
        for data, before in alone.items():
            self.assertLess(self.perplexity(data, "--adapter", both), 0.97 * before)

        # At a small rank something is lost; an adapter taken from itself is refused.
        words = [cats, dogs, "--rank", "2", "--out", both]
        self.assertIn("--force", self.merge(*words, code=2).stderr)
        self.assertRegex(self.merge(*words, "--force").stdout, r"lost +\d+\.\d % of the change")
        nothing = self.merge(cats, f"{cats}=-1", "--method", "task", "--out", same, "--force",
                             code=2)
        self.assertIn("cancel each other out", nothing.stderr)

    def test_entries_are_chosen_by_ties_and_dare(self):
        cats = self.train("cats", self.cats, "--targets", "attention", "--rank", "2")
        dogs = self.train("dogs", self.dogs, "--targets", "attention", "--rank", "2")
        alone = self.perplexity(self.cats)
        for method in ("ties", "dare", "dare-ties"):
            out = str(self.home / method)
            words = [cats, f"{dogs}=0.5", "--method", method, "--rank", "32", "--out", out]
            self.assertGreater(json.loads(self.merge(*words, "--json").stdout)["lost"], 0.001)
            self.assertLess(self.perplexity(self.cats, "--adapter", out), alone, method)
            weights = (self.home / method / "adapter_model.safetensors").read_bytes()
            self.merge(*words, "--force", "--threads", "1")
            again = (self.home / method / "adapter_model.safetensors").read_bytes()
            self.assertEqual(weights, again)

    def test_wrong_use_is_explained_and_writes_nothing(self):
        out = self.home / "out"
        self.assertIn("--out", self.merge("/no/such", code=2).stderr)
        self.merge("/no/such", "--out", str(out), code=3)
        self.merge("a=11", "--out", str(out), code=2)
        self.merge("a", "--out", str(out), "--method", "slerp", code=2)
        self.merge("a", "--out", str(out), "--density", "0", code=2)
        (self.home / "file").write_text("mine")
        said = self.merge("a", "--out", str(self.home / "file"), code=2).stderr
        self.assertIn("is no folder", said)
        damaged = self.home / "damaged"
        damaged.mkdir()
        (damaged / "adapter_config.json").write_text("{")
        (damaged / "adapter_model.safetensors").write_bytes(b"")
        self.merge(str(damaged), "--out", str(out), code=6)
        self.assertFalse(out.exists())


if __name__ == "__main__":
    harness.main(needs_model=True)
