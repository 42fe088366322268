"""Compares PLMM's token ids with llama.cpp's on the same model file, over seeded random strings.

Needs a Python with llama-cpp-python (make_venv.py makes one). For example:
    python tokenizer_parity.py --model smollm2-135m.gguf \
        --command "build/release/plmm tokenize --hex --model {model}"

The command reads one line per string, its bytes in hexadecimal, and answers each with one line of
space-separated token ids. For special tokens to be parsed, this script adds --special to it.
Exit status 0: no difference but those by "</s>", see below; 1: others, of which ten are printed.
"""

import argparse
import json
import pathlib
import random
import re
import shlex
import subprocess
import sys
import threading

# First and last code point of blocks that cover the scripts in use, marks, signs and emoji.
BLOCKS = [
    (0x20, 0x7E), (0xA0, 0xFF), (0x100, 0x24F), (0x250, 0x2FF), (0x300, 0x36F), (0x370, 0x3FF),
    (0x400, 0x52F), (0x531, 0x58F), (0x591, 0x5F4), (0x600, 0x6FF), (0x700, 0x7BF), (0x900, 0x97F),
    (0x980, 0x9FF), (0xA00, 0xAFF), (0xB00, 0xBFF), (0xC00, 0xCFF), (0xD00, 0xDFF), (0xE00, 0xEFF),
    (0xF00, 0xFFF), (0x1000, 0x109F), (0x10A0, 0x10FF), (0x1100, 0x11FF), (0x1200, 0x137F),
    (0x13A0, 0x13FF), (0x1400, 0x167F), (0x1680, 0x169F), (0x1780, 0x17FF), (0x1800, 0x18AF),
    (0x1E00, 0x1EFF), (0x1F00, 0x1FFF), (0x2000, 0x206F), (0x2070, 0x20CF), (0x2100, 0x218F),
    (0x2190, 0x22FF), (0x2460, 0x24FF), (0x2500, 0x27BF), (0x2E80, 0x2FDF), (0x3000, 0x303F),
    (0x3040, 0x30FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xA000, 0xA4CF), (0xAC00, 0xD7A3),
    (0xE000, 0xE0FF), (0xF900, 0xFAFF), (0xFB00, 0xFDFF), (0xFE00, 0xFE6F), (0xFF00, 0xFFEF),
    (0x10000, 0x1013F), (0x10300, 0x1034F), (0x10900, 0x1091F), (0x11000, 0x1107F),
    (0x12000, 0x123FF), (0x13000, 0x1342F), (0x16F00, 0x16F9F), (0x1D400, 0x1D7FF),
    (0x1E900, 0x1E95F), (0x1F000, 0x1F0FF), (0x1F100, 0x1F2FF), (0x1F300, 0x1F64F),
    (0x1F680, 0x1F6FF), (0x1F900, 0x1FAFF), (0x20000, 0x2A6DF), (0x2F800, 0x2FA1F),
    (0xE0000, 0xE007F), (0xE0100, 0xE01EF),
]
SPACES = "\t\n\v\f\r \x85\xa0\u1680\u2000\u2003\u2009\u2028\u2029\u202f\u205f\u3000\u200b\ufeff"
DIGITS = "0123456789" * 3 + "\u0663\u0969\u0e53\uff15\u00b2\u00bd\u2167\u3007\u4e09\U0001d7d8"
EMOJI = "😀👩👨👧🏳️‍🌈👍🏽🇩🇪🇯🇵❤️‍🔥🫠🧑🏿‍🚀⌚️#️⃣"
SENTENCES = [
    "The quick brown fox jumps over the lazy dog's tail; they'll say it's 3.14159 times faster!",
    "Wer hätte gedacht, daß die Straße 12 km weiter in Köln endet? »Niemand«, sagte er.",
    "Il n'y a qu'à l'écouter : c'est déjà l'été… n'est-ce pas ?",
    "El niño comió piñas; ¿cuántas? ¡Más de 1.000!", "Съешь же ещё этих мягких французских булок.",
    "素早い茶色の狐が、のろまな犬を飛び越える。２０２４年５月",
    "敏捷的棕色狐狸跳过了懒狗，价格是一百二十元。", "다람쥐 헌 쳇바퀴에 타고파",
    "نص حكيم له سر قاطع وذو شأن عظيم مكتوب على ثوب أخضر ٤٥",
    "ऋषियों को सताने वाले दुष्ट राक्षसों के राजा रावण का १२३",
    "זה כיף סתם לשמוע איך תנצח קרפד עץ טוב בגן", "เป็นมนุษย์สุดประเสริฐเลิศคุณค่า",
    "def f(x):\n\treturn {k: v**2 for k, v in x.items() if v != 0x1F}\r\n\r\n",
    "SELECT * FROM t WHERE a>=10 AND b LIKE '%''x''%'; -- done",
    "<div class=\"a\">&nbsp;</div>\n\n\n  </s><b>", "https://example.org/a?b=c&d=%20#e_f",
    "I'M, YOU'RE, we've, he'll, she'd, 'Tis, o'clock, 'S 'LL",
]


