"""One question in process and over loopback HTTP: the same answer, citations and price;
and what happens when the other side is gone, at once or in the middle of an answer."""

import contextlib
import http.server
import json
import signal
import subprocess
import threading
import urllib.request

import harness

NOTES = """# Bonds

The coupon of a bond is the interest printed on it, paid each year on its face value.

The yield is what a buyer earns at today's price. When the price of a bond falls, its yield rises.
"""
QUESTION = "What is the coupon of a bond?"
START_SECONDS_MAX = 60


class CutShort(http.server.BaseHTTPRequestHandler):
    """Passes an expert on, but breaks off behind the first piece of an answer."""

    upstream = ""
    on_first_piece = staticmethod(lambda: None)

    def do_GET(self):
        with urllib.request.urlopen(self.upstream + self.path) as answer:
            self.reply(answer.headers["Content-Type"], answer.read())

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        head = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.upstream + self.path, body, head)
        with urllib.request.urlopen(request) as answer:
            piece = answer.readline() + answer.readline() + answer.readline()
            self.on_first_piece()
            self.reply(answer.headers["Content-Type"], piece)

    def reply(self, kind, body):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Served(harness.Case):
    def setUp(self):
        super().setUp()
        self.create_expert("bonds", NOTES, "Bonds")
        self.asker = {"XDG_DATA_HOME": str(self.home / "asker")}
        (self.home / "asker/plmm").mkdir(parents=True)
        (self.home / "asker/plmm/models").symlink_to(self.models)
        self.children = contextlib.ExitStack()
        self.addCleanup(self.children.close)

    def start(self, *words):
        """A server of this test with its address; it is ended with the test at the latest."""
        child = subprocess.Popen(
            [harness.PLMM, *words, "--port", "0", "--json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.environment,
        )
        self.children.callback(child.communicate)
        self.children.callback(child.kill)
        watchdog = threading.Timer(START_SECONDS_MAX, child.kill)
        watchdog.start()
        line = child.stdout.readline()
        watchdog.cancel()
        self.assertTrue(line, f"{words} did not start")
        return child, json.loads(line)["url"]

    def wallet(self, ledger):
        words = ["wallet", "--json", "--ledger", ledger]
        return json.loads(self.expect(0, *words, **self.asker).stdout)

    def test_served_or_not_the_answer_is_the_same(self):
        here = self.expect(0, "ask", "--yes", "--expert", "bonds", QUESTION)
        (sent_here,) = json.loads(self.expect(0, "outbox", "--json").stdout)

        ledger_process, ledger = self.start("ledger", "serve")
        expert_process, expert = self.start("expert", "serve", "bonds", "--ledger", ledger)
        shown = self.expect(0, "expert", "connect", expert, **self.asker)
        self.assertIn("another key under this name will be refused", shown.stderr)
        (listed,) = json.loads(self.expect(0, "expert", "ls", "--json", **self.asker).stdout)
        self.assertEqual((listed["name"], listed["url"]), ("bonds", expert))
        words = ["ask", "--yes", "--ledger", ledger, "--expert", "bonds", QUESTION]
        there = self.expect(0, *words, **self.asker)
        self.assertEqual(there.stdout, here.stdout)
        (sent_there,) = json.loads(self.expect(0, "outbox", "--json", **self.asker).stdout)
        for field in ("state", "price_microcredits", "price_max_microcredits"):
            self.assertEqual(sent_there[field], sent_here[field], field)
        price = sent_there["price_microcredits"]
        wallet = self.wallet(ledger)
        self.assertEqual(wallet["available_microcredits"], 100_000_000 - price)
        self.assertEqual(wallet["reserved_microcredits"], 0)

        for child in (expert_process, ledger_process):
            child.send_signal(signal.SIGTERM)
            _, log = child.communicate(timeout=30)
            self.assertEqual(child.returncode, 0, log)
            self.assertIn("stopped", log)
            self.assertNotIn("coupon", log)
        down = self.expect(4, *words, **self.asker)
        self.assertIn("the ledger does not answer (connection refused)", down.stderr)
        checked = json.loads(self.expect(0, "ledger", "check", "--json").stdout)
        self.assertEqual(checked["sum_microcredits"], 0)

    def test_several_at_once_get_the_answer_that_one_gets_alone(self):
        alone = self.expect(0, "ask", "--yes", "--expert", "bonds", QUESTION)
        _, ledger = self.start("ledger", "serve")
        expert_process, expert = self.start("expert", "serve", "bonds", "--ledger", ledger)
        homes = []
        for number in range(4):
            data = self.home / f"asker-{number}"
            (data / "plmm").mkdir(parents=True)
            (data / "plmm/models").symlink_to(self.models)
            homes.append({"XDG_DATA_HOME": str(data)})
            self.expect(0, "expert", "connect", expert, **homes[-1])
        words = [harness.PLMM, "ask", "--yes", "--ledger", ledger, "--expert", "bonds", QUESTION]
        askers = [
            subprocess.Popen(
                words,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env={**self.environment, **home},
            )
            for home in homes
        ]
        for asker in askers:
            self.children.callback(asker.kill)
        for asker in askers:
            answer, said = asker.communicate(timeout=300)
            self.assertEqual(asker.returncode, 0, said)
            self.assertEqual(answer, alone.stdout)
        expert_process.send_signal(signal.SIGTERM)
        _, log = expert_process.communicate(timeout=30)
        self.assertEqual(log.count("  answer  "), len(askers), log)

    def test_an_expert_that_is_down_costs_nothing_and_can_be_forgotten(self):
        expert_process, expert = self.start("expert", "serve", "bonds")
        self.expect(0, "expert", "connect", expert, **self.asker)
        expert_process.kill()
        expert_process.communicate()
        asked = self.expect(4, "ask", "--yes", "--expert", "bonds", QUESTION, **self.asker)
        self.assertIn(
            "bonds does not answer (connection refused). Nothing was sent, nothing was paid",
            asked.stderr,
        )
        self.assertEqual(json.loads(self.expect(0, "outbox", "--json", **self.asker).stdout), [])
        self.expect(0, "expert", "forget", "bonds", **self.asker)
        self.expect(3, "ask", "--yes", "--expert", "bonds", QUESTION, **self.asker)

    def test_an_expert_killed_in_mid_stream_is_not_paid(self):
        _, ledger = self.start("ledger", "serve")
        expert_process, expert = self.start("expert", "serve", "bonds", "--ledger", ledger)
        proxy = http.server.ThreadingHTTPServer(("127.0.0.1", 0), CutShort)
        self.children.callback(proxy.server_close)
        self.children.callback(proxy.shutdown)
        CutShort.upstream = expert
        CutShort.on_first_piece = staticmethod(expert_process.kill)
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{proxy.server_address[1]}"
        self.expect(0, "expert", "connect", address, **self.asker)
        words = ["ask", "--yes", "--ledger", ledger, "--expert", "bonds", QUESTION]
        asked = self.expect(4, *words, **self.asker)
        self.assertIn("the connection broke off within the answer. Nothing was paid", asked.stderr)
        (sent,) = json.loads(self.expect(0, "outbox", "--json", **self.asker).stdout)
        self.assertEqual(sent["price_microcredits"], 0)
        wallet = self.wallet(ledger)
        held = wallet["reserved_microcredits"]
        # Nobody but the expert could let go of it; it ends by itself (ledger_service_test.cpp).
        self.assertEqual(held, sent["price_max_microcredits"])
        self.assertEqual(wallet["available_microcredits"], 100_000_000 - held)
        self.assertEqual(len(wallet["movements"]), 1)


if __name__ == "__main__":
    harness.main(needs_model=True)
