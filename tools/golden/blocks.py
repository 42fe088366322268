"""Writes testdata/tensor/blocks.bin: random blocks of every type and their values by gguf-py.

Run: python3 tools/golden/blocks.py testdata/tensor/blocks.bin     (needs numpy and gguf from PyPI)

Format, little-endian: for each type u32 GGUF type number, u32 n_elements, u32 n_bytes, the bytes,
n_elements f32.
"""
import struct
import sys

import gguf
import numpy as np

SEED = 20231
# Byte offsets of the f16 scales of each type: random bits there would often be infinite or NaN, so
# they are drawn as numbers.
SCALES = {
    "Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q8_0": [0],
    "Q2_K": [80, 82], "Q3_K": [108], "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208],
}
PLAIN = {"F32": np.float32, "F16": np.float16, "BF16": None}


def quantised(rng, name, n_blocks):
    kind = gguf.GGMLQuantizationType[name]
    _, n_bytes = gguf.GGML_QUANT_SIZES[kind]
    blocks = rng.integers(0, 256, size=(n_blocks, n_bytes), dtype=np.uint8)
    for offset in SCALES[name]:
        scales = rng.normal(0, 0.02, size=(n_blocks, 1)).astype(np.float16)
        scales[-1] = np.float16(6e-8)  # one subnormal scale
        blocks[:, offset : offset + 2] = scales.view(np.uint8)
    return kind, blocks


def plain(rng, name, n):
    kind = gguf.GGMLQuantizationType[name]
    values = rng.normal(0, 1, size=(1, n)).astype(np.float32)
    return kind, gguf.quants.quantize(values, kind).view(np.uint8).reshape(1, -1)


def main():
    rng = np.random.default_rng(SEED)
    with open(sys.argv[1], "wb") as out:
        for name in [*PLAIN, *SCALES]:
            small = name in ("Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0")
            if name in PLAIN:
                kind, blocks = plain(rng, name, 32)
            else:
                kind, blocks = quantised(rng, name, 6 if small else 2)
            values = gguf.quants.dequantize(blocks, kind).astype("<f4").ravel()
            raw = blocks.tobytes()
            out.write(struct.pack("<III", int(kind), values.size, len(raw)))
            out.write(raw + values.tobytes())


if __name__ == "__main__":
    main()
