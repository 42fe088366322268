#!/usr/bin/env python3
"""Quantises a model to every type by `plmm quantize` and has llama.cpp compute with the files.

Usage: quantize_parity.py PLMM MODEL [TYPE ...]

One line a type: bytes, cost against the source, and the divergence of llama.cpp's and of our fast
arithmetic from our exact one on the new file. Exits 1 when llama.cpp does not load a file or
computes something else from it. Needs what `plmm bench accuracy --peers` needs.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

TYPES = ("Q8_0", "Q6_K", "Q5_0", "Q4_K", "Q4_0")
TOKENS = 1024
KL_MAX = 0.05  # nats; other weights would be nats apart, 8-bit activations are hundredths
TEXT = pathlib.Path(__file__).resolve().parents[2] / "README.md"


def output_of(words):
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=False)
    if not done.stdout:
        sys.exit(f"failed: {' '.join(map(str, words))}")
    return done.stdout


def parity(plmm, model, name, folder):
    out = folder / f"{name}.gguf"
    made = json.loads(output_of([plmm, "quantize", model, out, "--type", name, "--json"]))
    words = ["bench", "accuracy", "--peers", "--json", "--model", out]
    lines = output_of([plmm, *words, "--data", TEXT, "--tokens", str(TOKENS)]).splitlines()
    metrics = {line["metric"].split("/")[0]: line for line in map(json.loads, lines)}
    ours, theirs = metrics["kl"]["value"], metrics["kl"].get("peers", {}).get("llama.cpp")
    out.unlink()
    print(
        f"{name}: {made['bytes_before']:,} -> {made['bytes_after']:,} bytes, "
        f"KL {made['kl_nats']:.4f} from the source; from exact arithmetic on the new file: "
        f"ours {ours:.4f}, llama.cpp {'-' if theirs is None else format(theirs, '.4f')}",
        flush=True,
    )
    return theirs is not None and theirs <= KL_MAX


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    plmm, model, *types = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        same = [parity(plmm, model, name, pathlib.Path(folder)) for name in types or TYPES]
    sys.exit(0 if all(same) else 1)


if __name__ == "__main__":
    main()
