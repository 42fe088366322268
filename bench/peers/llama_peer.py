#!/usr/bin/env python3
"""Runs llama.cpp or ik_llama.cpp as a child of `plmm bench`.

Usage: llama_peer.py llama_cpp|ik_llama_cpp THREADS

  load PATH              loads the file, flash attention on
  tune                   prefill and decode, flash attention off and on: keeps the faster of each
  prefill N              seconds to feed N tokens at once into an empty cache
  decode N DEPTH         seconds to feed N tokens one by one behind DEPTH tokens
  first_token N          seconds from nothing in memory to the logits behind a prompt of N tokens
  memory PATH N          loads the file, feeds N tokens and some more one by one, with room for the
                         last token's logits only; then the process is good for nothing else
  logits ID ...          {"rows","columns"}, then rows × columns raw little-endian f32: the logits
                         of every position
  quit

One command a line in, one JSON object a line out; {"error": ...} leaves it ready for the next.
The bindings' C functions are called directly and nothing is sampled, as llama-bench does: Python
adds a few microseconds to a call of llama_decode.
"""

import ctypes
import importlib
import json
import os
import pathlib
import random
import sys
import time

BATCH = 512  # tokens that one call of llama_decode may carry, logical and physical
CONTEXT = 2048
ANSWER = 16  # tokens behind those whose memory is measured
SEED = 1


class Mainline:
    """llama.cpp through llama-cpp-python."""

    def __init__(self):
        self.api = importlib.import_module("llama_cpp.llama_cpp")
        self.version = importlib.import_module("llama_cpp").__version__
        self.quiet = self.api.llama_log_callback(lambda _level, _text, _data: None)
        self.api.llama_log_set(self.quiet, None)
        self.api.llama_backend_init()
        self.system_info = self.api.llama_print_system_info().decode()

    def load(self, path):
        return self.api.llama_model_load_from_file(
            path.encode(), self.api.llama_model_default_params()
        )

    def context(self, model, flash, n_threads, n_outputs=BATCH):
        params = self.api.llama_context_default_params()
        params.flash_attn_type = 1 if flash else 0
        params.n_ctx, params.n_batch, params.n_ubatch = CONTEXT, BATCH, BATCH
        params.n_outputs_max = params.n_outputs_max_per_seq = n_outputs
        params.n_threads = params.n_threads_batch = n_threads
        return self.api.llama_init_from_model(model, params)

    def n_vocabulary(self, model):
        return self.api.llama_vocab_n_tokens(self.api.llama_model_get_vocab(model))

    def clear(self, context):
        self.api.llama_memory_clear(self.api.llama_get_memory(context), True)

    def synchronize(self, context):
        self.api.llama_synchronize(context)

    def free(self, context, model):
        if context:
            self.api.llama_free(context)
        if model:
            self.api.llama_model_free(model)


class Ik:
    """ik_llama.cpp through ik-llama-cpp-python."""

    def __init__(self):
        built_here = pathlib.Path(sys.prefix) / "ik-library"  # made by make_venv.py
        if built_here.exists():
            os.environ["IK_LLAMA_CPP_LIB_PATH"] = str(built_here.resolve())
        self.api = importlib.import_module("ik_llama_cpp._ctypes_api")
        self.version = importlib.import_module("importlib.metadata").version("ik-llama-cpp-python")
        library = self.api._lib
        self.quiet = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)(
            lambda *_arguments: None
        )
        library.llama_log_set(self.quiet, None)
        library.llama_synchronize.argtypes = [ctypes.c_void_p]
        library.llama_print_system_info.restype = ctypes.c_char_p
        self.api.llama_backend_init()
        self.system_info = library.llama_print_system_info().decode()

    def load(self, path):
        params = self.api.llama_model_default_params()
        params.repack_tensors = True
        params.use_mmap = False
        return self.api.llama_model_load_from_file(path.encode(), params)

    def context(self, model, flash, n_threads, n_outputs=BATCH):
        del n_outputs  # it makes room as it needs it
        params = self.api.llama_context_default_params()
        params.flash_attn = flash
        params.n_ctx, params.n_batch, params.n_ubatch = CONTEXT, BATCH, BATCH
        params.n_threads = params.n_threads_batch = n_threads
        return self.api.llama_init_from_model(model, params)

    def n_vocabulary(self, model):
        return self.api.llama_vocab_n_tokens(self.api.llama_model_get_vocab(model))

    def clear(self, context):
        self.api.llama_kv_cache_clear(context)

    def synchronize(self, context):
        self.api._lib.llama_synchronize(context)

    def free(self, context, model):
        if context:
            self.api.llama_free(context)
        if model:
            self.api.llama_free_model(model)


