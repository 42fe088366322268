"""Writes testdata/text: small parts of real vocabularies, and the ids that others give on them.

The ids come from llama.cpp; those of byte-level BPE must agree with Hugging Face tokenizers running
the models' original patterns. testdata/text/README.md says which versions were used.

Needs: pip install gguf tokenizers llama-cpp-python
Use:   python tools/golden/tokenizer_golden.py qwen2.5-coder-0.5b.gguf gemma3-270m.gguf
"""

import argparse
import pathlib
import random
import string
import sys
import tempfile

import gguf
import llama_cpp
from tokenizers import AddedToken, Regex, Tokenizer, models, pre_tokenizers

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench" / "peers"))
import tokenizer_parity  # noqa: E402  the makers of random strings

N_MERGES = 700
N_PIECES = 700
N_STRINGS = 60
NORMAL, CONTROL, USER_DEFINED, BYTE = 1, 3, 4, 6
GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
LLAMA3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|"
          r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
PATTERNS = {
    "gpt-2": [GPT2],
    "smollm": [r"\p{N}", GPT2],
    "qwen2": [LLAMA3.replace("{1,3}", "")],
    "llama-bpe": [LLAMA3],
    "default": [r"[\p{P}\$\+<=>\^~\|]+", GPT2, r"\p{N}+", "[0-9][0-9][0-9]"],
}
EXTRA = [
    "x<|im_end|>y", "<tool_call>{}</tool_call>", " <|im_start|>user\nHi<|im_end|>\n",
    "1234567 12 1", "a   b", "  lead", "trail  ", "a\r\n\r\n b \n", "we'll WE'LL 'Tis it's",
    " hello hello",
    "naïve café 漢字 😀", "\u00a0x\u3000y", "١٢٣٤", "a\u0301e", "$1+2=3^4|`~", "\n\n\n\n\n",
    "\t\t\t\t\tx", "<b>x</b>", "<0x41>", "</s>", "<start_of_turn>user\nHi<end_of_turn>\n",
]


def read_vocabulary(path):
    fields = gguf.GGUFReader(path).fields

    def contents(key):
        field = fields.get(f"tokenizer.ggml.{key}")
        return field.contents() if field else []

    return contents("tokens"), contents("token_type"), contents("scores"), contents("merges")


def cut_bpe(path):
    """All bytes, the first merges (the parts of a merge come before it), the tokens of a chat."""
    tokens, kinds, _, merges = read_vocabulary(path)
    merges = merges[:N_MERGES]
    wanted = {character for character in pre_tokenizers.ByteLevel.alphabet()}
    wanted |= {merge.replace(" ", "") for merge in merges}
    rows = [(token, NORMAL, 0.0) for token in tokens if token in wanted]
    rows.append(("Ġhello", NORMAL, 0.0))  # found only by looking up whole words: no merge makes it
    special = {"<|endoftext|>", "<|im_start|>", "<|im_end|>", "<tool_call>", "</tool_call>"}
    rows += [(token, kind, 0.0) for token, kind in zip(tokens, kinds) if token in special]
    return rows, merges


def cut_spm(path):
    """Byte tokens, some special ones and the pieces of the highest scores."""
    tokens, kinds, scores, _ = read_vocabulary(path)
    special = {"<pad>", "<eos>", "<bos>", "<unk>", "<start_of_turn>", "<end_of_turn>", "\n", "\n\n",
               "\n\n\n", "  ", "   ", "\t", "\t\t", "<b>", "</b>"}
    letters = set("▁" + string.ascii_letters + string.digits + ".,;:!?'\"()<>/-äéñжд漢日の")
    normal = [i for i, kind in enumerate(kinds) if kind == NORMAL]
    kept = set(sorted(normal, key=lambda i: (-scores[i], i))[:N_PIECES])
    kept |= {i for i, kind in enumerate(kinds) if kind == BYTE}
    kept |= {i for i in normal if tokens[i] in letters}
    kept |= {i for i, token in enumerate(tokens) if token in special}
    return [(tokens[i], kinds[i], scores[i]) for i in sorted(kept)]


