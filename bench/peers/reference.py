#!/usr/bin/env python3
"""Computes logits with transformers in float32, as a child of `plmm bench accuracy`.

Usage: reference.py THREADS

  load PATH              loads the file, every weight decoded to float32
  logits ID ...          {"rows","columns"}, then rows × columns raw little-endian f32: the logits
                         of every position
  quit

One command a line in, one JSON object a line out; {"error": ...} leaves it ready for the next.
"""

import pathlib
import sys

import helper
import torch
import transformers


class Reference:
    def __init__(self):
        self.model = None

    def load(self, path):
        path = pathlib.Path(path).resolve()
        self.model = None
        self.model = transformers.AutoModelForCausalLM.from_pretrained(
            path.parent, gguf_file=path.name, dtype=torch.float32, attn_implementation="eager"
        ).eval()
        return {"n_vocabulary": self.model.config.vocab_size}, None

    def logits(self, ids):
        if not self.model or not ids:
            raise RuntimeError("no model loaded, or no ids")
        with torch.inference_mode():
            logits = (
                self.model(input_ids=torch.tensor([ids]), use_cache=False).logits[0].float().numpy()
            )
        return {"rows": logits.shape[0], "columns": logits.shape[1]}, logits.astype(
            "<f4", copy=False
        )

    def obey(self, words):
        if words[0] == "load":
            return self.load(" ".join(words[1:]))
        if words[0] == "logits":
            return self.logits([int(word) for word in words[1:]])
        raise RuntimeError(f"unknown command {words[0]!r}")


def start():
    torch.set_num_threads(int(sys.argv[1]))
    transformers.utils.logging.disable_progress_bar()
    transformers.utils.logging.set_verbosity_error()
    hello = {
        "peer": "transformers",
        "version": transformers.__version__,
        "info": f"torch {torch.__version__} float32",
    }
    return hello, Reference().obey


if __name__ == "__main__":
    helper.serve(start)
