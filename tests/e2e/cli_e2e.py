"""The program without a model: help, exit codes, settings, completion, manual pages, streams."""

import json
import os
import re
import shutil
import stat
import subprocess
import unittest

import harness
from harness import PLMM

VERBS = (
    "chat ask read expert ledger profile memory learn outbox why wallet correct earn teacher "
    "train vault pull ls show rm doctor quantize merge eval bench config completion man version "
    "help tokenize"
).split()


class Help(harness.Case):
    def test_every_verb_explains_itself_within_80_columns(self):
        for words in [["--help"]] + [[verb, "--help"] for verb in VERBS]:
            page = self.expect(0, *words)
            self.assertTrue(page.stdout.startswith("usage: plmm"), words)
            self.assertEqual(page.stderr, "", words)
            self.assertLessEqual(max(map(len, page.stdout.splitlines())), 80, words)
        self.assertEqual(
            self.expect(0, "help", "ask").stdout, self.expect(0, "ask", "--help").stdout
        )

    def test_versions_are_printed(self):
        self.assertRegex(self.expect(0, "--version").stdout, r"^plmm \d+\.\d+\.\d+\n")
        self.assertIn("fmt", json.loads(self.expect(0, "version", "--json").stdout))


class ExitCodes(harness.Case):
    def test_usage_errors_are_2_and_suggest(self):
        self.assertIn("Did you mean 'chat'?", self.expect(2, "caht").stderr)
        self.assertIn("'--temperature'", self.expect(2, "ask", "--temprature", "1", "x").stderr)
        self.expect(2, "ask", "x", "--top-p", "1.5")
        self.expect(2, "ask", "x", "--seed")
        self.expect(2, "ask")
        self.expect(2, "rm")
        self.expect(2, "completion", "tcsh")
        self.expect(2, "config", "set", "temprature", "1")
        self.expect(2, "config", "set", "temperature", "warm")
        self.expect(2, "man", "chta")

    def test_a_missing_model_is_3_and_says_what_to_run(self):
        for words in (["chat"], ["ask", "x"], ["show"], ["tokenize"]):
            self.assertIn("plmm pull qwen2.5-coder-0.5b", self.expect(3, *words).stderr)
        self.expect(3, "ask", "x", "--model", "/no/such/file.gguf")
        self.assertIn("'smollm2-135m'", self.expect(3, "pull", "smolm2-135m").stderr)
        self.expect(3, "rm", "smollm2-135m")

    def test_no_network_allowed_is_4(self):
        self.expect(4, "pull", "smollm2-135m", "--offline")

    def test_a_broken_file_is_6_and_named(self):
        bad = self.home / "bad.gguf"
        for content in (b"", b"GGUF", b"GGUF" + bytes(200), b"GGUF\x03\0\0\0" + b"\xff" * 100):
            bad.write_bytes(content)
            for words in (["show", str(bad)], ["ask", "x", "-m", str(bad)]):
                self.assertIn("bad.gguf", self.expect(6, *words).stderr)

    def test_a_file_cannot_drive_the_terminal_through_an_error(self):
        bad = self.home / "bad\x1b[31m.gguf"
        bad.write_bytes(b"GGUF" + bytes(20))
        self.assertNotIn("\x1b", self.expect(6, "show", str(bad)).stderr)


