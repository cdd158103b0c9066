"""The sentences of the Python language reference, which every CPython ships (`pydoc_data`).

About 2,400 of them, 3 to 89 words and punctuation marks long: enough to learn something from, of
very different length, and nothing to download. Asked as a cloze test: one word of a sentence is
masked, and the answer is that word.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pydoc_data.topics import topics
from typing import Any

import numpy as np

PAD, MASK, UNKNOWN = 0, 1, 2
SPECIAL = ("<pad>", "<mask>", "<unknown>")
LONGEST = 119

_BULLET = re.compile(r"^(\s*)(?:\*|\d+\.|\[\d+\])\s+")
_CODE = re.compile(
    r"::=|>>>|^ *#|\A\s*(?:class|def|import|from|for|if|while|try|with|async|@)\b", re.M
)
_CUT_WORD = re.compile(r"(?<=\w)-\n\s*")
_FOOTNOTE = re.compile(r"\s*\[\d+\]")
_EMPHASIS = re.compile(r"\*{1,2}(?=\w)(.+?)(?<=[\w:])\*{1,2}")
_END = re.compile(r"(?<=[.?!:])\s+(?=[A-Z“(])")
_ABBREVIATED = ("e.g.", "i.e.", "etc.", "vs.", "cf.")
_TOKEN = re.compile(r"e\.g\.|i\.e\.|\w+(?:['’-]\w+)*|[^\w\s]")


def tokens_of(sentence: str) -> list[str]:
    """Lower-case words and punctuation marks."""
    return _TOKEN.findall(sentence.lower())


def sentences(shortest: int = 3, longest: int = LONGEST) -> list[list[str]]:
    """All distinct sentences of the reference, as tokens."""
    found: dict[tuple[str, ...], None] = {}
    for topic in sorted(topics):
        for paragraph in _paragraphs(topics[topic]):
            for sentence in _split(paragraph):
                tokens = tuple(tokens_of(sentence))
                if shortest <= len(tokens) <= longest:
                    found[tokens] = None
    return [list(tokens) for tokens in found]


def _paragraphs(text: str) -> list[str]:
    return [_plain(block) for block in re.split(r"\n\s*\n", text) if _is_prose(block)]


def _is_prose(block: str) -> bool:
    """No heading, no grammar, no signature, no code."""
    lines = _BULLET.sub(r"\1", block).rstrip().splitlines()
    if not lines or _CODE.search(block):
        return False
    return len(lines[0].split()) > 2 and lines[-1].endswith((".", ":", "?", "!", ".)"))


def _plain(block: str) -> str:
    """One line without markup; a word cut at its hyphen by the end of a line is whole again."""
    text = _CUT_WORD.sub("-", _BULLET.sub("", block))
    text = re.sub(r"\s+", " ", _FOOTNOTE.sub("", text))
    return re.sub('["“”]', "", _EMPHASIS.sub(r"\1", text)).strip()


def _split(paragraph: str) -> list[str]:
    """At the end of each sentence, but not behind an abbreviation."""
    parts: list[str] = []
    for part in _END.split(paragraph):
        if parts and parts[-1].endswith(_ABBREVIATED):
            parts[-1] += " " + part
        else:
            parts.append(part)
    return parts


@dataclass(frozen=True)
class Corpus:
    """Sentences as rows of ids, to learn from and held out; `words` by id."""

    words: tuple[str, ...]
    train: list[list[int]]
    held_out: list[list[int]]


def corpus(
    held_out: int = 300, least: int = 3, *, longest: int = LONGEST, size: int | None = None
) -> Corpus:
    """The sentences, shuffled by a fixed seed, `held_out` of them set apart.

    The vocabulary holds the words that occur `least` times in the others. `longest` and
    `size` make it smaller: no longer sentences than that, not more in all.
    """
    rows = sentences(longest=longest)
    random.Random(0).shuffle(rows)
    apart, rest = rows[:held_out], rows[held_out:size]
    counts = Counter(token for row in rest for token in row)
    frequent = sorted((-n, token) for token, n in counts.items() if n >= least)
    words = (*SPECIAL, *(token for _, token in frequent))
    known = {word: i for i, word in enumerate(words)}

    def encoded(rows: list[list[str]]) -> list[list[int]]:
        return [[known.get(token, UNKNOWN) for token in row] for row in rows]

    return Corpus(words, encoded(rest), encoded(apart))


Questions = dict[str, Any]
"""`tokens`: rows with one MASK each; `answer`: the id that stood there."""


def asked(row: Sequence[int], place: int) -> tuple[list[int], int]:
    """The row with its word at `place` masked, and that word."""
    return [*row[:place], MASK, *row[place + 1 :]], row[place]


def every_word(rows: Sequence[Sequence[int]], step: int = 1) -> Questions:
    """Each `step`-th known word of the rows, asked for once."""
    places = [(row, i) for row in rows for i, word in enumerate(row) if word != UNKNOWN]
    return _questions(asked(row, i) for row, i in places[::step])


def random_words(rows: Sequence[Sequence[int]], rng: np.random.Generator) -> Questions:
    """One known word of each row, at random."""
    return _questions(asked(row, _known_place(row, rng)) for row in rows if set(row) != {UNKNOWN})


def _known_place(row: Sequence[int], rng: np.random.Generator) -> int:
    known = [i for i, word in enumerate(row) if word != UNKNOWN]
    return known[rng.integers(len(known))]


def _questions(pairs: Iterable[tuple[list[int], int]]) -> Questions:
    rows, answers = zip(*pairs, strict=True)
    return {"tokens": list(rows), "answer": np.array(answers, np.int32)}


class ClozeBatches:
    """Batches of questions for `sd.fit`: each pass asks for other words, `copies` of each row.

    A batch holds rows of about equal length, so that little of it is padding.
    """

    def __init__(
        self, rows: Sequence[Sequence[int]], batch_size: int, copies: int = 8, seed: int = 0
    ):
        self._rows = [row for row in rows if set(row) != {UNKNOWN}] * copies
        self._batch_size = batch_size
        self._rng = np.random.default_rng(seed)

    def __len__(self) -> int:
        return -(-len(self._rows) // self._batch_size)

    def __iter__(self) -> Iterator[Questions]:
        rows = [self._rows[i] for i in self._rng.permutation(len(self._rows))]
        questions = random_words(sorted(rows, key=len), self._rng)
        for i in self._rng.permutation(len(self)):
            picked = slice(i * self._batch_size, (i + 1) * self._batch_size)
            yield {name: values[picked] for name, values in questions.items()}