def text_of_block(rng, n):
    first, last = rng.choice(BLOCKS)
    return "".join(chr(rng.randint(first, last)) for _ in range(n))


def text_of_anything(rng, n):
    codes = (rng.randrange(0x110000) for _ in range(n))
    return "".join(chr(c) for c in codes if not 0xD800 <= c < 0xE000)


def text_of(alphabet):
    return lambda rng, n: "".join(rng.choice(alphabet) for _ in range(n))


def text_of_runs(rng, n):
    units = ["a", " ", "\n", "\t", "0", ".", "=", "-", "ä", "\u2581", "漢", "😀", "ab", " \n", "''"]
    unit = rng.choice(units)
    return unit * rng.choice([n, 3 * n, 20 * n])


def text_of_sentence(rng, n):
    sentence = rng.choice(SENTENCES)
    at = rng.randrange(len(sentence))
    return sentence[at:at + 2 * n]


def text_of_contractions(rng, n):
    units = ["'s", "'T", "'re", "'VE", "'m", "'Ll", "'d", "'", "x", " ", "'\n", "1"]
    return "".join(rng.choice(units) for _ in range(n))


CONTROLS = ("".join(map(chr, [*range(0x20), *range(0x7F, 0xA0)])) +
            "\u00ad\u061c\u200d\u202e\u2066\ufff9\U000e0001")
PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~«»–—…‘’“”„¿¡、。，"
MAKERS = [text_of_block] * 6 + [text_of_sentence] * 4 + [
    text_of_anything, text_of(SPACES), text_of(SPACES + "aB1.'"), text_of(DIGITS),
    text_of(DIGITS + " .,-+eE"), text_of(EMOJI), text_of(EMOJI + " a"), text_of(CONTROLS),
    text_of(PUNCTUATION), text_of(PUNCTUATION + " \na1"), text_of_runs, text_of_contractions]


def break_utf8(rng, data):
    data = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(data) + 1)
        how = rng.randrange(4)
        if how == 0:
            data[at:at] = bytes(rng.randrange(256) for _ in range(rng.randint(1, 5)))
        elif how == 1:
            del data[at:at + 1]
        elif how == 2 and at < len(data):
            data[at] = rng.randrange(256)
        else:
            del data[at:]
    return bytes(data)


# llama.cpp ends the process on a sequence that encodes a character beyond U+10FFFF.
BEYOND_UNICODE = re.compile(rb"(\xf4[\x90-\xbf]|[\xf5-\xf7][\x80-\xbf])[\x80-\xbf]{2}")


def random_string(rng, token_texts, special_texts):
    parts = []
    for _ in range(rng.choice([1, 1, 1, 2, 2, 3, 5])):
        n = rng.choice([1, 2, 3, 5, 8, 13, 30])
        kind = rng.random()
        if kind < 0.15:
            parts.append(b"".join(rng.choice(token_texts) for _ in range(n)))
        elif kind < 0.22:
            parts.append(rng.choice(special_texts))
        else:
            parts.append(rng.choice(MAKERS)(rng, n).encode())
    data = b"".join(parts)
    if rng.random() < 0.15:
        data = break_utf8(rng, data)
    return data


