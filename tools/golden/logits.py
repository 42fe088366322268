#!/usr/bin/env python3
"""Writes the golden logits of the text models: transformers in float32 on the dequantised GGUF.

Usage: logits.py MODELS_FOLDER OUT_FOLDER [--dump FOLDER] [--model NAME]...

MODELS_FOLDER holds NAME.gguf. For each model OUT_FOLDER/NAME.json gets the token ids and, for a few
positions, the best logits, the logits at seeded random ids and the log-sum-exp of all; a model with
a sliding window also gets NAME-long.json over a text longer than the window. --dump writes
everything beside it, for finding a mistake: ids as text, logits as raw f32 [position][vocabulary],
and the state after the embedding, after each layer and after the last norm as raw f32
[layer][token][width].
Needs torch, transformers, gguf and numpy; testdata/logits/README.md names the versions that made
the files there.
"""

import argparse
import json
import pathlib
import random

import numpy
import torch
import transformers

TEXT = (
    "The lighthouse keeper's daughter, who had never left the island, kept a small notebook in "
    "which she wrote down the name of every ship that passed: 17 in March, 23 in April. In May, "
    "when the fog came,"
)
N_LONG = 100  # tokens beyond the sliding window
MODELS = ["smollm2-135m", "gemma3-270m", "qwen2.5-coder-0.5b", "qwen2.5-coder-1.5b"]
N_BEST = 16
N_RANDOM = 64
SEED = 20260923
N_HIDDEN_TOKENS = 8


def load(folder, name):
    """The model in float32 on its own dequantised GGUF."""
    model = transformers.AutoModelForCausalLM.from_pretrained(
        folder, gguf_file=f"{name}.gguf", dtype=torch.float32, attn_implementation="eager"
    )
    return model.eval()


def states(model, ids):
    """Logits of all positions, and the first tokens' states: embedding, layers, last norm."""
    captured = []
    hooks = [
        layer.register_forward_hook(
            lambda _module, _inputs, output: captured.append(
                (output[0] if isinstance(output, tuple) else output).reshape(len(ids), -1)
            )
        )
        for layer in model.model.layers
    ]
    first = model.model.layers[0].register_forward_pre_hook(
        lambda _module, inputs, kwargs: captured.append(
            (inputs[0] if inputs else kwargs["hidden_states"]).reshape(len(ids), -1)
        ),
        with_kwargs=True,
    )
    last = model.model.norm.register_forward_hook(
        lambda _module, _inputs, output: captured.append(output.reshape(len(ids), -1))
    )
    with torch.inference_mode():
        logits = model(input_ids=torch.tensor([ids]), use_cache=False).logits[0]
    for hook in [*hooks, first, last]:
        hook.remove()
    hidden = torch.stack([state[:N_HIDDEN_TOKENS] for state in captured])
    return logits.float().numpy(), hidden.float().numpy()


def long_text():
    """Longer than any window here, and not so regular that a model could do without its middle."""
    generator = random.Random(SEED)
    goods = ["salt", "timber", "oranges", "letters", "copper wire", "sheep", "clocks", "olive oil"]
    ports = ["Lisbon", "Bergen", "Cork", "Genoa", "Malta", "Riga", "Cadiz", "Hull"]
    return TEXT + "".join(
        f" on day {day} a ship of {generator.randrange(60, 900)} tons brought "
        f"{generator.choice(goods)} "
        f"from {generator.choice(ports)};"
        for day in range(1, 400)
    )


def golden(name, ids, logits, positions):
    """What goes into the repository: a few kilobytes."""
    n_vocabulary = logits.shape[1]
    chosen = sorted(random.Random(SEED).sample(range(n_vocabulary), N_RANDOM))
    entries = []
    for position in positions:
        row = logits[position].astype(numpy.float64)
        best = numpy.argsort(-row, kind="stable")[:N_BEST]
        peak = row.max()
        entries.append(
            {
                "position": position,
                "best_ids": best.tolist(),
                "best_logits": [round(float(row[i]), 5) for i in best],
                "random_logits": [round(float(row[i]), 5) for i in chosen],
                "log_sum_exp": round(float(peak + numpy.log(numpy.exp(row - peak).sum())), 6),
            }
        )
    return {
        "model": name,
        "n_vocabulary": n_vocabulary,
        "token_ids": ids,
        "random_ids": chosen,
        "positions": entries,
    }


def write_golden(path, data):
    """JSON with one position a line, so that a change reads well in a diff."""
    head = {key: value for key, value in data.items() if key != "positions"}
    lines = ["{"] + [f" {json.dumps(key)}: {json.dumps(value)}," for key, value in head.items()]
    lines += [
        ' "positions": [',
        ",\n".join("  " + json.dumps(entry) for entry in data["positions"]),
        " ]",
        "}",
    ]
    path.write_text("\n".join(lines) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--dump", type=pathlib.Path)
    parser.add_argument("--model", action="append")
    options = parser.parse_args()
    for name in options.model or MODELS:
        tokenizer = transformers.AutoTokenizer.from_pretrained(
            options.models, gguf_file=f"{name}.gguf"
        )
        ids = tokenizer(TEXT)["input_ids"]
        model = load(options.models, name)
        logits, hidden = states(model, ids)
        n = len(ids)
        positions = [0, 1, n // 4, n // 2, n - 2, n - 1]
        write_golden(options.out / f"{name}.json", golden(name, ids, logits, positions))
        window = getattr(model.config, "sliding_window", None)
        if window and getattr(model.config, "use_sliding_window", True):
            long_ids = tokenizer(long_text())["input_ids"][: window + N_LONG]
            long_logits, _ = states(model, long_ids)
            positions = [window - 1, window, window + 1, window + N_LONG - 1]
            write_golden(
                options.out / f"{name}-long.json", golden(name, long_ids, long_logits, positions)
            )
            if options.dump:
                (options.dump / f"{name}-long.ids.txt").write_text(
                    " ".join(map(str, long_ids)) + "\n"
                )
                long_logits.astype("<f4").tofile(options.dump / f"{name}-long.logits.f32")
        if options.dump:
            with torch.inference_mode():
                more = model.generate(
                    torch.tensor([ids]),
                    attention_mask=torch.ones(1, len(ids), dtype=torch.int64),
                    max_new_tokens=24,
                    do_sample=False,
                )[0][len(ids) :]
            print(
                f"{name}: {len(ids)} tokens, vocabulary {logits.shape[1]}, "
                f"continues: {tokenizer.decode(more)!r}"
            )
            (options.dump / f"{name}.ids.txt").write_text(" ".join(map(str, ids)) + "\n")
            logits.astype("<f4").tofile(options.dump / f"{name}.logits.f32")
            hidden.astype("<f4").tofile(options.dump / f"{name}.hidden.f32")
            print(f"  logits {logits.shape}, hidden {hidden.shape}")


if __name__ == "__main__":
    main()
