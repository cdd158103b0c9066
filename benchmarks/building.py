"""Import time, build time of a graph of 350 nodes, and programs of a stream of lengths.

python benchmarks/building.py
"""

from __future__ import annotations

import logging
import subprocess
import sys
import time

import numpy as np

from samediff_py import SameDiff


def import_seconds(module: str) -> float:
    """The best of five fresh processes."""
    code = f"import time; t = time.perf_counter(); import {module}; print(time.perf_counter() - t)"
    runs = [subprocess.check_output([sys.executable, "-c", code], text=True) for _ in range(5)]
    return min(map(float, runs))


def transformer(sd: SameDiff, blocks: int, width: int):
    """About 15 nodes a block; every block of another width, so that no inference is reused."""
    tokens = sd.placeholder("tokens", ("batch", "time"), dtype="int32", mask="tokens_mask")
    x = sd.nn.embedding(sd.var("table", (100, width)), tokens)
    for i in range(blocks):
        with sd.name_scope(f"block{i}"):
            q, k, v = (x @ sd.var(n, (width, width)) for n in ("q", "k", "v"))
            h = sd.nn.attention(q, k, v, heads=2) @ sd.var("o", (width, width))
            x = sd.nn.layer_norm(x + h, sd.var("gain", (width,), init="ones"), epsilon=1e-5)
            inner = 4 * width + 4 * i
            h = sd.nn.gelu(sd.nn.linear(x, sd.var("w1", (width, inner)), sd.var("b1", (inner,))))
            h = sd.nn.dropout(h, rate=0.1) * 0.5 + sd.nn.tanh(h) - h.mean(axis=-1, keepdims=True)
            h = sd.nn.linear(h, sd.var("w2", (inner, width)), sd.var("b2", (width,)))
            x = sd.nn.layer_norm(x + h, sd.var("gain2", (width,), init="ones"), epsilon=1e-5)
    return x.mean(axis="time")


class Counter(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.lines += "compiling" in record.getMessage()


def programs_of_a_stream() -> int:
    sd, counter, rng = SameDiff.create(), Counter(), np.random.default_rng(0)
    logger = logging.getLogger("samediff_py")
    logger.addHandler(counter)
    logger.setLevel(logging.INFO)
    tokens = sd.placeholder("tokens", ("batch", "time"), dtype="int32", mask="tokens_mask")
    sd.nn.embedding(sd.var("table", (50, 8)), tokens).mean(axis="time", name="pooled")
    for _ in range(200):
        rows = [rng.integers(0, 50, rng.integers(1, 300)) for _ in range(8)]
        sd.output({"tokens": rows}, "pooled")
    return counter.lines


def main() -> None:
    jax, ours = import_seconds("jax"), import_seconds("samediff_py")
    optax = import_seconds("jax, optax")
    print(f"import: jax {jax:.2f} s, jax and optax {optax:.2f} s, samediff_py {ours:.2f} s")
    transformer(SameDiff.create(), 1, 16)  # JAX itself warms up
    for title in ("unseen", "seen before"):
        sd = SameDiff.create()
        start = time.perf_counter()
        transformer(sd, 22, 32)
        seconds, nodes = time.perf_counter() - start, len(sd.graph.nodes)
        each = seconds / nodes * 1e3
        print(f"build, ops {title}: {nodes} nodes in {seconds:.2f} s, {each:.2f} ms each")
    print(f"programs for 200 batches of random lengths: {programs_of_a_stream()}")


if __name__ == "__main__":
    main()