def vocabulary(llama):
    """The texts of the ordinary tokens, and those of control and user-defined ones."""
    from llama_cpp import llama_cpp as api
    vocab = api.llama_model_get_vocab(llama._model.model)
    ordinary, special = [], []
    for token in range(api.llama_vocab_n_tokens(vocab)):
        attributes = api.llama_vocab_get_attr(vocab, token)
        text = api.llama_vocab_get_text(vocab, token)
        if attributes & (api.LLAMA_TOKEN_ATTR_CONTROL | api.LLAMA_TOKEN_ATTR_USER_DEFINED):
            special.append(text)
        else:
            ordinary.append(llama.detokenize([token]) or text)
    return ordinary, special


def make_strings(llama, n_strings, seed):
    rng = random.Random(seed)
    token_texts, special_texts = vocabulary(llama)
    special_texts = special_texts[:300]
    special_texts += [b"<|im_start|>", b"<|im_end|>", b"<eos>", b"</s>", b"<0x41>"]
    strings = []
    while len(strings) < n_strings:
        data = random_string(rng, token_texts, special_texts)
        if data and not BEYOND_UNICODE.search(data):
            strings.append(data)
    return strings


def ask_ours(command, strings, special):
    command = command + (["--special"] if special else [])
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def feed():
        for data in strings:
            process.stdin.write(data.hex().encode() + b"\n")
        process.stdin.close()

    feeder = threading.Thread(target=feed)
    feeder.start()
    answers = [[int(word) for word in line.split()] for line in process.stdout]
    feeder.join()
    if process.wait() != 0 or len(answers) != len(strings):
        sys.exit(f"the command answered {len(answers)} of {len(strings)} strings "
                 f"and exited with {process.returncode}")
    return answers


# llama.cpp takes "</s>" for a control token that ends an answer in every vocabulary that has it, so
# that Qwen's ordinary "</s>" becomes one token, and Gemma's HTML tag is not cut out of plain text.
# The types in the files, and Hugging Face, say otherwise (docs/formats/text.md).
FORCED_CONTROL = b"</s>"
HARMLESS = b"</S>"


def explain(llama, command, differences):
    """The strings whose difference is gone once FORCED_CONTROL is, every other byte as before."""
    explained = set()
    for special in (False, True):
        known = [bytes.fromhex(d["hex"]) for d in differences if d["special"] == special]
        known = [data for data in known if FORCED_CONTROL in data]
        without = [data.replace(FORCED_CONTROL, HARMLESS) for data in known]
        for data, cut, ours in zip(known, without, ask_ours(command, without, special)):
            if ours == ask_theirs(llama, cut, special):
                explained.add(data.hex())
    return explained


def ask_theirs(llama, data, special):
    return llama.tokenize(data, add_bos=False, special=special)


def compare(llama, command, strings):
    differences = []
    for special in (False, True):
        for data, ours in zip(strings, ask_ours(command, strings, special)):
            theirs = ask_theirs(llama, data, special)
            if ours != theirs:
                differences.append(
                    {"special": special, "hex": data.hex(), "ours": ours, "theirs": theirs})
    return differences


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--command", required=True, help="{model} stands for the model file")
    parser.add_argument("--strings", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", help="file for the differences, for tools/golden/tokenizer_hf.py")
    arguments = parser.parse_args()

    import llama_cpp
    llama = llama_cpp.Llama(arguments.model, vocab_only=True, verbose=False)
    command = shlex.split(arguments.command.replace("{model}", shlex.quote(arguments.model)))
    strings = make_strings(llama, arguments.strings, arguments.seed)
    differences = compare(llama, command, strings)
    explained = explain(llama, command, differences)
    unexplained = [d for d in differences if d["hex"] not in explained]
    n_broken = sum(1 for data in strings if data.decode(errors="ignore").encode() != data)
    print(f"{pathlib.Path(arguments.model).name}: {len(strings)} strings of seed {arguments.seed} "
          f"({n_broken} of broken UTF-8, {sum(map(len, strings))} bytes), plain and with special "
          f"tokens, against llama-cpp-python {llama_cpp.__version__}: {len(differences)} "
          f"differences, {len(differences) - len(unexplained)} of them by </s>")
    if arguments.out:
        with open(arguments.out, "w", encoding="utf-8") as out:
            out.writelines(json.dumps(difference) + "\n" for difference in differences)
    for difference in unexplained[:10]:
        print(json.dumps(difference)[:600])
    sys.exit(1 if unexplained else 0)


if __name__ == "__main__":
    main()
