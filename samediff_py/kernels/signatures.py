"""Kernels that are made of formulas: what the makers of a family's kernels share."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from inspect import Signature, signature
from typing import Any


def with_options(kernel: Callable[..., Any], formula: Callable[..., Any]) -> Callable[..., Any]:
    """The kernel under the name of the formula, and with its keywords for `**options`."""
    *shared, _ = signature(kernel).parameters.values()
    own = [p for p in signature(formula).parameters.values() if p.kind is p.KEYWORD_ONLY]
    update_wrapper(kernel, formula)
    kernel.__signature__ = Signature([*shared, *own])  # type: ignore[attr-defined]
    return kernel