def open_llama(folder, rows, merges, pre, space_prefix):
    """llama.cpp on a file that holds this vocabulary and nothing else."""
    path = pathlib.Path(folder) / f"{pre}-{space_prefix}.gguf"
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_block_count(1)
    writer.add_context_length(512)
    writer.add_embedding_length(64)
    writer.add_feed_forward_length(64)
    writer.add_head_count(1)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_tokenizer_model("gpt2" if merges else "llama")
    writer.add_tokenizer_pre(pre)
    writer.add_token_list([row[0] for row in rows])
    writer.add_token_types([row[1] for row in rows])
    if merges:
        writer.add_token_merges(merges)
    else:
        writer.add_token_scores([row[2] for row in rows])
        writer.add_add_space_prefix(space_prefix)
    ids = {row[0]: i for i, row in enumerate(rows)}
    writer.add_bos_token_id(ids.get("<bos>", ids.get("<|endoftext|>")))
    writer.add_eos_token_id(ids.get("<eos>", ids.get("<|endoftext|>")))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    return llama_cpp.Llama(str(path), vocab_only=True, verbose=False)


def open_hugging_face(rows, merges, pre):
    pairs = [tuple(merge.split(" ")) for merge in merges]
    model = models.BPE({row[0]: i for i, row in enumerate(rows) if row[1] == NORMAL}, pairs,
                       ignore_merges=pre == "llama-bpe")
    tokenizer = Tokenizer(model)
    splits = [pre_tokenizers.Split(Regex(pattern), "isolated") for pattern in PATTERNS[pre]]
    splits.append(pre_tokenizers.ByteLevel(False, False, False))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(splits)
    # Added in the order of the rows, each gets the next id, which is that of its row.
    tokenizer.add_tokens([AddedToken(row[0], normalized=False, special=False) for row in rows
                          if row[1] == USER_DEFINED])
    return tokenizer


def ask(llama, data):
    """The ids of `data` with special tokens as plain text, and parsed."""
    return [llama.tokenize(data, add_bos=False, special=special) for special in (False, True)]


def hex_of(text):
    return text.encode().hex() or "-"


def write_vocabulary(name, rows, merges):
    lines = [f"{kind} {score:g} {hex_of(token)}\n" for token, kind, score in rows]
    (ROOT / f"testdata/text/{name}.vocabulary").write_text("".join(lines))
    if merges:
        lines = [" ".join(hex_of(part) for part in merge.split(" ")) + "\n" for merge in merges]
        (ROOT / f"testdata/text/{name}.merges").write_text("".join(lines))


def make_strings(llama, seed):
    strings = tokenizer_parity.make_strings(llama, 40 * N_STRINGS, seed)
    short = [data for data in strings if len(data) <= 80]
    return random.Random(seed).sample(short, N_STRINGS) + [text.encode() for text in EXTRA]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bpe_model")
    parser.add_argument("spm_model")
    arguments = parser.parse_args()
    cases = []
    n_disagree = 0
    with tempfile.TemporaryDirectory() as folder:
        rows, merges = cut_bpe(arguments.bpe_model)
        order = [NORMAL, USER_DEFINED, CONTROL]  # the order in which Hugging Face gives out ids
        rows.sort(key=lambda row: order.index(row[1]))
        write_vocabulary("bpe", rows, merges)
        for seed, pre in enumerate(PATTERNS):
            llama = open_llama(folder, rows, merges, pre, False)
            hugging_face = open_hugging_face(rows, merges, pre)
            for data in make_strings(llama, seed):
                plain, parsed = ask(llama, data)
                cases.append((pre, data, plain, parsed))
                valid = data.decode(errors="ignore").encode() == data
                if valid and hugging_face.encode(data.decode()).ids != plain:
                    n_disagree += 1
                    print("disagree:", pre, data, hugging_face.encode(data.decode()).ids, plain)
        rows = cut_spm(arguments.spm_model)
        write_vocabulary("spm", rows, [])
        for seed, space_prefix in enumerate([False, True]):
            llama = open_llama(folder, rows, [], "default", space_prefix)
            for data in make_strings(llama, 100 + seed):
                cases.append(("spm-space" if space_prefix else "spm", data, *ask(llama, data)))
    with open(ROOT / "testdata/text/tokens.cases", "w") as out:
        for name, data, plain, parsed in cases:
            answers = [("both", plain)]
            if plain != parsed:
                answers = [("plain", plain), ("parse", parsed)]
            for special, ids in answers:
                out.write(f"{name} {special} {data.hex()} {','.join(map(str, ids)) or '-'}\n")
    print(f"{len(cases)} strings, {n_disagree} where Hugging Face and llama.cpp disagree")


if __name__ == "__main__":
    main()