class Settings(harness.Case):
    def origins(self, *words, **environment):
        shown = self.expect(0, "config", "show", "--origin", "--json", *words, **environment)
        return json.loads(shown.stdout)

    def test_environment_wins_over_file_and_file_over_default(self):
        self.expect(0, "config", "set", "top_k", "7")
        self.expect(0, "config", "set", "seed", "8")
        shown = self.origins("--seed", "10", PLMM_SEED="9")
        self.assertEqual(shown["seed"], {"value": 10, "origin": "flag"})
        shown = self.origins(PLMM_SEED="9")
        self.assertEqual(shown["top_k"], {"value": 7, "origin": "file"})
        self.assertEqual(shown["seed"], {"value": 9, "origin": "environment"})
        self.assertEqual(shown["top_p"]["origin"], "default")
        table = self.expect(0, "config", "show", "--origin", PLMM_SEED="9").stdout
        self.assertRegex(table, r"(?m)^seed +=.* 9 .*PLMM_SEED$")
        self.assertRegex(table, r"(?m)^top_k +=.* 7 .*file, line 1$")

    def test_set_and_unset_keep_the_rest_of_the_file(self):
        self.config.parent.mkdir(parents=True)
        self.config.write_text("# mine\nseed = 1\n")
        self.expect(0, "config", "set", "system", 'Say "hi"\nalways')
        self.assertEqual(
            self.config.read_text(), '# mine\nseed = 1\nsystem = "Say \\"hi\\"\\nalways"\n'
        )
        self.expect(0, "config", "unset", "system")
        self.assertEqual(self.config.read_text(), "# mine\nseed = 1\n")
        self.assertEqual(stat.S_IMODE(self.config.stat().st_mode), 0o600)
        self.assertEqual(os.listdir(self.config.parent), ["config.toml"])

    def test_a_broken_file_is_named_with_its_line_and_can_be_mended(self):
        self.config.parent.mkdir(parents=True)
        self.config.write_text("seed = 1\nseed 2\n")
        self.assertIn("config.toml:2: ", self.expect(2, "ls").stderr)
        self.assertEqual(self.expect(0, "config", "path").stdout, f"{self.config}\n")
        doctor = self.run_plmm("doctor", "--json")
        self.assertEqual(doctor.returncode, 7)
        failed = [f for f in json.loads(doctor.stdout) if f["level"] == "fail"]
        self.assertEqual([f["subject"] for f in failed], ["config"])

    def test_folders_follow_xdg(self):
        elsewhere = str(self.home / "elsewhere")
        self.assertEqual(
            self.expect(0, "config", "path", XDG_CONFIG_HOME=elsewhere).stdout,
            f"{elsewhere}/plmm/config.toml\n",
        )
        shown = self.origins(XDG_DATA_HOME=elsewhere)
        self.assertEqual(shown["models_dir"]["value"], f"{elsewhere}/plmm/models")


class Doctor(harness.Case):
    def test_finds_what_is_wrong_and_how_to_mend_it(self):
        self.models.mkdir(parents=True)
        (self.models / "smollm2-135m.gguf").write_bytes(b"cut short")
        self.history.parent.mkdir(parents=True)
        self.history.write_text("secret\n")
        self.history.chmod(0o644)
        done = self.run_plmm("doctor", "--json", PLMM_CPU="pentium")
        self.assertEqual(done.returncode, 7)
        failed = {f["subject"]: f for f in json.loads(done.stdout) if f["level"] == "fail"}
        self.assertEqual(set(failed), {"kernels", "model", "history"})
        for finding in failed.values():
            self.assertNotEqual(finding["mend"], "")
        self.assertIn("plmm pull smollm2-135m", failed["model"]["mend"])

    def test_a_bare_machine_has_warnings_only(self):
        text = self.expect(0, "doctor").stdout
        self.assertIn("mend: plmm pull qwen2.5-coder-0.5b", text)
        self.assertNotRegex(text, r"(?m)^fail")


