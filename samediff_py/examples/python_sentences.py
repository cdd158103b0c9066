"""The sentences of the Python language reference, which every CPython ships (`pydoc_data`).

About 2,800 of them, 3 to 119 words and punctuation marks long: enough to learn something from,
of very different length, and nothing to download.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from pydoc_data.topics import topics

PAD, MASK, UNKNOWN = 0, 1, 2
SPECIAL = ("<pad>", "<mask>", "<unknown>")

_BULLET = re.compile(r"^(\s*)(?:\*|\d+\.|\[\d+\])\s+")
_FOOTNOTE = re.compile(r"\s*\[\d+\]")
_MARKUP = re.compile(r"\*{1,2}(?=\w)(.+?)(?<=[\w:])\*{1,2}")  # *emphasis*, **strong**
_END = re.compile(r"(?<=[.?!:])\s+(?=[A-Z\"“(])")
_ABBREVIATED = ("e.g.", "i.e.", "etc.", "vs.", "cf.")
_TOKEN = re.compile(r"e\.g\.|i\.e\.|\w+(?:['’-]\w+)*|[^\w\s]")
_CODE = re.compile(r"::=|>>>|^ *#|\A\s*(?:class|def|import|from|for|if|while|try|with|async|@)\b", re.M)


def sentences(shortest: int = 3, longest: int = 119) -> list[list[str]]:
    """All distinct sentences as lists of lower-case words and punctuation marks."""
    found: dict[tuple[str, ...], None] = {}
    for topic in sorted(topics):
        for paragraph in _paragraphs(topics[topic]):
            for sentence in _split(paragraph):
                words = tuple(_TOKEN.findall(sentence.lower()))
                if shortest <= len(words) <= longest:
                    found[words] = None
    return [list(words) for words in found]


def _paragraphs(text: str) -> list[str]:
    """Prose only: no headings, no grammar, no code."""
    blocks = re.split(r"\n\s*\n", text)
    return [_plain(block) for block in blocks if _is_prose(block)]


def _is_prose(block: str) -> bool:
    lines = _BULLET.sub(r"\1", block).rstrip().splitlines()
    if not lines or _CODE.search(block):
        return False
    words = lines[0].split()
    return len(words) > 2 and lines[-1].endswith((".", ":", "?", "!", ".)"))


def _plain(block: str) -> str:
    """One line without markup; words cut by a hyphen at the end of a line are whole again."""
    text = re.sub(r"(?<=\w)-\n\s*", "-", _BULLET.sub("", block))
    text = re.sub(r"\s+", " ", _FOOTNOTE.sub("", text))
    return _MARKUP.sub(r"\1", text).replace('"', "").strip()


def _split(paragraph: str) -> list[str]:
    """At the end of each sentence, but not behind an abbreviation."""
    parts: list[str] = []
    for part in _END.split(paragraph):
        if parts and parts[-1].endswith(_ABBREVIATED):
            parts[-1] += " " + part
        else:
            parts.append(part)
    return parts
