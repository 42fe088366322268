"""Facts that a chat notices: told once, there after a restart, named by `plmm why`, superseded, and
forgotten by talking, also from the bytes of the vault."""

import json
import sqlite3

import harness

TOLD = "Actually I moved to Zyxwandria."
PLACE = b"Zyxwandria"


class Facts(harness.Case):
    def chat(self, *turns, words=()):
        return self.expect(0, "chat", "--max-tokens", "8", *words, stdin="\n".join(turns) + "\n")

    def profile(self):
        return json.loads(self.expect(0, "profile", "show", "--json").stdout)

    def held(self):
        return [(f["slot"], f["value"]) for f in self.profile() if f["until_ms"] == 0]

    def turns(self):
        return json.loads(self.expect(0, "memory", "--json").stdout)

    def all_bytes(self):
        return b"".join(
            path.read_bytes()
            for path in self.home.rglob("*")
            if path.is_file() and not path.is_symlink()
        )

    def sealed(self):
        """The boxes of profile and memory, as they stand in the file."""
        connection = sqlite3.connect(self.home / ".local/share/plmm/vault/vault.db")
        rows = connection.execute("select sealed from record where area in (1, 5)").fetchall()
        connection.close()
        return [row[0] for row in rows]

    def test_a_fact_is_noticed_used_after_a_restart_explained_and_forgotten_by_talking(self):
        said = self.chat(TOLD)
        self.assertIn("noted: lives in Zyxwandria · /forget", said.stderr)
        (fact,) = self.profile()
        self.assertEqual((fact["slot"], fact["value"]), ("place", "Zyxwandria"))
        self.assertEqual(fact["quote"], "I moved to Zyxwandria")
        self.assertEqual(fact["turn"], self.turns()[0]["id"])
        self.assertIn(f"turn {fact['turn']}: ", self.expect(0, "profile").stdout)

        self.chat("Where do I live?")
        why = self.expect(0, "why").stdout
        self.assertIn("used: lives in Zyxwandria, as you said on", why)
        self.assertIn(f"plmm memory show {fact['turn']}", why)
        boxes = self.sealed()
        self.assertNotIn(PLACE, self.all_bytes())

        done = self.chat("forget where I live")
        self.assertIn("forgotten: lives in Zyxwandria and the turn that said so", done.stdout)
        self.assertEqual(self.profile(), [])
        self.assertNotIn(TOLD, [turn["said"] for turn in self.turns()])
        self.assertNotIn("Zyxwandria", self.expect(0, "why").stdout)
        left = self.all_bytes()
        gone = [box for box in boxes if box not in left]
        self.assertEqual(len(gone), 2, "the fact's and its turn's")
        self.assertFalse(list((self.home / ".cache/plmm/prefixes/own").glob("*.kv")))

    def test_a_newer_fact_ends_the_older_one_which_stays_in_sight(self):
        self.chat("I live in Porto.")
        said = self.chat(TOLD)
        self.assertIn("noted: lives in Zyxwandria (no longer: lives in Porto)", said.stderr)
        self.assertEqual(self.held(), [("place", "Zyxwandria")])
        self.assertRegex(self.expect(0, "profile").stdout, r"Porto .*former, until")
        self.assertIn("former: lives in Porto", self.chat("What do you know about me?").stdout)

    def test_what_is_no_statement_of_the_persons_own_is_not_noticed(self):
        self.chat(
            "If I live in Porto, where is the sea?",
            "She said I live in Rome.",
            'Is "I live in Oslo" a sentence?',
            "Translate into French: I live in Bonn.",
            "Say exactly this: I live in Lima and my name is Bo.",
        )
        self.assertEqual(self.profile(), [])

    def test_it_can_be_switched_off_and_incognito_notices_nothing(self):
        said = self.chat(TOLD, words=["--notice", "false"])
        self.assertNotIn("noted:", said.stderr)
        self.expect(0, "config", "set", "memory", "false")
        self.chat(TOLD)
        self.expect(0, "config", "unset", "memory")
        said = self.chat(TOLD, "what do you know about me?", words=["--incognito"])
        self.assertNotIn("noted:", said.stderr)
        self.assertIn("incognito", said.stdout)
        self.assertEqual(self.profile(), [])

    def test_a_full_profile_takes_no_more_than_400_tokens(self):
        for slot in ("likes", "dislikes", "plans", "people"):
            values = [f"{slot} number {i} of many" for i in range(16)]
            self.expect(0, "profile", "set", slot, *values)
        said = [
            self.expect(0, "ask", "Hello?", "--json", "--max-tokens", "1", *words).stdout
            for words in ([], ["--incognito", "--system", "x"])
        ]
        with_it, without = (json.loads(text)["n_prompt_tokens"] for text in said)
        self.assertGreater(with_it - without, 200)
        self.assertLessEqual(with_it - without, 400)

    def test_what_was_noted_is_forgotten_by_command_by_words_and_with_its_turn(self):
        said = self.chat("I like green tea and old maps", "/forget", "/forget")
        self.assertIn("forgotten: likes green tea and old maps", said.stderr)
        self.assertIn("nothing was noted in this conversation", said.stderr)
        self.assertEqual(self.profile(), [])
        self.chat("My sister Anna is here. I work as a nurse", "I speak Danish")
        done = self.expect(0, "profile", "forget", "my", "sister")
        self.assertIn("forgotten: person sister Anna and the turn that said so", done.stderr)
        self.assertEqual(self.held(), [("work", "nurse"), ("languages", "Danish")])
        self.assertEqual([f["turn"] for f in self.profile()][0], 0)
        (turn,) = self.turns()
        done = self.expect(0, "memory", "rm", str(turn["id"]))
        self.assertIn("and 1 fact of your profile that was noticed in it", done.stderr)
        self.assertEqual(self.held(), [("work", "nurse")])
        self.expect(3, "profile", "forget", "999")
        self.expect(3, "profile", "forget", "my boat")
        self.expect(2, "profile", "forget")
        self.expect(0, "profile", "forget", "all")
        self.assertEqual(self.profile(), [])


if __name__ == "__main__":
    harness.main(needs_model=True)
