"""Valid tokens per second of training on sentences of different length: batches padded to the
longest of all, trimmed to their own longest, and rounded up to buckets.

    python benchmarks/padding.py

Everything is compiled before the clock starts; making the arrays of a batch counts.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np
from steps import ADAM, BATCH, VOCABULARY, step_by_hand, text_by_hand, text_model

from samediff_py import TrainingConfig
from samediff_py.compile.buckets import rounded
from samediff_py.examples.python_sentences import sentences
from samediff_py.foundation.dims import Bounds
from samediff_py.train.state import no_tally

LONGEST = 119
Batch = tuple[list[np.ndarray], np.ndarray]


def batches(count: int) -> list[Batch]:
    """Sentences in the order in which they come, as rows of random words of their lengths."""
    rng = np.random.default_rng(0)
    lengths = rng.permutation([len(row) for row in sentences()])[: count * BATCH]
    rows = [rng.integers(0, VOCABULARY, n).astype(np.int32) for n in lengths]
    answers = rng.integers(0, VOCABULARY, len(rows)).astype(np.int32)
    return [(rows[i : i + BATCH], answers[i : i + BATCH]) for i in range(0, len(rows), BATCH)]


def by_hand(width: Callable[[int], int]) -> Callable[[Batch], None]:
    """The step written in JAX, on arrays of a width that the longest row decides."""
    params = text_model().params
    step, state = step_by_hand(text_by_hand), (params, ADAM.init(params))

    def take(batch: Batch) -> None:
        nonlocal state
        rows, answers = batch
        lengths = np.array([len(row) for row in rows])
        mask = np.arange(width(int(lengths.max()))) < lengths[:, None]
        tokens = np.zeros(mask.shape, np.int32)
        tokens[mask] = np.concatenate(rows)
        state, value = step(state, tokens, mask, answers)
        value.block_until_ready()

    return take


def ours() -> Callable[[Batch], None]:
    """Ragged rows, as a user feeds them."""
    sd = text_model()
    sd.training_config = TrainingConfig(updater=ADAM)
    trainer, tally = sd._training.trainer(), no_tally()

    def take(batch: Batch) -> None:
        nonlocal tally
        rows, answers = batch
        tally = trainer.take(trainer.prepared({"tokens": rows, "answer": answers}), tally)
        tally.rows.block_until_ready()

    return take


def seconds(take: Callable[[Batch], None], data: Sequence[Batch]) -> float:
    start = time.perf_counter()
    for batch in data:
        take(batch)
    return time.perf_counter() - start


def main() -> None:
    data = batches(60)
    valid = sum(len(row) for rows, _ in data for row in rows)
    ways = {
        f"by hand, padded to {LONGEST}": by_hand(lambda _: LONGEST),
        "by hand, trimmed": by_hand(lambda longest: longest),
        "by hand, bucketed": by_hand(lambda longest: rounded(longest, Bounds())),
        "samediff_py, ragged rows": ours(),
    }
    best = dict.fromkeys(ways, float("inf"))
    for take in ways.values():
        seconds(take, data)  # compiles
    for _ in range(5):
        for name, take in ways.items():
            best[name] = min(best[name], seconds(take, data))
    print(f"{len(data)} batches of {BATCH} sentences, {valid:,} valid tokens")
    for name, took in best.items():
        print(f"{name:>26}: {valid / took:10,.0f} valid tokens per second")


if __name__ == "__main__":
    main()
