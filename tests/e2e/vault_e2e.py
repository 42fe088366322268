"""The vault as a person uses it: a passphrase, locking, moving to another device, damage."""

import json
import os
import pathlib
import pty
import select
import shutil
import sqlite3
import tempfile
import time

import harness
from harness import PLMM

PASSPHRASE = "correct horse battery"
NAME = "Zyxwander"


class Vault(harness.Case):
    def setUp(self):
        super().setUp()
        self.data = self.home / ".local/share/plmm"
        # A login's folder in memory, as systemd makes one.
        runtime = tempfile.TemporaryDirectory(prefix="plmm-e2e-", dir="/dev/shm")
        self.addCleanup(runtime.cleanup)
        self.runtime = pathlib.Path(runtime.name)
        self.environment["XDG_RUNTIME_DIR"] = str(self.runtime)
        self.expect(0, "profile", "set", "name", NAME)

    def file(self, name, text):
        path = self.home / name
        path.write_text(text + "\n")
        return str(path)

    def name_in(self, **options):
        facts = json.loads(self.expect(0, "profile", "--json", **options).stdout)
        return [fact["value"] for fact in facts]

    def give_passphrase(self):
        self.expect(0, "vault", "passwd", stdin=PASSPHRASE + "\n")

    def test_a_passphrase_locks_it_until_it_is_unlocked(self):
        self.give_passphrase()
        locked = self.expect(2, "profile")
        self.assertIn("plmm vault unlock", locked.stderr)
        self.assertIn("wrong passphrase", self.expect(2, "vault", "unlock", stdin="no\n").stderr)
        self.assertIn("locked", self.expect(0, "vault").stdout)
        self.expect(0, "vault", "unlock", stdin=PASSPHRASE + "\n")
        self.assertEqual(self.name_in(), [NAME])
        self.expect(0, "vault", "lock")
        self.expect(2, "profile")
        right = self.file("right", PASSPHRASE)
        self.assertEqual(self.name_in(PLMM_VAULT_PASSPHRASE_FILE=right), [NAME])
        wrong = self.file("wrong", "not this one")
        self.expect(2, "profile", PLMM_VAULT_PASSPHRASE_FILE=wrong)

    def test_the_passphrase_is_changed_and_taken_away(self):
        self.give_passphrase()
        self.expect(2, "vault", "passwd", stdin=f"{PASSPHRASE}\nshort\n")
        self.expect(0, "vault", "passwd", stdin=f"{PASSPHRASE}\nanother horse\n")
        self.expect(2, "vault", "unlock", stdin=PASSPHRASE + "\n")
        self.expect(0, "vault", "rotate", stdin="another horse\n")
        self.expect(0, "vault", "passwd", stdin="another horse\n\n")
        self.assertEqual(self.name_in(), [NAME])
        self.expect(2, "vault", "lock")

    def test_a_terminal_is_asked_and_shows_nothing_of_it(self):
        self.give_passphrase()
        pid, fd = pty.fork()
        if pid == 0:
            os.execve(PLMM, [PLMM, "profile"], self.environment)
        seen = b""
        right = PASSPHRASE.encode() + b"\n"
        answers = [(b"the vault: ", b"wrong horse\n"), (b"once more: ", right)]
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and select.select([fd], [], [], 60)[0]:
            try:
                data = os.read(fd, 4096)
            except OSError:
                break
            if not data:
                break
            seen += data
            if answers and seen.endswith(answers[0][0]):
                os.write(fd, answers.pop(0)[1])
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0, seen)
        self.assertIn(NAME.encode(), seen)
        self.assertNotIn(b"horse", seen)

    def test_it_moves_to_another_device(self):
        archive = str(self.home / "mine.vault")
        self.expect(0, "profile", "add", "hobbies", "climbing")
        done = self.expect(0, "vault", "export", archive, stdin="archive horse\n")
        self.assertIn("2 profile", done.stderr)
        self.assertNotIn(NAME.encode(), pathlib.Path(archive).read_bytes())
        self.expect(2, "vault", "export", archive, stdin="archive horse\n")
        self.expect(2, "vault", "import", archive, stdin="archive horse\n")
        shutil.rmtree(self.data)
        self.expect(2, "vault", "import", archive, stdin="wrong horse\n")
        self.expect(0, "vault", "import", archive, stdin="archive horse\n")
        self.assertEqual(self.name_in(), [NAME, "climbing"])
        self.expect(0, "vault", "import", archive, "--replace", stdin="archive horse\n")
        self.assertEqual(self.name_in(), [NAME, "climbing"])

    def test_damage_is_found_and_gone_on_without(self):
        self.expect(0, "profile", "add", "hobbies", "climbing")
        self.assertRegex(self.expect(0, "vault", "verify").stdout, r"(?m)^2 records in \d")
        with sqlite3.connect(self.data / "vault/vault.db") as database:
            database.execute("UPDATE record SET sealed = zeroblob(64) WHERE id = 1")
        database.close()
        self.assertIn("damaged", self.expect(6, "vault", "verify").stdout)
        self.assertIn("plmm vault accept", self.expect(6, "profile").stderr)
        self.assertIn("1 records could not", self.expect(0, "vault", "accept").stderr)
        self.assertEqual(self.name_in(), ["climbing"])

    def test_init_shows_it_and_wipe_leaves_nothing(self):
        self.assertIn("already", self.expect(0, "vault", "init").stderr)
        self.give_passphrase()
        self.expect(0, "vault", "unlock", stdin=PASSPHRASE + "\n")
        self.expect(2, "vault", "wipe")
        self.expect(0, "vault", "wipe", "--yes")
        self.assertEqual(list(self.runtime.rglob("*.key")), [])
        self.assertEqual(self.name_in(), [])
        self.expect(2, "vault", "export")


if __name__ == "__main__":
    harness.main()
