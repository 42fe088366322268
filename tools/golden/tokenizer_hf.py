"""Asks Hugging Face who is right where PLMM and llama.cpp disagree on token ids.

Needs: pip install transformers gguf torch
Use:   python tools/golden/tokenizer_hf.py model.gguf differences.json
The differences come from bench/peers/tokenizer_parity.py --out. Exit status 0: in every one with
valid UTF-8, Hugging Face gives PLMM's ids.

Hugging Face has no way to treat only control tokens as text, so that a string is asked in the way
in which it means the same: with special tokens parsed.
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
    tokenizer = AutoTokenizer.from_pretrained(arguments.model.parent, gguf_file=arguments.model.name)
    controls = [token.content for token in tokenizer.added_tokens_decoder.values() if token.special]
    counts = {"ours": 0, "theirs": 0, "neither": 0, "not asked": 0}
    for line in arguments.differences.read_text().splitlines():
        difference = json.loads(line)
        text = bytes.fromhex(difference["hex"]).decode(errors="ignore")
        means_another = not difference["special"] and any(control in text for control in controls)
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
