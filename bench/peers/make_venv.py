#!/usr/bin/env python3
"""Makes the Python environment of the bench's peers, once, and prints the path of its interpreter.

Usage: make_venv.py peers|reference

peers      llama.cpp and ik_llama.cpp, both compiled here for this CPU (minutes)
reference  torch and transformers, which compute the float32 reference (a download of some GB)

The environment lives under $XDG_CACHE_HOME/plmm/bench (else ~/.cache) and is made again when the versions below, the
build settings or the CPU's features change. PLMM_PEERS_VENV and PLMM_HF_VENV name environments to use as they are.
"""

import hashlib
import os
import pathlib
import shutil
import subprocess
import sys

PEERS = ["numpy==2.4.6", "llama-cpp-python==0.3.36", "ik-llama-cpp-python==0.1.5"]
REFERENCE = ["numpy==2.4.6", "torch==2.15.0", "transformers==5.23.0", "gguf==0.19.0", "accelerate==1.15.0"]

# g++ before 14 believes that _tile_loadconfig reads 8 bytes and drops the stores of the other 56 as dead, so that
# llama.cpp's AMX code dies with a general protection fault. Without dead store elimination it works.
CMAKE_ARGS = (
    "-DGGML_NATIVE=ON -DLLAMA_BUILD_TESTS=OFF -DCMAKE_BUILD_TYPE=Release "
    "-DCMAKE_CXX_FLAGS=-fno-tree-dse\\ -fno-dse"
)

KINDS = {
    "peers": ("PLMM_PEERS_VENV", PEERS, ["--no-binary", "llama-cpp-python,ik-llama-cpp-python"]),
    "reference": ("PLMM_HF_VENV", REFERENCE, []),
}


def cpu_features():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith(("flags", "Features")):
            return line.split(":", 1)[1].strip()
    return ""


def main():
    if len(sys.argv) != 2 or sys.argv[1] not in KINDS:
        sys.exit(__doc__)
    variable, packages, arguments = KINDS[sys.argv[1]]
    if os.environ.get(variable):
        print(pathlib.Path(os.environ[variable]) / "bin" / "python")
        return
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    folder = cache / "plmm" / "bench" / sys.argv[1]
    python = folder / "bin" / "python"
    stamp = folder / "made-from"
    wanted = "\n".join([*packages, *arguments, CMAKE_ARGS, hashlib.sha256(cpu_features().encode()).hexdigest(), ""])
    if stamp.exists() and stamp.read_text() == wanted:
        print(python)
        return
    print(f"bench: making {folder} from {', '.join(packages)} (once)", file=sys.stderr)
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    steps = [[sys.executable, "-m", "venv", str(folder)], [str(python), "-m", "pip", "install", "-q", *arguments, *packages]]
    for step in steps:
        if subprocess.run(step, stdout=sys.stderr, env={**os.environ, "CMAKE_ARGS": CMAKE_ARGS}).returncode != 0:
            sys.exit(f"bench: {' '.join(step)} failed; it needs python3-venv, a C++ compiler and the package index")
    stamp.write_text(wanted)
    print(python)


if __name__ == "__main__":
    main()
