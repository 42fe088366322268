"""A person's own data, and a question to an expert on this machine: real weights, library, vault
and ledger."""

import json
import stat

import harness

NOTES = """# Bonds

The coupon of a bond is the interest printed on it, paid each year on its face value.

The yield is what a buyer earns at today's price. When the price of a bond falls, its yield rises.
"""
SECRET = "Zyxwander"  # a name that stands nowhere else


class Profile(harness.Case):
    def test_it_is_sealed_shown_and_forgotten(self):
        self.expect(0, "profile", "set", "name", SECRET)
        self.expect(0, "profile", "add", "hobbies", "climbing", "old maps")
        facts = json.loads(self.expect(0, "profile", "show", "--json").stdout)
        self.assertEqual([f["value"] for f in facts], [SECRET, "climbing", "old maps"])
        data = self.home / ".local/share/plmm"
        for file in [*(data / "vault").rglob("*"), *(data / "keys").rglob("*")]:
            if file.is_file():
                self.assertNotIn(SECRET.encode(), file.read_bytes(), file)
                self.assertEqual(stat.S_IMODE(file.stat().st_mode) & 0o077, 0, file)
        self.expect(0, "profile", "forget", "hobbies")
        self.assertEqual(len(json.loads(self.expect(0, "profile", "--json").stdout)), 1)
        self.expect(2, "profile", "set", "colour", "red")
        self.expect(2, "vault", "wipe")
        self.expect(0, "vault", "erase", "--yes")  # its name before
        self.assertEqual(self.expect(0, "profile", "show").stdout, "")

    def edit(self, code, *scripts):
        """Edited by sed, in a folder that stands for one in memory."""
        memory = self.home / "run"
        memory.mkdir(exist_ok=True)
        editor = "sed -i " + " ".join(f"-e '{each}'" for each in scripts)
        done = self.expect(code, "profile", "edit", EDITOR=editor, XDG_RUNTIME_DIR=str(memory))
        self.assertEqual([path for path in memory.rglob("*") if path.name != "plmm"], [])
        return done.stderr

    def test_it_is_edited_and_exported_as_text(self):
        self.expect(0, "profile", "set", "name", SECRET)
        self.expect(0, "profile", "add", "hobbies", "climbing", "old maps")
        self.assertIn("nothing was changed", self.edit(0, ""))
        before = json.loads(self.expect(0, "profile", "--json").stdout)
        said = self.edit(0, "$a work: potter", "s/climbing/choir/", "/old maps/d")
        self.assertIn("noted: 2 values", said)
        self.assertEqual(
            self.expect(0, "profile", "export").stdout,
            f"name: {SECRET}\nwork: potter\nhobbies: choir\n",
        )
        after = json.loads(self.expect(0, "profile", "--json").stdout)
        self.assertEqual(after[0], before[0])  # with its date
        wrong = self.edit(2, f"s/{SECRET}/Mira/", f"$a colour: {SECRET}")
        self.assertRegex(wrong, r"line \d+: what stands before the colon .*; nothing was changed")
        self.assertNotIn(SECRET, wrong)
        self.assertEqual(json.loads(self.expect(0, "profile", "--json").stdout), after)
        self.expect(7, "profile", "edit", EDITOR="false")
        self.assertIn("forgotten: work potter", self.edit(0, "/^work/d"))
        file = self.home / "mine.txt"
        self.expect(0, "profile", "export", str(file))
        self.assertEqual(file.read_text(), f"name: {SECRET}\nhobbies: choir\n")
        self.assertEqual(stat.S_IMODE(file.stat().st_mode), 0o600)
        self.expect(2, "profile", "export", str(file))

    def test_a_lost_key_is_said_and_not_made_anew(self):
        self.expect(0, "profile", "set", "name", SECRET)
        key = self.home / ".local/share/plmm/keys/device.key"
        key.unlink()
        for words in (["wallet"], ["profile"]):
            self.assertIn("key of the vault is missing", self.expect(3, *words).stderr)
            self.assertFalse(key.exists())

    def test_no_stored_prefix_is_kept_of_a_vault_with_a_passphrase(self):
        self.expect(0, "profile", "set", "name", SECRET)
        ask = ["ask", "Hello?", "--max-tokens", "1", "--system", "Be brief. " * 40]
        self.expect(0, *ask)
        own = self.home / ".cache/plmm/prefixes/own"
        self.assertTrue(list(own.glob("*.kv")))
        self.expect(0, "vault", "passwd", stdin="correct horse\n")
        self.assertEqual(list(own.glob("*.kv")), [])
        passphrase = self.home / "passphrase"
        passphrase.write_text("correct horse\n")
        self.expect(0, *ask, PLMM_VAULT_PASSPHRASE_FILE=str(passphrase))
        self.assertEqual(list(own.glob("*.kv")), [])
        # Locked, it answers without the profile, and says so once.
        said = self.expect(0, *ask).stderr
        self.assertEqual(said.count("the vault is locked"), 1, said)

    def test_a_new_wallet_has_play_money_once(self):
        for _ in range(2):
            wallet = json.loads(self.expect(0, "wallet", "--json").stdout)
            self.assertEqual(wallet["available_microcredits"], 100_000_000)


