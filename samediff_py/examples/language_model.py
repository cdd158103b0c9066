"""A masked language model on sentences of very different length.

    python -m samediff_py.examples.language_model

Bias-free linear maps, multi-head attention, ReLU and masked means guess the word that was taken
out of a sentence of the Python language reference. Then padding is appended to sentences that the
model has never seen, and not one guess changes; and a variant whose attention is told to ignore
the mask shows what three padding tokens do to a model without masks, and how `verify_padding`
finds the line.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import groupby
from typing import Any

import numpy as np
import optax
from jax.nn.initializers import normal

from samediff_py import SameDiff, TrainingConfig
from samediff_py.examples.python_sentences import (
    LONGEST,
    MASK,
    PAD,
    SPECIAL,
    ClozeBatches,
    Corpus,
    Questions,
    corpus,
    every_word,
)

Rows = Sequence[Sequence[int]]


def build(vocab: int, features: int = 64, *, masked: bool = True) -> SameDiff:
    """The model; `masked=False` breaks it."""
    sd = SameDiff.create()
    tokens = sd.placeholder("tokens", ("batch", "time"), dtype="int32", mask="tokens_mask")
    answer = sd.placeholder("answer", ("batch",), dtype="int32")
    gap = sd.eq(tokens, MASK, name="gap")
    # Places are counted from the gap: -1 is the word before it, 1 the word behind it.
    place = sd.positions(tokens) - gap.cast("float32").argmax(axis="time", keepdims=True)
    with sd.name_scope("encoder"):
        x = sd.nn.embedding(sd.var("table", (vocab, features), init=normal(0.3)), tokens)
        places = sd.var("places", (2 * LONGEST, features), init="normal")
        x = x + sd.nn.embedding(places, place + LONGEST)
        q, k, v = (x @ sd.var(name, (features, features)) for name in ("wq", "wk", "wv"))
        h = sd.nn.relu(sd.nn.attention(q, k, v, heads=4, masked=masked)) + x
    pooled = h.mean(axis="time") + h.with_mask(gap).mean(axis="time")
    logits = (pooled @ sd.var("w_out", (features, vocab))).rename("logits")
    sd.loss.sparse_softmax_cross_entropy(answer, logits, name="loss")
    return sd


def train(
    sd: SameDiff, text: Corpus, *, epochs: int = 8, copies: int = 8, batch_size: int = 64
) -> Any:
    """The history of a training by Adam, with a learning rate that falls to 0."""
    batches = ClozeBatches(text.train, batch_size, copies)
    rate = optax.linear_schedule(1e-2, 0.0, epochs * len(batches))
    sd.training_config = TrainingConfig(
        updater=optax.adam(rate), features=["tokens"], labels=["answer"]
    )
    return sd.fit(batches, epochs=epochs, validation_data=every_word(text.held_out, step=7))


def unigram(text: Corpus, questions: Questions) -> tuple[float, float]:
    """Loss and accuracy of the frequencies of words alone: always guess the most frequent one."""
    counts = np.bincount([w for row in text.train for w in row], minlength=len(text.words))
    counts[: len(SPECIAL)] = 0
    shares = (counts + 0.5) / (counts + 0.5).sum()
    answers = questions["answer"]
    return float(-np.log(shares[answers]).mean()), float((answers == shares.argmax()).mean())


def guesses(sd: SameDiff, rows: Rows, padding: int = 0) -> np.ndarray:
    """The most likely words, with so many padding tokens appended to every row.

    Rows of equal length go together: there is no padding but what is appended.
    """
    order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
    found = np.zeros(len(rows), int)
    for _, group in groupby(order, key=lambda i: len(rows[i])):
        places = list(group)
        feeds = with_padding(np.array([rows[i] for i in places]), padding)
        found[places] = sd.output(feeds, "logits")["logits"].argmax(-1)
    return found


def with_padding(tokens: np.ndarray, padding: int) -> dict[str, np.ndarray]:
    """An array of whole rows, so many padding tokens behind each, and the mask that says so."""
    sides = ((0, 0), (0, padding))
    mask = np.pad(np.ones(tokens.shape, bool), sides)
    return {"tokens": np.pad(tokens, sides, constant_values=PAD), "tokens_mask": mask}


def spoilt(sd: SameDiff, vocab: int) -> SameDiff:
    """The same weights, attention that ignores the mask, and a <pad> of three times the usual
    norm: no gradient has ever reached that row of the table, so it may be anything."""
    broken = build(vocab, len(sd.params["w_out"]), masked=False)
    for name, array in sd.params.items():
        broken.set_array(name, array)
    table = np.array(sd.params["encoder/table"])
    norms = np.linalg.norm(table, axis=1)
    table[PAD] *= 3 * norms.mean() / norms[PAD]
    broken.set_array("encoder/table", table)
    return broken


def show_padding(sd: SameDiff, questions: Questions, paddings: Sequence[int] = (1, 3, 50)) -> None:
    """Guesses that change when padding is appended, and the accuracy that is left."""
    rows, answers = questions["tokens"], questions["answer"]
    plain = guesses(sd, rows)
    print(f"{'padding':>12}{'changed':>16}{'accuracy':>11}")
    print(f"{'none':>12}{'':>16}{(plain == answers).mean():>11.1%}")
    for padding in paddings:
        found = guesses(sd, rows, padding)
        appended = f"{padding} token{'s' if padding > 1 else ''}"
        changed = f"{(found != plain).sum()} of {len(rows)}"
        print(f"{appended:>12}{changed:>16}{(found == answers).mean():>11.1%}")


def show_guesses(sd: SameDiff, text: Corpus, questions: Questions, count: int = 4) -> None:
    """A few sentences with their gap, and the three words that fit best."""
    logits = sd.output({"tokens": questions["tokens"][:count]}, "logits")["logits"]
    for row, answer, scores in zip(questions["tokens"], questions["answer"], logits, strict=False):
        best = ", ".join(text.words[i] for i in np.argsort(-scores)[:3])
        print(f"  {' '.join(text.words[i] for i in row).replace('<mask>', '____')}")
        print(f"    guesses: {best}    answer: {text.words[answer]}")


def main(text: Corpus | None = None, epochs: int = 8) -> None:
    """All of it; on fewer sentences and epochs for a quick look."""
    text = text or corpus()
    questions = every_word(text.held_out)
    print(
        f"{len(text.train):,} sentences to learn from, {len(text.held_out)} held out with "
        f"{len(questions['answer']):,} words to guess; vocabulary of {len(text.words):,} words\n"
    )
    sd = build(len(text.words))
    start = time.perf_counter()
    train(sd, text, epochs=epochs)
    print(f"trained in {time.perf_counter() - start:.0f} s\n")
    loss, accuracy = unigram(text, questions)
    print(f"held out, the most frequent word: accuracy {accuracy:.4f}  loss {loss:.4f}")
    print(f"held out, this model:             {sd.evaluate(questions)}\n")
    show_guesses(sd, text, every_word(text.held_out, step=301))
    print("\nPadding appended to the sentences held out:")
    show_padding(sd, questions)
    broken = spoilt(sd, len(text.words))
    print("\nThe same weights, attention(masked=False):")
    show_padding(broken, questions)
    few = questions["tokens"][:: len(questions["tokens"]) // 4]
    print(f"\n{broken.verify_padding({'tokens': few})}")


if __name__ == "__main__":
    main()