class Streams(harness.Case):
    def test_nothing_is_coloured_or_redrawn_in_a_pipe(self):
        done = self.run_plmm("pull", "smollm2-135m", "--offline")
        self.assertNotRegex(done.stderr, "[\x1b\r]")
        self.assertIn("98 MB  Apache-2.0", done.stderr)
        self.assertEqual(done.stdout, "")

    def test_colour_is_forced_by_flag_and_forbidden_by_default(self):
        self.assertNotIn("\x1b", self.run_plmm("ls").stderr)
        self.assertIn("\x1b", self.run_plmm("ls", "--color", "always", NO_COLOR="1").stderr)

    def test_a_reader_that_goes_away_is_no_error(self):
        read, write = os.pipe()
        os.close(read)
        done = subprocess.run(
            [PLMM, "--help"], stdout=write, stderr=subprocess.PIPE, env=self.environment
        )
        os.close(write)
        self.assertEqual((done.returncode, done.stderr), (0, b""))

    @unittest.skipUnless(os.path.exists("/dev/full"), "no /dev/full")
    def test_a_full_disk_is_an_error(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run(
                [PLMM, "--help"], stdout=full, stderr=subprocess.PIPE, env=self.environment
            )
        self.assertEqual(done.returncode, 7)
        self.assertIn(b"No space left", done.stderr)

    def test_ls_prints_one_line_per_model(self):
        listed = json.loads(self.expect(0, "ls", "--json").stdout)
        table = self.expect(0, "ls").stdout.splitlines()
        self.assertEqual(len(table), len(listed) + 1)
        self.assertLessEqual(max(map(len, table)), 80)
        self.assertIn("smollm2-135m", [model["name"] for model in listed])

    def test_a_file_of_another_origin_is_listed_and_removed_by_name(self):
        self.models.mkdir(parents=True)
        mine = self.models / "mine-q4_k_m.gguf"
        mine.write_bytes(b"GGUF")
        self.assertRegex(self.expect(0, "ls").stdout, r"(?m)^mine-q4_k_m.gguf +yes +4 B ")
        listed = json.loads(self.expect(0, "ls", "--json").stdout)
        self.assertEqual((listed[-1]["name"], listed[-1]["path"]), (mine.name, str(mine)))
        self.assertIn("removed mine-q4_k_m.gguf", self.expect(0, "rm", mine.name).stderr)
        self.assertFalse(mine.exists())
        self.assertIn(str(self.models), self.expect(3, "rm", mine.name).stderr)


class Generated(harness.Case):
    def completed(self, *words):
        """What bash offers for the last of the words."""
        script = self.home / "plmm.bash"
        script.write_text(self.expect(0, "completion", "bash").stdout)
        quoted = " ".join(f"'{word}'" for word in words)
        probe = (
            f"source {script}; COMP_WORDS=({quoted}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); "
            "_plmm; printf '%s\\n' \"${COMPREPLY[@]}\""
        )
        done = subprocess.run(
            ["bash", "--norc", "-uc", probe], capture_output=True, text=True, cwd=self.home
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.split()

    def test_bash_completes_verbs_options_and_models(self):
        self.assertEqual(self.completed("plmm", "do"), ["doctor"])
        self.assertEqual(self.completed("plmm", "ask", "--temp"), ["--temperature", "--template"])
        self.assertEqual(self.completed("plmm", "ask", "--model", "smol"), ["smollm2-135m"])
        self.assertEqual(self.completed("plmm", "pull", "gem"), ["gemma3-270m"])
        self.assertEqual(self.completed("plmm", "config", "s"), ["show", "set"])

    def test_every_shell_accepts_its_script(self):
        for shell in ("bash", "zsh", "fish"):
            script = self.home / shell
            script.write_text(self.expect(0, "completion", shell).stdout)
            if shutil.which(shell) is None:
                continue
            done = subprocess.run([shell, "-n", str(script)], capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stderr), (0, ""), shell)

    def test_manual_pages_have_no_faults(self):
        for words in [["man"]] + [["man", verb] for verb in VERBS]:
            page = self.expect(0, *words).stdout
            self.assertTrue(page.startswith('.TH "PLMM'), words)
            self.assertIsNone(re.search(r"(?m)^['.](?!TH|SH|TP|B |BR|PP)", page), words)
            if shutil.which("mandoc"):
                done = subprocess.run(
                    ["mandoc", "-Tlint", "-Wwarning"], input=page, capture_output=True, text=True
                )
                self.assertEqual((done.returncode, done.stdout), (0, ""), words)


if __name__ == "__main__":
    harness.main()
