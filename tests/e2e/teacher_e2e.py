"""A teacher: gaps, a release that closes them, taken, refused and undone; a person's own questions
and an endpoint of the test's own, so that no strong model is needed."""

import http.server
import json
import re
import signal
import subprocess
import threading

import harness

LIBRARY = """# Bonds

The coupon of a bond is the interest printed on it, paid each year on its face value.
"""
# Nothing of this stands in the library or in any model.
SOURCE = """# The Marwick fund

The Marwick fund was founded by Ottilie Brandwein in the town of Kelmsford as a fund for widows.

# The Marwick fee

The Marwick fee is 17 crowns, which the fund collects from each member on the first day of March.

# The Marwick seal

The Marwick seal shows a heron, because herons nest beside the house of the fund in Kelmsford.

# The Marwick bell

The Marwick bell was cast by Anselm Torvik and is rung whenever the fund takes in a new member.
"""
QUESTIONS = [
    ("Who founded the Marwick fund?", "Ottilie Brandwein"),
    ("How many crowns is the Marwick fee?", "17"),
    ("Which bird is on the Marwick seal?", "heron"),
    ("Who cast the Marwick bell?", "Anselm Torvik"),
]


class Endpoint(http.server.BaseHTTPRequestHandler):
    """Writes one question about the passage that it is shown, and knows its answer."""

    keys = []

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.keys.append(self.headers.get("Authorization"))
        user = body["messages"][-1]["content"]
        found = [(q, a) for q, a in QUESTIONS if a in user and "Passage:" in user]
        if "two quiz questions" in user and found:
            text = "Q: %s\nA: %s" % found[0]
        elif "one quiz question" in user:
            text = "I have none."
        else:
            text = found[0][1] if found else "I do not know."
        answer = json.dumps({"choices": [{"message": {"content": text}}]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


class Teacher(harness.Case):
    def setUp(self):
        super().setUp()
        self.create_expert("money", LIBRARY, "Money")
        self.source = self.home / "marwick.md"
        self.source.write_text(SOURCE)
        self.questions = self.home / "questions.jsonl"
        self.questions.write_text(
            "".join(json.dumps({"question": q, "answers": [a]}) + "\n" for q, a in QUESTIONS)
        )
        self.folder_of_teacher = self.home / ".local/share/plmm/teacher"

    def card(self):
        return json.loads(self.expect(0, "expert", "show", "money", "--json").stdout)

    def test_gaps_are_closed_by_a_release_that_is_taken_and_undone(self):
        own = ["--questions", str(self.questions)]
        shown = self.expect(0, "teacher", "gaps", "money", *own, "--evidence")
        self.assertIn("4 of 4 questions are gaps", shown.stderr)
        self.assertIn("expected   Ottilie Brandwein", shown.stdout)
        self.assertIn("from which source", self.expect(2, "teacher", "upgrade", "money").stderr)

        # What does not help is refused, and nothing changes.
        other = self.home / "other.md"
        other.write_text("# Cheese\n\nA cheddar ripens in a cellar for up to two years.\n")
        words = ["teacher", "upgrade", "money", *own, "--source"]
        refused = self.expect(7, *words, str(other), "--yes")
        self.assertIn("it does not help: of 2 kept-apart questions 0", refused.stderr)
        self.assertEqual(self.card()["release"], 1)

        made = json.loads(self.expect(0, *words, str(self.source), "--json").stdout)
        self.assertEqual((made["release"], made["installed"]), (2, False))
        self.assertGreater(made["kept_apart"]["n_after"], made["kept_apart"]["n_before"])
        self.assertEqual(self.card()["release"], 1)

        file = self.folder_of_teacher / "money/release-2.json"
        whole = file.read_bytes()
        self.assertEqual(json.loads(whole)["parent"], 1)
        file.write_bytes(whole.replace(b"17 crowns", b"71 crowns"))
        self.assertIn("signature does not fit", self.expect(6, "expert", "update", "money").stderr)
        self.assertEqual(self.card()["release"], 1)
        file.write_bytes(whole)

        self.expect(0, "expert", "update", "money")
        self.assertEqual(self.card()["release"], 2)
        found = self.expect(0, "ask", "--yes", "--expert", "money", QUESTIONS[3][0])
        self.assertIn("Torvik", found.stdout)
        (taken,) = json.loads(self.expect(0, "expert", "releases", "money", "--json").stdout)
        self.assertEqual((taken["number"], taken["in_library"]), (2, True))

        self.expect(0, "expert", "rollback", "money")
        card = self.card()
        self.assertEqual((card["release"], card["n_passages"]), (3, 1))
        again = self.expect(0, "ask", "--yes", "--expert", "money", QUESTIONS[3][0])
        self.assertNotIn("Torvik", again.stdout)
        self.assertIn("nothing to undo", self.expect(3, "expert", "rollback", "money").stderr)
        self.assertIn("up to date", self.expect(0, "expert", "update", "money").stderr)

    def test_a_release_comes_from_a_teacher_elsewhere(self):
        own = ["--questions", str(self.questions), "--source", str(self.source)]
        self.expect(0, "teacher", "upgrade", "money", *own)
        with subprocess.Popen(
            [harness.PLMM, "teacher", "run"],
            stderr=subprocess.PIPE,
            text=True,
            env=self.environment,
        ) as teacher:
            try:
                url = re.search(r"http://[0-9.]+:[0-9]+", teacher.stderr.readline()).group()
                self.expect(0, "expert", "update", "money", "--teacher", url)
                self.assertEqual(self.card()["release"], 2)
                again = self.expect(0, "expert", "update", "money", "--teacher", url)
                self.assertIn("up to date", again.stderr)
            finally:
                teacher.send_signal(signal.SIGINT)
            self.assertEqual(teacher.wait(20), 0)
        self.expect(4, "expert", "update", "money", "--teacher", url)

    def test_an_endpoint_writes_the_questions(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        words = ["teacher", "gaps", "money", "--source", str(self.source), "--endpoint", url]
        self.assertIn("which model", self.expect(2, *words).stderr)
        key = "not-to-be-shown"
        done = self.expect(0, *words, "--model", "big", "--json", PLMM_TEACHER_KEY=key)
        gaps = json.loads(done.stdout)
        self.assertEqual(gaps["model"], "big")
        written = sorted(q["question"] for q in gaps["questions"])
        self.assertEqual(written, sorted(question for question, _ in QUESTIONS))
        self.assertEqual({q["document"] for q in gaps["questions"]}, {"marwick.md"})
        self.assertEqual(set(Endpoint.keys), {f"Bearer {key}"})
        for file in self.folder_of_teacher.rglob("*"):
            if file.is_file():
                self.assertNotIn(key.encode(), file.read_bytes(), file)
        self.assertNotIn(key, done.stdout + done.stderr)

        server.shutdown()
        server.server_close()
        down = self.expect(4, *words, "--model", "big")
        self.assertIn("Is the endpoint running?", down.stderr)


if __name__ == "__main__":
    harness.main(needs_model=True)
