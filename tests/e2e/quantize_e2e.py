"""plmm quantize: a smaller file that answers, its cost in figures, and what it refuses."""

import json
import pathlib
import resource
import subprocess

import harness
from harness import PLMM


class Quantize(harness.Case):
    model = harness.test_model()

    def setUp(self):
        super().setUp()
        self.out = self.home / "small.gguf"
        self.short = self.home / "short.txt"  # to measure on where the figure does not matter
        self.short.write_text("All the world's a stage, and all the men and women merely players.")

    def quantize(self, code, *words, **options):
        return self.expect(code, "quantize", "smollm2-135m", str(self.out), *words, **options)

    def test_the_file_is_smaller_answers_and_its_cost_is_printed(self):
        said = self.quantize(0, "--type", "Q4_0").stdout
        self.assertRegex(said, r"size +98\.\d MB -> \d\d\.\d MB|size +98 MB -> \d\d MB")
        self.assertRegex(said, r"cost +KL 0\.\d{4} nats a token, the same first choice \d+\.\d %")
        self.assertIn(f"plmm chat --model {self.out}", said)
        answer = self.expect(0, "ask", "--model", str(self.out), "--max-tokens", "8", "Say hello.")
        self.assertTrue(answer.stdout.strip())
        shown = json.loads(self.expect(0, "show", str(self.out), "--json").stdout)
        self.assertIn("Q4_0", json.dumps(shown))

    def test_more_bits_cost_less(self):
        cost = {}
        for name in ("Q4_0", "Q8_0"):
            out = json.loads(self.quantize(0, "--type", name, "--force", "--json").stdout)
            cost[name] = out["kl_nats"]
            self.assertGreater(out["n_tokens"], 200)
        self.assertLess(cost["Q8_0"], cost["Q4_0"])
        self.assertLess(cost["Q8_0"], 0.01)

    def test_classes_have_types_of_their_own_and_the_others_stay(self):
        words = ["--attention", "Q8_0", "--json", "--text", str(self.short)]
        classes = json.loads(self.quantize(0, *words).stdout)["classes"]
        types = {each["class"]: each["type"] for each in classes}
        self.assertEqual(types["attention"], "Q8_0")
        self.assertEqual(types["feed-forward"], "Q4_1")

    def test_a_text_of_ones_own_is_measured_on(self):
        text = self.home / "text.txt"
        text.write_text("All the world's a stage, and all the men and women merely players.\n" * 3)
        out = self.quantize(0, "--type", "Q8_0", "--text", str(text), "--json")
        self.assertLess(json.loads(out.stdout)["n_tokens"], 80)
        text.write_text("")
        words = ["--type", "Q8_0", "--force", "--text"]
        self.assertIn("empty", self.quantize(2, *words, str(text)).stderr)
        self.quantize(3, *words, str(self.home / "none.txt"))

    def test_what_is_there_is_written_over_only_when_told_so(self):
        self.out.write_text("mine")
        self.assertIn("--force", self.quantize(2, "--type", "Q8_0").stderr)
        self.assertEqual(self.out.read_text(), "mine")
        self.quantize(0, "--type", "Q8_0", "--force", "--text", str(self.short))
        self.assertGreater(self.out.stat().st_size, 1000)

    def test_the_source_is_never_written_over(self):
        source = self.models / "smollm2-135m.gguf"
        before = source.stat().st_size
        for target in (source, pathlib.Path(self.model)):
            said = self.expect(
                2, "quantize", "smollm2-135m", str(target), "--type", "Q8_0", "--force"
            )
            self.assertIn("the source itself", said.stderr)
        self.assertEqual(source.stat().st_size, before)

    def test_wrong_use_is_explained(self):
        self.assertIn("--type", self.quantize(2).stderr)
        self.assertIn("Q8_0", self.quantize(2, "--type", "Q3_X").stderr)
        self.expect(3, "quantize", "/no/such.gguf", str(self.out), "--type", "Q8_0")
        broken = self.home / "broken.gguf"
        broken.write_bytes(b"GGUF" + b"\0" * 100)
        self.expect(6, "quantize", str(broken), str(self.out), "--type", "Q8_0")
        self.assertFalse(self.out.exists())

    def test_a_full_disk_leaves_nothing_behind(self):
        def small_disk():
            resource.setrlimit(resource.RLIMIT_FSIZE, (20_000_000, 20_000_000))

        done = subprocess.run(
            [PLMM, "quantize", "smollm2-135m", str(self.out), "--type", "Q8_0"],
            capture_output=True,
            text=True,
            env=self.environment,
            preexec_fn=small_disk,
            restore_signals=False,  # the limit is then an error of write(), as a full disk is
        )
        self.assertEqual(done.returncode, 7, done.stderr)
        self.assertIn("nothing was written", done.stderr)
        self.assertEqual(list(self.home.glob("small.gguf*")), [])


if __name__ == "__main__":
    harness.main(needs_model=True)
