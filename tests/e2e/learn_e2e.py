"""Learning: from a person's own turns to an adapter in the vault that chats use, name, undo and
lose when what it learnt from is forgotten."""

import json
import sqlite3

import harness

SAYING = "ahoy matey, the brig be leakin' an' me parrot Quillon be hungry again, arr"


class Learn(harness.Case):
    def talk(self, n_conversations=11, n_turns=4):
        for i in range(n_conversations):
            turns = [f"{SAYING} {i} {k}" for k in range(n_turns)]
            self.expect(0, "chat", "--max-tokens", "1", stdin="\n".join(turns) + "\n")

    def learn(self, steps=4):
        return self.expect(0, "learn", "now", "--steps", str(steps), "--threads", "2", timeout=280)

    def auto(self):
        """Whatever else the machine that runs the tests is busy with."""
        words = ("--once", "--busy", "100", "--on-battery", "--steps", "4", "--threads", "2")
        return self.expect(0, "learn", "auto", *words, timeout=280)

    def status(self):
        return json.loads(self.expect(0, "learn", "status", "--json").stdout)

    def all_bytes(self):
        return b"".join(
            path.read_bytes()
            for path in self.home.rglob("*")
            if path.is_file() and not path.is_symlink()
        )

    def files(self):
        return {str(path.relative_to(self.home)) for path in self.home.rglob("*")}

    def turns(self):
        return json.loads(self.expect(0, "memory", "--json").stdout)

    def test_with_little_to_learn_from_it_says_how_much_it_takes(self):
        for _ in range(2):
            done = self.expect(0, "learn", "now")
            self.assertIn("too little to learn from", done.stderr)
            self.assertIn("it takes 40 in 10", done.stderr)
            self.expect(0, "chat", "--max-tokens", "1", stdin="hello\n")
        self.assertIn("2 turns of yours in 2 conversations", self.expect(0, "learn").stderr)
        self.assertIn("not now: too little to learn from", self.auto().stderr)
        self.assertIn("nothing to undo", self.expect(0, "learn", "undo").stderr)
        self.expect(2, "learn", "later")
        self.expect(2, "learn", "auto", "--busy", "101")
        self.expect(2, "learn", "now", "--minutes", "0")

    def test_what_was_learnt_is_used_named_undone_and_nowhere_in_plain(self):
        self.talk()
        before = self.files()
        done = self.learn()
        self.assertRegex(done.stdout, r"tested +your held-back turns +perplexity .* -> ")
        self.assertIn("in use    version 1, 4 steps", done.stdout)
        for trace in (b"Quillon", b"lora_A", b"PLMMRUN"):
            self.assertNotIn(trace, self.all_bytes())
        self.assertEqual({name for name in self.files() - before if "vault" not in name}, set())
        status = self.status()
        self.assertTrue(status["material"]["suffices"])
        version = status["versions"][0]
        self.assertEqual((version["version"], version["standing"]), (1, "in use"))
        self.assertLess(version["own_after"], version["own_before"])
        self.assertEqual(version["n_turns"] + version["n_turns_held_back"], 44)
        self.used(version)
        self.damaged_is_said()
        self.assertIn("smollm2-135m answers alone", self.expect(0, "learn", "undo").stderr)
        self.assertEqual(self.status()["versions"][0]["standing"], "undone")
        self.chat()
        self.assertNotIn("adapter", self.expect(0, "why").stdout)

    def chat(self, *words):
        return self.expect(0, "chat", "--max-tokens", "4", *words, stdin=SAYING + "\n")

    def used(self, version):
        """By chat and ask, but not where it is not wanted."""
        named = f"used: a personal adapter, version 1, learnt from {version['n_turns']} of your"
        self.expect(0, "ask", SAYING, "--max-tokens", "1")
        self.assertIn(named, self.expect(0, "why").stdout)
        asked = "/set max_tokens 1\nhello\n/why\n"
        self.assertIn(named, self.expect(0, "chat", stdin=asked).stderr)
        self.chat("--adapter", "none")
        self.assertNotIn("adapter", self.expect(0, "why").stdout)
        self.chat()
        before = self.all_bytes()
        self.chat("--incognito")
        self.assertEqual(self.all_bytes(), before)

    def damaged_is_said(self):
        """A flipped byte of the weights: a clear word, and the chat goes on without."""
        database = next(self.home.rglob("vault.db"))
        with sqlite3.connect(database) as connection:
            rows = connection.execute("SELECT id, sealed FROM record WHERE area = 6").fetchall()
            row, sealed = max(rows, key=lambda each: len(each[1]))
            flipped = bytes([sealed[0] ^ 1]) + sealed[1:]
            update = "UPDATE record SET sealed = ? WHERE id = ?"
            connection.execute(update, (flipped, row))
        connection.close()
        done = self.chat()
        self.assertIn("going on without your personal adapter", done.stderr)
        self.assertTrue(done.stdout.strip())
        with sqlite3.connect(database) as connection:
            connection.execute(update, (sealed, row))
        connection.close()
        self.assertNotIn("going on without", self.chat().stderr)

    def test_an_adapter_goes_with_what_it_learnt_from(self):
        self.talk()
        self.expect(0, "profile", "set", "hobbies", "Quillon")
        self.learn()
        newest = self.turns()[-1]["id"]
        done = self.expect(0, "memory", "rm", str(newest))  # only tested with
        self.assertNotIn("adapter", done.stderr)
        done = self.expect(0, "profile", "forget", "hobbies")
        self.assertIn("the personal adapter, version 1, had learnt from that", done.stderr)
        self.assertIn("43 remembered turns say it still", done.stderr)
        self.assertEqual(self.status()["versions"][0]["standing"], "forgotten")
        self.assertIn("in use    version 2, 4 steps", self.auto().stdout)  # closes the gap
        self.assertEqual(self.status()["versions"][1]["standing"], "in use")
        self.assertIn("not now: 20 turns more make it worth learning again", self.auto().stderr)
        done = self.expect(0, "memory", "rm", str(self.turns()[0]["id"]))
        self.assertIn("version 2, had learnt from that and is gone too", done.stderr)
        self.assertIn("plmm learn now  learns again without it", done.stderr)
        self.chat()
        self.assertNotIn("adapter", self.expect(0, "why").stdout)


if __name__ == "__main__":
    harness.main(needs_model=True)
