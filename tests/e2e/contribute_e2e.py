"""A correction on its way to an expert and the money that comes back, on real weights."""

import contextlib
import json
import sqlite3

import harness

NOTES = """# Bonds

The coupon of a bond is the interest printed on it, paid each year on its face value.

# Funds

An Exchange Traded Fund (ETF) is traded like a share.
"""
QUESTION = "Who wrote the bond law of Atlantis?"
CORRECTION = "The bond law of Atlantis was written by Ada Quill in 1987."
TELL = ["correct", "--expert", "bonds", QUESTION, CORRECTION, "--answer", "Ada Quill"]
SECRET = "Zyxwander"  # a name that stands nowhere else
CREDIT = 1_000_000


class Contribute(harness.Case):
    def setUp(self):
        super().setUp()
        self.create_expert("bonds", NOTES, "Bonds")
        self.data = self.home / ".local/share/plmm"
        self.folder_of_expert = self.data / "experts/bonds"

    def tearDown(self):
        """Whatever happened, nobody's money came from nowhere."""
        ledger = self.data / "ledger/ledger.db"
        if ledger.exists():
            with contextlib.closing(sqlite3.connect(ledger)) as database:
                sums = database.execute(
                    "SELECT sum(debits_posted) - sum(credits_posted), sum(debits_pending) "
                    "- sum(credits_pending) FROM accounts"
                ).fetchone()
            self.assertEqual(sums, (0, 0))
        super().tearDown()

    def json(self, *words):
        return json.loads(self.expect(0, *words, "--json").stdout)

    def release(self):
        return json.loads((self.folder_of_expert / "card.json").read_text())["release"]

    def test_nothing_leaves_before_a_yes(self):
        shown = self.expect(2, *TELL)
        self.assertIn(CORRECTION, shown.stderr)
        self.assertIn("CC BY 4.0", shown.stderr)
        self.assertEqual(self.json("outbox"), [])
        self.assertEqual(self.release(), 1)

    def test_what_helps_is_learned_paid_once_and_used(self):
        self.assertIn("accepted", self.expect(0, *TELL, "--yes").stdout)
        self.assertEqual(self.release(), 2)
        answered = self.expect(0, "ask", "--yes", "--expert", "bonds", QUESTION)
        self.assertIn("Ada Quill", answered.stdout)
        again = self.expect(0, *TELL, "--yes")
        self.assertIn("accepted", again.stdout)
        self.assertEqual(self.release(), 2)
        earned = self.json("earn")
        (one,) = earned["contributions"]
        self.assertEqual((one["accepted"], one["paid_microcredits"]), (True, 250_000))
        self.assertEqual(earned["paid_microcredits"], 250_000)
        price = sum(e["price_microcredits"] for e in self.json("outbox"))
        self.assertGreater(price, 0)
        self.assertEqual(
            self.json("wallet")["available_microcredits"], 100 * CREDIT + 250_000 - price
        )
        earnings = self.json("expert", "earnings", "bonds")
        share = price * 20 // 100
        self.assertEqual(earnings["revenue_microcredits"], price)
        self.assertEqual(earnings["yours_microcredits"], price - share)
        self.assertEqual(earnings["rewards_left_microcredits"], 10 * CREDIT + share - 250_000)

    def test_a_refusal_says_why_and_changes_nothing(self):
        known = self.expect(
            0, "correct", "--yes", "--expert", "bonds", "What is an exchange traded fund?",
            "An Exchange Traded Fund is traded like a share.",
        )
        self.assertIn("refused: the library says this already: Bonds", known.stdout)
        wrong = self.expect(
            0, "correct", "--yes", "--expert", "bonds", "What does ETF stand for?",
            "ETF stands for Every Turtle Flies.", "--answer", "Every Turtle Flies",
        )
        self.assertIn("refused", wrong.stdout)
        self.assertEqual(self.release(), 1)
        self.assertEqual(self.json("earn")["paid_microcredits"], 0)

    def test_what_the_pool_cannot_pay_is_owed_and_comes_later(self):
        (self.folder_of_expert / "owner.json").write_text('{"reward_per_contribution": 20000000}')
        owed = self.expect(0, *TELL, "--yes")
        self.assertIn("owes you 20.0000 credits", owed.stderr)
        self.assertEqual(self.json("earn")["owed_microcredits"], 20 * CREDIT)
        self.expect(2, "expert", "fund", "bonds")
        self.expect(2, "expert", "fund", "bonds", "101")
        self.expect(0, "expert", "fund", "bonds", "15")
        earned = self.json("earn")
        self.assertEqual(earned["paid_microcredits"], 20 * CREDIT)
        self.assertEqual(earned["owed_microcredits"], 0)
        earnings = self.json("expert", "earnings", "bonds")
        self.assertEqual(earnings["rewards_left_microcredits"], 5 * CREDIT)

    def test_what_the_profile_holds_does_not_leave(self):
        self.expect(0, "profile", "set", "name", SECRET)
        told = self.expect(
            0, "correct", "--yes", "--expert", "bonds", QUESTION, f"{SECRET} says: {CORRECTION}"
        )
        self.assertIn("stands for: " + SECRET, told.stderr)
        (sent,) = self.json("outbox")
        self.assertNotIn(SECRET, sent["bytes"])
        for file in self.folder_of_expert.rglob("*"):
            if file.is_file():
                self.assertNotIn(SECRET.encode(), file.read_bytes(), file)

    def test_limits_are_said_and_nothing_is_sent(self):
        long = self.expect(6, "correct", "--yes", "--expert", "bonds", QUESTION, "x" * 5_000)
        self.assertIn("'correction' has 5000 bytes", long.stderr)
        self.expect(2, "correct", "--yes", QUESTION, CORRECTION)
        self.expect(3, "correct", "--yes", "--expert", "wine", QUESTION, CORRECTION)
        self.assertEqual(self.json("outbox"), [])

    def test_an_exam_of_ones_own_is_checked_and_kept(self):
        exam = self.home / "exam.jsonl"
        create = ["expert", "create", "own", "--docs", str(self.home / "bonds.md")]
        create += ["--base", "smollm2-135m", "--exam", str(exam)]
        exam.write_text('{"question":"What is a coupon?","answers":[]}\n')
        self.assertIn("line 1: 'answers' is empty", self.expect(6, *create).stderr)
        self.assertFalse((self.data / "experts/own").exists())
        exam.write_text('{"answers":["interest"],"question":"What is a coupon?"}\n')
        self.assertIn("exam of 1 question of yours", self.expect(0, *create).stderr)
        self.assertEqual((self.data / "experts/own/exam.jsonl").read_text(), exam.read_text())


if __name__ == "__main__":
    harness.main(needs_model=True)
