#!/usr/bin/env python3
"""Trains a LoRA adapter with torch and PEFT, as a child of `plmm bench train`.

Usage: torch_train.py THREADS

  load DTYPE FOLDER PATH  the model of PATH in float32 or bfloat16, with the adapter of FOLDER
  gradients ID ...        {"rows","columns"}, then the gradients of all A and B as raw
                          little-endian f32: layer by layer, q k v o gate up down, A before B
  optimizer RATE          a new AdamW: betas 0.9 and 0.999, no decay, clipping at 1
  step ID ...             one step on these tokens, all of which count: {"seconds","rows",
                          "columns"}, then the loss before it as raw f32
  quit

One command a line in, one JSON object a line out; {"error": ...} leaves it ready for the next.
"""

import pathlib
import sys
import time

import helper
import numpy
import peft
import torch
import transformers

TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


class Trainer:
    def __init__(self):
        self.model = None
        self.optimizer = None

    def load(self, dtype, folder, path):
        path = pathlib.Path(path).resolve()
        self.model = self.optimizer = None
        base = transformers.AutoModelForCausalLM.from_pretrained(
            path.parent,
            gguf_file=path.name,
            dtype=getattr(torch, dtype),
            attn_implementation="sdpa",
        )
        base.config.use_cache = False
        self.model = peft.PeftModel.from_pretrained(base, folder, is_trainable=True)
        self.model.train()
        return {"info": f"torch {torch.__version__}, peft {peft.__version__}, {dtype}"}, None

    def parameters(self):
        by_name = dict(self.model.named_parameters())
        n_layers = self.model.config.num_hidden_layers
        for layer in range(n_layers):
            for target in TARGETS:
                for side in ("lora_A", "lora_B"):
                    ends = f".layers.{layer}.", f".{target}.{side}.default.weight"
                    yield next(
                        p
                        for name, p in by_name.items()
                        if ends[0] in name and name.endswith(ends[1])
                    )

    def loss(self, ids):
        tokens = torch.tensor([ids])
        return self.model(input_ids=tokens, labels=tokens).loss

    def gradients(self, ids):
        self.model.zero_grad()
        self.loss(ids).backward()
        flat = [p.grad.float().numpy().reshape(-1) for p in self.parameters()]
        values = numpy.concatenate(flat).astype("<f4", copy=False)
        return {"rows": 1, "columns": len(values)}, values

    def new_optimizer(self, rate):
        trained = [p for p in self.model.parameters() if p.requires_grad]
        self.optimizer = torch.optim.AdamW(trained, lr=rate, weight_decay=0.0)
        return {}, None

    def step(self, ids):
        begin = time.perf_counter()
        self.optimizer.zero_grad()
        loss = self.loss(ids)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.optimizer.param_groups[0]["params"], 1.0)
        self.optimizer.step()
        seconds = time.perf_counter() - begin
        value = numpy.array([loss.item()], dtype="<f4")
        return {"seconds": seconds, "rows": 1, "columns": 1}, value

    def obey(self, words):
        if words[0] == "load":
            return self.load(words[1], words[2], " ".join(words[3:]))
        if words[0] == "gradients":
            return self.gradients([int(word) for word in words[1:]])
        if words[0] == "optimizer":
            return self.new_optimizer(float(words[1]))
        if words[0] == "step":
            return self.step([int(word) for word in words[1:]])
        raise RuntimeError(f"unknown command {words[0]!r}")


def start():
    torch.set_num_threads(int(sys.argv[1]))
    transformers.utils.logging.disable_progress_bar()
    transformers.utils.logging.set_verbosity_error()
    hello = {"peer": "torch", "version": torch.__version__, "info": f"peft {peft.__version__}"}
    return hello, Trainer().obey


if __name__ == "__main__":
    helper.serve(start)
