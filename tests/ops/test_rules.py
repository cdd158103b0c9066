"""One small graph for each family of mask rules: its tags and its mask plan as golden text, what
it refuses, and, on whole programs, the definition: a batch gives what its examples give alone."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from samediff_py import SameDiff
from samediff_py.foundation.errors import GraphError, MaskError
from samediff_py.ir.masks import Lost
from samediff_py.kernels import arithmetic
from samediff_py.ops.define import OPS, Namespace, op
from samediff_py.ops.site import Rule, Verdict

HERE = Path(__file__).name


@pytest.fixture
def sd():
    return SameDiff.create(seed=1)


def sequences(sd: SameDiff, name: str = "x", time: str = "time", mask: str | None = "m"):
    return sd.placeholder(name, ("batch", time, 4), mask=mask)


# Golden text.

GOLDEN: list[tuple[Callable[[SameDiff], Any], str]] = []


def golden(text: str) -> Callable[[Callable[[SameDiff], Any]], None]:
    """The tags of what the program returns, and the masks and ops of its plan."""
    return lambda program: GOLDEN.append((program, text.strip("\n")))


def shown(sd: SameDiff, *outs: Any) -> str:
    """Tags, derived masks, and what each op is told."""
    sections = dict(part.split("\n", 1) for part in str(sd.mask_plan(*outs)).split("\n\n")[1:])
    masks = [line for line in sections["masks"].splitlines() if line.lstrip().startswith("mask#")]
    ops = sections.get("ops", "").splitlines()
    return "\n".join([*map(repr, outs), *masks, *ops])


@pytest.mark.parametrize("program, text", [pytest.param(*g, id=g[0].__name__) for g in GOLDEN])
def test_plan(sd, program, text):
    outs = program(sd)
    assert shown(sd, *(outs if isinstance(outs, tuple) else (outs,))) == text
