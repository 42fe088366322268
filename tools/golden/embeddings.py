#!/usr/bin/env python3
"""Writes golden sentence embeddings: transformers in float32, mean pooling, length 1.

Usage: embeddings.py MODELS_FOLDER OUT_FOLDER

MODELS_FOLDER holds all-minilm-l6-v2.safetensors and .vocab.txt, as `plmm pull` puts them. The
configuration stands here because the files lack it; pooling and the length of 256 tokens are those
of sentence-transformers for this model.
Needs torch, transformers and safetensors; testdata/embeddings/README.md names the versions.
"""

import json
import pathlib
import sys

import safetensors.torch
import torch
import transformers

NAME = "all-minilm-l6-v2"
N_TOKENS_MAX = 256
TEXTS = [
    "The cat sat on the mat.",
    "A kitten was resting on the rug.",
    "How do I list all files in a folder, hidden ones too?",
    "ls -la shows every entry, also those whose name begins with a dot.",
    "Compound interest is paid on the principal and on earlier interest.",
    "What is the yield to maturity of a 10-year bond at 3.25%?",
    "Claude Monet painted water lilies for the last thirty years of his life.",
    "Impressionism, a 19th-century movement, began in Paris.",
    "for (int i = 0; i < n; ++i) sum += a[i] * b[i];",
    "I'd rather have tea than coffee; my sister wouldn't.",
    "Größe und Gewicht sind für die Berechnung des Body-Mass-Index nötig.",
    "L'été dernier, nous avons visité le château de Chenonceau.",
    "今天天气很好，我们去公园散步吧。",
    "Сегодня хорошая погода.",
    "한국어 문장도 벡터가 됩니다.",
    "OK",
    "",
    "!!! $$$ ### 100% (really?) — “quoted” … e-mail: someone@example.org 🙂",
    "antidisestablishmentarianism pneumonoultramicroscopicsilicovolcanoconiosis",
    " ".join(
        f"Sentence {i} of a long text says that the river runs to the sea." for i in range(40)
    ),
]


def load(folder):
    config = transformers.BertConfig(
        vocab_size=30522, hidden_size=384, num_hidden_layers=6, num_attention_heads=12,
        intermediate_size=1536, max_position_embeddings=512, hidden_act="gelu",
        layer_norm_eps=1e-12, attn_implementation="eager")
    model = transformers.BertModel(config)
    weights = safetensors.torch.load_file(folder / f"{NAME}.safetensors")
    weights.pop("embeddings.position_ids", None)
    missing, unexpected = model.load_state_dict(weights, strict=False)
    if unexpected or [name for name in missing if "position_ids" not in name
                      and "token_type_ids" not in name]:
        sys.exit(f"tensors do not fit: {missing} {unexpected}")
    vocabulary = str(folder / f"{NAME}.vocab.txt")
    return model.eval(), transformers.BertTokenizer(vocabulary, do_lower_case=True)


def embed(model, ids):
    with torch.no_grad():
        hidden = model(torch.tensor([ids])).last_hidden_state[0]
    return torch.nn.functional.normalize(hidden.mean(0), dim=0).tolist()


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    model, tokenizer = load(pathlib.Path(sys.argv[1]))
    lines = []
    for text in TEXTS:
        ids = tokenizer(text, truncation=True, max_length=N_TOKENS_MAX).input_ids
        values = [float(f"{x:.6g}") for x in embed(model, ids)]
        lines.append(json.dumps({"text": text, "token_ids": ids, "embedding": values},
                                ensure_ascii=False))
    out = pathlib.Path(sys.argv[2]) / f"{NAME}.json"
    out.write_text('{"texts": [\n' + ",\n".join(lines) + "\n]}\n")


if __name__ == "__main__":
    main()
