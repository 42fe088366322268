"""Memory: what a person tells comes back in a later conversation, can be seen, searched and
forgotten, and stays sealed."""

import json

import harness

FACT = "My sister Nora lives in Turku."
QUESTION = "Where does my sister Nora live?"


class Memory(harness.Case):
    def setUp(self):
        super().setUp()
        self.bring_embedding_model()

    def turns(self):
        return json.loads(self.expect(0, "memory", "--json").stdout)

    def chat(self, *turns, words=()):
        return self.expect(0, "chat", "--max-tokens", "40", *words, stdin="\n".join(turns) + "\n")

    def all_bytes(self):
        return b"".join(
            path.read_bytes()
            for path in self.home.rglob("*")
            if path.is_file() and not path.is_symlink()
        )

    def test_what_was_told_is_recalled_after_a_restart_with_its_source(self):
        self.chat(FACT, "What is the capital of France?")
        told, asked = self.turns()
        self.assertEqual((told["said"], told["answered_by"]), (FACT, "plmm"))
        self.assertEqual(told["conversation"], asked["conversation"])
        answer = self.chat(QUESTION)
        used = f"used: what you said before (plmm memory show {told['id']})"
        self.assertIn(used, self.expect(0, "why").stdout)
        self.assertIn(FACT, self.expect(0, "memory", "show", str(told["id"])).stdout)
        # The note is of the prompt: this model, the smallest, may answer what it likes.
        asked = self.expect(0, "ask", QUESTION, "--json", "--max-tokens", "1").stdout
        bare = self.expect(0, "ask", QUESTION, "--json", "--max-tokens", "1", "--incognito").stdout
        n_note = json.loads(asked)["n_prompt_tokens"] - json.loads(bare)["n_prompt_tokens"]
        self.assertGreater(n_note, 10)
        self.assertNotIn("memory", answer.stderr)
        self.assertNotIn(b"Turku", self.all_bytes())

    def test_a_question_about_something_else_recalls_nothing(self):
        self.chat(FACT)
        self.chat("What is the boiling point of water?")
        self.assertNotIn("said before", self.expect(0, "why").stdout)

    def test_incognito_reads_and_writes_nothing(self):
        self.chat(FACT)
        before = self.all_bytes()
        self.chat(QUESTION, "My brother Olaf is a smith.", words=["--incognito"])
        self.expect(0, "ask", "My boat is red.", "--incognito", "--max-tokens", "5")
        self.assertEqual(len(self.turns()), 1)
        self.assertEqual(self.all_bytes(), before)

    def test_memory_can_be_switched_off(self):
        self.chat(FACT, words=["--memory", "false"])
        self.assertEqual(self.turns(), [])
        self.expect(0, "config", "set", "memory", "false")
        self.chat(FACT)
        self.assertEqual(self.turns(), [])

    def test_turns_are_searched_and_forgotten(self):
        self.chat(FACT, "I never eat fish.")
        found = json.loads(self.expect(0, "memory", "search", "family", "--json").stdout)
        self.assertEqual(found[0]["said"], FACT)
        self.expect(0, "memory", "rm", str(found[0]["id"]))
        self.chat(QUESTION)
        self.assertNotIn("said before", self.expect(0, "why").stdout)
        self.expect(3, "memory", "rm", str(found[0]["id"]))
        self.expect(3, "memory", "show", "999")
        self.expect(2, "memory", "rm", "first")
        self.expect(2, "memory", "search")
        self.assertIn("forgotten: 2 turns", self.expect(0, "memory", "rm", "all").stderr)
        self.assertEqual(self.turns(), [])


if __name__ == "__main__":
    harness.main(needs_model=True)
