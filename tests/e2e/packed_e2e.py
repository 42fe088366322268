"""Packed weights that are kept: the same answers, and never from a file that was changed."""

import os
import subprocess

import harness
from harness import PLMM

QUESTION = ["ask", "--max-tokens", "12", "--temperature", "0", "Name three colours."]


class Packed(harness.Case):
    model = harness.test_model()

    def setUp(self):
        super().setUp()
        self.folder_of_files = self.home / ".cache/plmm/packed"
        self.answer = self.expect(0, *QUESTION, "--packed-weights", "false").stdout

    def files(self):
        return sorted(self.folder_of_files.glob("*")) if self.folder_of_files.exists() else []

    def keep(self):
        """The file that an answer leaves, and its bytes."""
        self.assertEqual(self.expect(0, *QUESTION).stdout, self.answer)
        (file,) = self.files()
        return file, file.read_bytes()

    def test_nothing_is_kept_when_it_is_turned_off(self):
        self.assertEqual(self.files(), [])
        self.expect(0, "config", "set", "packed_weights", "false")
        self.expect(0, *QUESTION)
        self.assertEqual(self.files(), [])

    def test_the_file_is_the_persons_own_and_gives_the_same_answer(self):
        file, whole = self.keep()
        self.assertEqual(file.stat().st_mode & 0o777, 0o600)
        self.assertEqual(self.folder_of_files.stat().st_mode & 0o777, 0o700)
        again, bytes_again = self.keep()
        self.assertEqual((again, bytes_again), (file, whole))

    def test_a_changed_or_cut_file_is_written_anew_and_never_answered_from(self):
        file, whole = self.keep()
        middle = len(whole) // 2
        for damaged in (
            whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
            whole[:middle],
            b"",
            b"x" * len(whole),
        ):
            file.write_bytes(damaged)
            self.assertEqual(self.keep(), (file, whole))

    def test_a_file_that_others_may_change_or_own_is_written_anew(self):
        file, whole = self.keep()
        forged = bytearray(whole)
        forged[-4096] ^= 1
        file.write_bytes(forged)
        file.chmod(0o666)
        self.assertEqual(self.keep(), (file, whole))
        self.assertEqual(file.stat().st_mode & 0o777, 0o600)
        if os.geteuid() == 0:  # only then a file can be given away
            os.chown(file, 12345, 12345)
            self.assertEqual(self.keep(), (file, whole))
            self.assertEqual(file.stat().st_uid, 0)

    def test_every_tier_takes_the_same_file(self):
        file, whole = self.keep()
        said = self.expect(0, *QUESTION, "--cpu", "reference").stdout
        self.assertEqual(said, self.answer)
        self.assertEqual(file.read_bytes(), whole)

    def test_processes_share_the_file_that_they_map(self):
        file, _ = self.keep()
        chat = subprocess.Popen(
            [PLMM, "chat", "--max-tokens", "1"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=self.environment,
        )
        self.addCleanup(chat.wait)
        self.addCleanup(chat.kill)
        chat.stdin.write(b"Hello.\n")
        chat.stdin.flush()
        self.assertTrue(chat.stdout.readline())
        with open(f"/proc/{chat.pid}/maps", encoding="utf-8") as maps:
            mapped = [line for line in maps if str(file) in line]
        self.assertTrue(mapped)
        self.assertTrue(all(" r--" in line for line in mapped), mapped)
        chat.stdin.close()
        chat.stdout.close()

    def test_a_folder_that_cannot_be_used_costs_nothing_but_time(self):
        self.folder_of_files.parent.mkdir(parents=True, exist_ok=True)
        self.folder_of_files.write_text("not a folder")
        self.assertEqual(self.expect(0, *QUESTION).stdout, self.answer)

    def test_rm_takes_it_along_and_doctor_says_how_to_empty_it(self):
        self.keep()
        shown = self.expect(0, "doctor").stdout
        self.assertRegex(shown, r"packed +kept, 1 model, [\d.]+ MB")
        self.assertIn("rm -r", " ".join(shown.split()))
        self.expect(0, "rm", "smollm2-135m")
        self.assertEqual(self.files(), [])


if __name__ == "__main__":
    harness.main(needs_model=True)
