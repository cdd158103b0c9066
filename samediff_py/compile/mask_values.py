"""The mask plan at run time: every derived mask is made once, when somebody first needs it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import jax.numpy as jnp
from jax import Array

from ..foundation.dims import Dim, size_of
from ..ir.masks import MaskNode, MaskPlan, Term, Use
from ..ops.site import Sizes
from ..passes.infer import resolve
from .mask_ops import MASK_OPS, counted


class MaskValues:
    """Boolean arrays of one run.

    `sizes` are the sizes of the dims inside the program, `extents` how much of each is real;
    a dim without an extent is real as a whole.
    """

    def __init__(
        self,
        plan: MaskPlan,
        values: Mapping[str, Any],
        sizes: Mapping[str, Any],
        extents: Mapping[str, Any],
    ):
        self._plan, self._values = plan, values
        self._sizes, self._extents = sizes, extents
        self._arrays: dict[str, Array] = {}
        self._uses: dict[Use, Array | None] = {}

    def use(self, use: Use) -> Array | None:
        """The AND of the terms along `use.axes`, broadcastable; None where all is real."""
        if use not in self._uses:
            self._uses[use] = self._build(use)
        return self._uses[use]

    def sizes(self, sizes: Sizes) -> Array:
        return counted(self._array(sizes.mask))

    def _build(self, use: Use) -> Array | None:
        parts = [self._along(t, use.axes) for t in sorted(use.terms, key=str) if self._matters(t)]
        whole = None
        for part in parts:
            whole = part if whole is None else whole & part
        return whole

    def _matters(self, term: Term) -> bool:
        """An extent matters only where the dim was perhaps rounded up."""
        if not term.is_extent:
            return True
        (dim,) = self._plan.shape(term.mask)
        return isinstance(dim, Dim) and bool(dim.symbols & set(self._extents))

    def _along(self, term: Term, axes: tuple[int, ...]) -> Array:
        mask = self._array(term.mask)
        order = sorted(range(len(term.axes)), key=lambda i: axes.index(term.axes[i]))
        mask = jnp.transpose(mask, order)
        shape = iter(mask.shape)
        mine = set(term.axes)
        return mask.reshape([next(shape) if axis in mine else 1 for axis in axes])

    def _array(self, name: str) -> Array:
        if name not in self._arrays:
            self._arrays[name] = self._make(name)
        return self._arrays[name]

    def _make(self, name: str) -> Array:
        node = self._plan.nodes.get(name)
        if node is None:
            return jnp.asarray(self._values[name]).astype(bool)
        if node.op == "extent":
            return self._extent(node)
        inputs = [self._input(i, node) for i in self._given(node)]
        params = {key: resolve(value, self._size) for key, value in node.params}
        shape = tuple(map(self._size, node.shape))
        if node.op == "reshape":
            params["shape"] = shape
        return jnp.broadcast_to(MASK_OPS[node.op](inputs, **params), shape)

    def _given(self, node: MaskNode) -> Iterable[str | Use]:
        """A mask that nothing here depends on is not fed: it can't call a position real."""
        if node.op != "or":
            return node.inputs
        return [i for i in node.inputs if i in self._values]

    def _input(self, given: str | Use, node: MaskNode) -> Array:
        if isinstance(given, Use):
            built = self.use(given)
            return jnp.ones((1,) * len(given.axes), bool) if built is None else built
        known = given in self._plan.nodes or given in self._plan.shapes
        return self._array(given) if known else self._values[given]

    def _extent(self, node: MaskNode) -> Array:
        (dim,) = node.shape
        real = {**self._sizes, **self._extents}
        return jnp.arange(self._size(dim)) < size_of(dim, real)

    def _size(self, dim: int | Dim) -> Any:
        return size_of(dim, self._sizes)