class Expert(harness.Case):
    def setUp(self):
        super().setUp()
        self.create_expert("bonds", NOTES, "Bonds")

    def test_the_demonstration_runs_all_parts_and_leaves_nothing_behind(self):
        # What the model has read of the person's profile is theirs, and not the story's to forget.
        self.expect(0, "profile", "set", "name", SECRET)
        self.expect(0, "ask", "Hello?", "--max-tokens", "1", "--system", "Be brief. " * 40)
        before = sorted(str(path) for path in self.home.rglob("*"))
        kept = [path for path in before if "/prefixes/own/" in path]
        self.assertTrue(kept)
        done = self.expect(0, "chat", TMPDIR=str(self.home))
        self.assertIn("$ plmm teacher upgrade lindholm", done.stdout)
        self.assertRegex(done.stdout, r"to lindholm: answered and paid, \d+ bytes")
        self.assertIn("\nsum 0 ", done.stdout)
        self.assertRegex(done.stdout, r"plmm --help\n$")
        # The story's own words for the person never leave with a question.
        asked = done.stdout.split("$ plmm outbox\n")[1].split("$ plmm why")[0]
        self.assertNotIn("Solberg", asked)
        self.assertNotIn("error:", done.stderr)
        after = [path for path in sorted(str(path) for path in self.home.rglob("*"))]
        new = [path for path in after if path not in before]
        self.assertFalse([path for path in new if "/plmm-" in path or "experts/l" in path])
        self.assertFalse([path for path in kept if path not in after])

    def test_a_question_is_shown_answered_cited_and_paid(self):
        self.expect(0, "profile", "set", "name", SECRET)
        question = f"My name is {SECRET}. What is the coupon of a bond?"
        shown = self.expect(2, "ask", "--expert", "bonds", question)
        self.assertIn("would leave for bonds", shown.stderr)
        self.assertNotIn(SECRET, shown.stderr)
        self.assertEqual(json.loads(self.expect(0, "outbox", "--json").stdout), [])

        answered = self.expect(0, "ask", "--yes", "--expert", "bonds", question)
        self.assertGreater(len(answered.stdout.strip()), 0)
        (sent,) = json.loads(self.expect(0, "outbox", "--json").stdout)
        self.assertNotIn(SECRET, sent["bytes"])
        self.assertEqual(sent["state"], "answered and paid")
        price = sent["price_microcredits"]
        self.assertTrue(0 < price <= sent["price_max_microcredits"])
        wallet = json.loads(self.expect(0, "wallet", "--json").stdout)
        self.assertEqual(wallet["available_microcredits"], 100_000_000 - price)
        self.assertEqual(wallet["reserved_microcredits"], 0)
        self.assertIn("answered by bonds", self.expect(0, "why").stdout)
        # Whether this model's words are supported is its own affair; the list must fit the marks.
        *answer, last = answered.stdout.strip().splitlines()
        marked = "[1]" in "\n".join(answer)
        self.assertEqual(marked, last == "[1] Bonds, passage 1", answered.stdout)
        self.assertEqual(not marked, "check it before you use it" in answered.stderr)

    def test_experts_are_listed_and_removed(self):
        (card,) = json.loads(self.expect(0, "expert", "ls", "--json").stdout)
        self.assertEqual((card["name"], card["passages"]), ("bonds", 1))
        self.expect(2, "expert", "create", "bonds", "--docs", str(self.home / "bonds.md"))
        self.expect(2, "expert", "create", "Bad Name", "--docs", str(self.home))
        self.expect(0, "expert", "rm", "bonds")
        self.expect(3, "ask", "--yes", "--expert", "bonds", "hello")


class KnownExperts(harness.Case):
    LEADS = {
        "Fugue": {"title": "Fugue", "extract": "A fugue has a subject.", "topic": "Arts"},
        "Atom": {"title": "Atom", "extract": "An atom is small.", "topic": "Physical sciences"},
    }
    LEADS_BYTES = 6_541_774  # what the catalogue says; the stand-in ends in spaces

    def setUp(self):
        super().setUp()
        self.bring_embedding_model()
        data = self.home / ".local/share/plmm"
        (data / "documents").mkdir()
        leads = json.dumps(self.LEADS).ljust(self.LEADS_BYTES)
        (data / "documents" / "wikipedia-leads.json").write_text(leads)
        # it and finance would take minutes where their packages are installed.
        (data / "experts").mkdir()
        for name in ("it", "finance"):
            (data / "experts" / f"{name}.removed").touch()

    def test_missing_ones_are_made_once_and_a_removed_one_stays_away(self):
        self.assertEqual(self.expect(0, "expert", "missing").stdout, "art\n")
        made = self.expect(0, "expert", "create", "--all", "--offline")
        self.assertIn("art: The arts, 1 passages", made.stderr)
        (card,) = json.loads(self.expect(0, "expert", "ls", "--json").stdout)
        self.assertEqual((card["name"], card["passages"]), ("art", 1))
        self.assertEqual(self.expect(0, "expert", "missing").stdout, "")
        self.assertEqual(self.expect(0, "expert", "create", "--all").stderr, "")
        self.expect(2, "expert", "create", "art")
        self.expect(0, "expert", "rm", "art")
        self.assertEqual(self.expect(0, "expert", "missing").stdout, "")
        self.expect(0, "expert", "create", "art", "--offline")
        self.expect(2, "expert", "create", "--all", "art")

    def test_one_without_its_documents_says_so_and_leaves_nothing(self):
        (self.home / ".local/share/plmm/documents/wikipedia-leads.json").unlink()
        refused = self.expect(4, "expert", "create", "--all", "--offline")
        self.assertIn("plmm pull wikipedia-leads", refused.stderr)
        self.assertFalse((self.home / ".local/share/plmm/experts/art").exists())


if __name__ == "__main__":
    harness.main(needs_model=True)