class Driver:
    def __init__(self, engine, n_threads):
        self.engine = engine
        self.n_threads = n_threads
        self.path = None
        self.model = None
        self.contexts = {}
        self.flash = {"prefill": True, "decode": True}
        self.batch = engine.api.llama_batch_init(BATCH, 0, 1)

    def load(self, path):
        self.flash = {"prefill": True, "decode": True}
        return self.open(path)

    def open(self, path):
        self.drop()
        started = time.perf_counter()
        self.model = self.engine.load(path)
        if not self.model:
            raise RuntimeError(f"cannot load {path}")
        self.context(True)
        self.path = path
        self.n_vocabulary = self.engine.n_vocabulary(self.model)
        return {"seconds": time.perf_counter() - started, "n_vocabulary": self.n_vocabulary}

    def drop(self):
        for context in self.contexts.values():
            self.engine.free(context, None)
        self.contexts = {}
        self.engine.free(None, self.model)
        self.model = None

    def context(self, flash):
        if flash not in self.contexts:
            if not self.model:
                raise RuntimeError("no model loaded")
            context = self.engine.context(self.model, flash, self.n_threads)
            if not context:
                raise RuntimeError("cannot make a context")
            self.contexts[flash] = context
        return self.contexts[flash]

    def feed(self, context, ids, first_position, all_logits=False):
        batch = self.batch
        batch.n_tokens = len(ids)
        for i, token in enumerate(ids):
            batch.token[i] = token
            batch.pos[i] = first_position + i
            batch.n_seq_id[i] = 1
            batch.seq_id[i][0] = 0
            batch.logits[i] = all_logits or i + 1 == len(ids)
        if self.engine.api.llama_decode(context, batch) != 0:
            raise RuntimeError("llama_decode failed")
        self.engine.synchronize(context)

    def some_ids(self, n):
        generator = random.Random(SEED)
        return [generator.randrange(self.n_vocabulary) for _ in range(n)]

    def fill(self, context, n):
        """Feeds n tokens from an empty cache, a batch at a time."""
        self.engine.clear(context)
        ids = self.some_ids(n)
        for first in range(0, n, BATCH):
            self.feed(context, ids[first : first + BATCH], first)

    def prefill(self, n, flash=None):
        context = self.context(self.flash["prefill"] if flash is None else flash)
        started = time.perf_counter()
        self.fill(context, n)
        return {"seconds": time.perf_counter() - started}

    def decode(self, n, depth, flash=None):
        context = self.context(self.flash["decode"] if flash is None else flash)
        self.fill(context, depth)
        ids = self.some_ids(n)
        started = time.perf_counter()
        for i, token in enumerate(ids):
            self.feed(context, [token], depth + i)
        return {"seconds": time.perf_counter() - started}

    def tune(self):
        self.prefill(64, True)
        self.prefill(64, False)
        self.flash = {
            "prefill": min(
                (True, False), key=lambda f: min(self.prefill(512, f)["seconds"] for _ in range(2))
            ),
            "decode": min(
                (True, False), key=lambda f: min(self.decode(32, 1, f)["seconds"] for _ in range(2))
            ),
        }
        return {"flash_attention": self.flash}

    def open_to_speak(self, path):
        """The model, and a context with room for the logits of the last token only."""
        self.drop()
        self.model = self.engine.load(path)
        if not self.model:
            raise RuntimeError(f"cannot load {path}")
        self.n_vocabulary = self.engine.n_vocabulary(self.model)
        context = self.engine.context(self.model, True, self.n_threads, 1)
        if not context:
            raise RuntimeError("cannot make a context")
        return context

    def first_token(self, n):
        ids = self.some_ids(n)
        self.drop()
        started = time.perf_counter()
        context = self.open_to_speak(self.path)
        self.feed(context, ids, 0)
        seconds = time.perf_counter() - started
        self.engine.free(context, None)
        return {"seconds": seconds}

    def memory(self, path, n):
        context = self.open_to_speak(path)
        self.fill(context, n)
        for i, token in enumerate(self.some_ids(ANSWER)):
            self.feed(context, [token], n + i)
        self.engine.free(context, None)
        return {}

    def logits(self, ids):
        if not 0 < len(ids) <= CONTEXT:
            raise RuntimeError(f"1 to {CONTEXT} ids, not {len(ids)}")
        context = self.context(True)
        self.engine.clear(context)
        rows = []
        for first in range(0, len(ids), BATCH):
            part = ids[first : first + BATCH]
            self.feed(context, part, first, all_logits=True)
            for i in range(len(part)):
                row = self.engine.api.llama_get_logits_ith(context, i)
                rows.append(ctypes.string_at(row, 4 * self.n_vocabulary))
        return {"rows": len(ids), "columns": self.n_vocabulary}, rows

    def obey(self, out, words):
        name, arguments = words[0], words[1:]
        rows = []
        if name == "load":
            answer = self.load(" ".join(arguments))
        elif name == "memory":
            answer = self.memory(" ".join(arguments[:-1]), int(arguments[-1]))
        elif name == "logits":
            answer, rows = self.logits([int(word) for word in arguments])
        elif name in ("tune", "prefill", "decode", "first_token"):
            answer = getattr(self, name)(*[int(word) for word in arguments])
        else:
            raise RuntimeError(f"unknown command {name!r}")
        out.write((json.dumps(answer) + "\n").encode())
        for row in rows:
            out.write(row)
        out.flush()


def main():
    # The libraries may print: only our answers go to what was stdout.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    engine = {"llama_cpp": Mainline, "ik_llama_cpp": Ik}[sys.argv[1]]()
    driver = Driver(engine, int(sys.argv[2]))
    out.write(
        (
            json.dumps({"peer": sys.argv[1], "version": engine.version, "info": engine.system_info})
            + "\n"
        ).encode()
    )
    out.flush()
    for line in sys.stdin:
        words = line.split()
        if not words:
            continue
        if words[0] == "quit":
            break
        try:
            driver.obey(out, words)
        except (RuntimeError, ValueError, TypeError, OSError) as error:
            out.write((json.dumps({"error": str(error)}) + "\n").encode())
            out.flush()
    out.flush()
    os._exit(0)  # the libraries' destructors have nothing to save


if __name__ == "__main__":
    main()
