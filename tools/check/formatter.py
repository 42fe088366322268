"""clang-format over all C++, by the pinned version only: others disagree about some lines."""

import concurrent.futures
import os
import re
import shutil
import subprocess

from source import Finding

VERSION = "23.1.5"


class Missing(Exception):
    """The pinned version is not to be had."""


def find(root):
    """$PLMM_CLANG_FORMAT, what ./run test fetched, or the one on the PATH: the pinned version."""
    fetched = f"build/tools/clang-format-{VERSION}/clang_format/data/bin/clang-format"
    for candidate in [
        os.environ.get("PLMM_CLANG_FORMAT"),
        os.path.join(root, fetched),
        shutil.which("clang-format"),
    ]:
        if candidate and os.access(candidate, os.X_OK):
            answer = subprocess.run(
                [candidate, "--version"], capture_output=True, text=True, check=False
            ).stdout
            if re.search(rf"\b{re.escape(VERSION)}\b", answer):
                return candidate
    raise Missing(f"clang-format {VERSION} is not here")


def check(tree):
    program = find(tree.root)
    paths = [file.path for file in tree if file.is_cpp]
    workers = os.cpu_count() or 1
    chunks = [paths[i::workers] for i in range(workers) if paths[i::workers]]
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        for findings in pool.map(lambda chunk: _check_files(program, tree.root, chunk), chunks):
            yield from findings


def _check_files(program, root, paths):
    command = [program, "--style=file", "--dry-run", "--ferror-limit=1", *paths]
    output = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False).stderr
    found = re.findall(r"^(.+?):(\d+):\d+: (?:warning|error): code should be", output, re.MULTILINE)
    first = {}
    for path, line in found:
        first.setdefault(path, int(line))
    return [
        Finding(
            path, line, "format", f"not as clang-format {VERSION} writes it: clang-format -i {path}"
        )
        for path, line in first.items()
    ]
