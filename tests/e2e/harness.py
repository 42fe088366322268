"""What the end-to-end tests share: the program in a home of its own, and the small model.

Each test file is run as  python3 FILE PLMM_BINARY  and exits 77 when it needs a model that is
not here."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

SKIPPED = 77
PLMM = str(pathlib.Path(sys.argv[1]).resolve()) if len(sys.argv) > 1 else "plmm"


def test_model():
    """The path of smollm2-135m: PLMM_TEST_MODEL, or where this user's plmm keeps it, or None."""
    named = os.environ.get("PLMM_TEST_MODEL")
    if named:
        return named if os.path.exists(named) else None
    listed = subprocess.run([PLMM, "ls", "--json"], capture_output=True, text=True)
    for model in json.loads(listed.stdout or "[]"):
        if model["name"] == "smollm2-135m" and model["here"]:
            return model["path"]
    return None


class Case(unittest.TestCase):
    """A test with a fresh home; self.run_plmm() runs the program in it."""

    model = None  # linked into the home's models folder when set

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="plmm-e2e-")
        self.addCleanup(self.folder.cleanup)
        self.home = pathlib.Path(self.folder.name)
        self.config = self.home / ".config/plmm/config.toml"
        self.models = self.home / ".local/share/plmm/models"
        self.history = self.home / ".local/state/plmm/history"
        self.environment = {
            "HOME": str(self.home),
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "TERM": "xterm",
            "LANG": "C.UTF-8",
        }
        if self.model:
            self.models.mkdir(parents=True)
            (self.models / "smollm2-135m.gguf").symlink_to(self.model)
            self.environment["PLMM_MODEL"] = "smollm2-135m"

    def bring_embedding_model(self):
        """Links the model that experts need; without it on this machine the test is skipped."""
        named = os.environ.get("PLMM_TEST_EMBEDDING_MODEL", "")
        if not os.path.exists(named):
            self.skipTest("PLMM_TEST_EMBEDDING_MODEL names no file")
        weights = pathlib.Path(named)
        for file in (weights, weights.with_suffix("").with_suffix(".vocab.txt")):
            if not (self.models / file.name).exists():
                (self.models / file.name).symlink_to(file)

    def create_expert(self, name, notes, title):
        """An expert on this machine that knows one document, NAME.md in the home."""
        self.bring_embedding_model()
        document = self.home / f"{name}.md"
        document.write_text(notes)
        words = ["--docs", str(document), "--title", title, "--base", "smollm2-135m"]
        self.expect(0, "expert", "create", name, *words)

    def run_plmm(self, *words, stdin="", timeout=120, **environment):
        return subprocess.run(
            [PLMM, *words],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=timeout,
            env={**self.environment, **environment},
        )

    def expect(self, code, *words, **options):
        """Runs it and returns the finished process, whose exit code must be `code`."""
        done = self.run_plmm(*words, **options)
        self.assertEqual(done.returncode, code, f"{words}\n{done.stdout}\n{done.stderr}")
        if code not in (0, 130):
            self.assertRegex(done.stderr, r"(?m)^error: .*\S\n\Z", words)
        return done


def main(needs_model=False):
    if needs_model:
        Case.model = test_model()
        if Case.model is None:
            print("smollm2-135m is not here (plmm pull smollm2-135m, or PLMM_TEST_MODEL=FILE)")
            sys.exit(SKIPPED)
    unittest.main(argv=sys.argv[:1] + sys.argv[2:], verbosity=2)
