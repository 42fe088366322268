"""Asks Hugging Face who is right where PLMM and llama.cpp disagree on token ids.

Needs: pip install transformers gguf torch
Use:   python tools/golden/tokenizer_hf.py model.gguf differences.json
The differences come from bench/peers/tokenizer_parity.py --out. Exit status 0: in every one with
valid UTF-8, Hugging Face gives PLMM's ids.

Strings are asked with special tokens parsed, and not asked where that would mean another thing.
Nor are those with U+2581 or more than 31 spaces in a row: Gemma's user-defined tokens for runs of
spaces get lost when transformers imports a GGUF file.
"""

import argparse
import json
import pathlib
import sys

from transformers import AutoTokenizer


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("differences", type=pathlib.Path)
    arguments = parser.parse_args()
    folder, name = arguments.model.parent, arguments.model.name
    tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=name)
    controls = [token.content for token in tokenizer.added_tokens_decoder.values() if token.special]
    counts = {"ours": 0, "theirs": 0, "neither": 0, "not asked": 0}
    for line in arguments.differences.read_text().splitlines():
        difference = json.loads(line)
        text = bytes.fromhex(difference["hex"]).decode(errors="ignore")
        means_another = not difference["special"] and any(control in text for control in controls)
        means_another |= "\u2581" in text or " " * 32 in text
        if means_another or text.encode().hex() != difference["hex"]:
            counts["not asked"] += 1
            continue
        ids = tokenizer(text, add_special_tokens=False).input_ids
        verdict = next((who for who in ("ours", "theirs") if difference[who] == ids), "neither")
        counts[verdict] += 1
        if verdict != "ours":
            print(verdict, json.dumps(difference), ids)
    print(counts)
    sys.exit(1 if counts["theirs"] or counts["neither"] else 0)


if __name__ == "__main__":
    main()
