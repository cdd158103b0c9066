"""Reductions over valid slots.

Each takes `where`, broadcastable to x, true where a slot is real; without it, it is the plain
reduction. A masked slot reaches neither the result nor a gradient, whatever it holds. A slice
without a valid slot gives sum 0, product 1, any false, all true, and 0 for everything else.
Sums are taken in float32 at least; floating results have the type of x, float32 if x is integer.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import jax
import jax.numpy as jnp
from jax import Array, lax

from .axes import Axis, axes_of, row_major_positions
from .numbers import fill_masked, narrow, off_zero, widen


def centre(x: Array, axis: Axis = None, *, where: Array | None = None) -> Array:
    """x minus its mean, widened; 0 in masked slots.

    The second subtraction takes away the rounding error of the first mean (corrected two-pass
    algorithm), so that a constant slice gives exact zeros, not noise to be scaled up.
    """
    x = widen(x)
    offset = x - lax.stop_gradient(mean(x, axis, keepdims=True, where=where))
    centred = offset - mean(offset, axis, keepdims=True, where=where)
    return fill_masked(centred, where, 0)


def _finish(result: Array, x: Array, axis: Axis, keepdims: bool) -> Array:
    return narrow(_drop(result, x, axis, keepdims), x)


def _drop(result: Array, x: Array, axis: Axis, keepdims: bool) -> Array:
    return result if keepdims else jnp.squeeze(result, axes_of(x, axis))


# ---- counts --------------------------------------------------------------------------------------


def count_valid(
    x: Array, axis: Axis = None, *, keepdims: bool = False, where: Array | None = None
) -> Array:
    """Number of valid slots along the axes: their size when nothing is masked."""
    axes = axes_of(x, axis)
    kept = tuple(1 if a in axes else size for a, size in enumerate(x.shape))
    count = jnp.broadcast_to(_count(x, axis, where), kept)
    return _drop(count.astype(int), x, axis, keepdims)


def count_nonzero(
    x: Array, axis: Axis = None, *, keepdims: bool = False, where: Array | None = None
) -> Array:
    """Number of valid elements that are not zero (NaN is not)."""
    return jnp.sum(x != 0, axis, keepdims=keepdims, where=where)


def count_zero(
    x: Array, axis: Axis = None, *, keepdims: bool = False, where: Array | None = None
) -> Array:
    """Number of valid elements that are zero."""
    return jnp.sum(x == 0, axis, keepdims=keepdims, where=where)


def zero_fraction(x: Array, *, where: Array | None = None) -> Array:
    """Which part of the valid elements is zero."""
    zeros = (x == 0).astype(widen(x).dtype)
    return narrow(mean(zeros, where=where), x)


def _count(x: Array, axis: Axis, where: Array | None) -> Array:
    """Valid slots per slice, broadcastable to the reduction with kept axes.

    Axes along which `where` is stretched are not summed but multiplied by their size.
    """
    axes = axes_of(x, axis)
    if where is None:
        return jnp.asarray(math.prod(x.shape[a] for a in axes), jnp.int32)
    mask = jnp.expand_dims(where, tuple(range(x.ndim - where.ndim)))
    stretched = math.prod(x.shape[a] for a in axes if mask.shape[a] == 1)
    return jnp.sum(mask, axes, dtype=jnp.int32, keepdims=True) * stretched


def _divisor(x: Array, axis: Axis, where: Array | None, correction: int = 0) -> Array:
    return jnp.maximum(_count(x, axis, where) - correction, 1).astype(widen(x).dtype)


# ---- sums and products ---------------------------------------------------------------------------


def sum(
    x: Array, axis: Axis = None, *, keepdims: bool = False, where: Array | None = None
) -> Array:
    """Sum; integers keep their type."""
    return narrow(jnp.sum(x, axis, dtype=_summed(x), keepdims=keepdims, where=where), x)


def prod(
    x: Array, axis: Axis = None, *, keepdims: bool = False, where: Array | None = None
) -> Array:
    """Product; integers keep their type."""
    return narrow(jnp.prod(x, axis, dtype=_summed(x), keepdims=keepdims, where=where), x)


def asum(
    x: Array, axis: Axis = None, *, keepdims: bool = False, where: Array | None = None
) -> Array:
    """Sum of absolute values, sum |x|; integers keep their type."""
    return sum(_abs(fill_masked(x, where, 0)), axis, keepdims=keepdims)


def _abs(x: Array) -> Array:
    """|x| with gradient sign(x): 0 at 0, where that of jnp.abs is 1."""
    return x * jnp.sign(x)


def _summed(x: Array):
    """The type in which x is summed: that of x, but booleans are counted."""
    if x.dtype == jnp.bool_:
        return None
    return widen(x).dtype if jnp.issubdtype(x.dtype, jnp.floating) else x.dtype


# ---- means and deviations ------------------------------------------------------------------------


def mean(
    x: Array, axis: Axis = None, *, keepdims: bool = False, where: Array | None = None
) -> Array:
    """Mean, sum x / n, with n the number of valid slots."""
    total = jnp.sum(widen(x), axis, keepdims=True, where=where)
    return _finish(total / _divisor(x, axis, where), x, axis, keepdims)


def amean(
    x: Array, axis: Axis = None, *, keepdims: bool = False, where: Array | None = None
) -> Array:
    """Mean of absolute values, sum |x| / n."""
    total = asum(widen(x), axis, keepdims=True, where=where)
    return _finish(total / _divisor(x, axis, where), x, axis, keepdims)


def variance(
    x: Array,
    axis: Axis = None,
    *,
    bias_corrected: bool = True,
    keepdims: bool = False,
    where: Array | None = None,
) -> Array:
    """Variance, sum (x - mean)^2 / (n - 1), or / n without correction; one element: 0."""
    return _finish(_variance(x, axis, where, bias_corrected), x, axis, keepdims)


def standard_deviation(
    x: Array,
    axis: Axis = None,
    *,
    bias_corrected: bool = True,
    keepdims: bool = False,
    where: Array | None = None,
) -> Array:
    """Root of the variance; a constant slice has gradient 0."""
    root = off_zero(jnp.sqrt, _variance(x, axis, where, bias_corrected))
    return _finish(root, x, axis, keepdims)


def moments(
    x: Array, axis: Axis = None, *, keepdims: bool = False, where: Array | None = None
) -> tuple[Array, Array]:
    """Mean and population variance."""
    return (
        mean(x, axis, keepdims=keepdims, where=where),
        variance(x, axis, bias_corrected=False, keepdims=keepdims, where=where),
    )


def normalize_moments(
    counts: Array, means: Array, variances: Array, shift: float = 0.0
) -> tuple[Array, Array]:
    """Mean and variance from sums of x - shift and of (x - shift)^2 over `counts` elements."""
    mean = means / counts
    return mean + shift, variances / counts - jnp.square(mean)


def _variance(x: Array, axis: Axis, where: Array | None, bias_corrected: bool) -> Array:
    squares = jnp.square(centre(x, axis, where=where))
    return jnp.sum(squares, axis, keepdims=True) / _divisor(x, axis, where, int(bias_corrected))


# ---- norms ---------------------------------------------------------------------------------------


def norm1(
    x: Array, axis: Axis = None, *, keepdims: bool = False, where: Array | None = None
) -> Array:
    """Sum of absolute values, sum |x|, in floating point."""
    return narrow(asum(widen(x), axis, keepdims=keepdims, where=where), x)


def norm2(
    x: Array, axis: Axis = None, *, keepdims: bool = False, where: Array | None = None
) -> Array:
    """Euclidean norm, sqrt(sum x^2); at 0 the gradient is 0."""
    return _finish(off_zero(jnp.sqrt, _sum_of_squares(x, axis, where)), x, axis, keepdims)


def squared_norm(
    x: Array, axis: Axis = None, *, keepdims: bool = False, where: Array | None = None
) -> Array:
    """Sum of squares, sum x^2."""
    return _finish(_sum_of_squares(x, axis, where), x, axis, keepdims)


def norm_p(
    x: Array, axis: Axis = None, *, p: float, keepdims: bool = False, where: Array | None = None
) -> Array:
    """p-norm, (sum |x|^p)^(1/p), for p > 0; at 0 the gradient is 0."""
    if not 0 < p < math.inf:
        raise ValueError(f"norm_p needs a finite p > 0, not {p}; norm_max is the limit p -> inf")
    powers = off_zero(lambda a: a**p, _abs(widen(fill_masked(x, where, 0))))
    total = jnp.sum(powers, axis, keepdims=True)
    return _finish(off_zero(lambda a: a ** (1 / p), total), x, axis, keepdims)


def norm_max(
    x: Array, axis: Axis = None, *, keepdims: bool = False, where: Array | None = None
) -> Array:
    """Largest absolute value, max |x|, in floating point."""
    return narrow(amax(widen(x), axis, keepdims=keepdims, where=where), x)


def _sum_of_squares(x: Array, axis: Axis, where: Array | None) -> Array:
    return jnp.sum(jnp.square(widen(fill_masked(x, where, 0))), axis, keepdims=True)


def logsumexp(
    x: Array, axis: Axis = None, *, keepdims: bool = False, where: Array | None = None
) -> Array:
    """log(sum exp(x)), shifted by the largest element of each slice; of -inf alone, -inf."""
    exponents = fill_masked(widen(x), where, -jnp.inf)
    peak = jnp.max(lax.stop_gradient(exponents), axis, keepdims=True, initial=-jnp.inf)
    shift = jnp.where(jnp.isfinite(peak), peak, 0)
    total = jnp.sum(jnp.exp(exponents - shift), axis, keepdims=True)
    # The largest element adds 1 to the total: it is 0 only if no element is above -inf.
    none = total == 0
    log_of_none = jnp.where(_count(x, axis, where) == 0, 0, -jnp.inf)
    result = jnp.where(none, log_of_none, shift + jnp.log(jnp.where(none, 1, total)))
    return _finish(result, x, axis, keepdims)


# ---- extremes ------------------------------------------------------------------------------------


def max(
    x: Array, axis: Axis = None, *, keepdims: bool = False, where: Array | None = None
) -> Array:
    """Largest element; NaN is passed over (of NaN alone: -inf). Ties share the gradient."""
    return _extreme(jnp.fmax, _limits(x)[0], x, axis, keepdims, where)


def min(
    x: Array, axis: Axis = None, *, keepdims: bool = False, where: Array | None = None
) -> Array:
    """Smallest element; NaN is passed over (of NaN alone: inf). Ties share the gradient."""
    return _extreme(jnp.fmin, _limits(x)[1], x, axis, keepdims, where)


def amax(
    x: Array, axis: Axis = None, *, keepdims: bool = False, where: Array | None = None
) -> Array:
    """Largest absolute value, max |x|; integers keep their type."""
    return max(_abs(fill_masked(x, where, 0)), axis, keepdims=keepdims, where=where)


def amin(
    x: Array, axis: Axis = None, *, keepdims: bool = False, where: Array | None = None
) -> Array:
    """Smallest absolute value, min |x|; integers keep their type."""
    return min(_abs(fill_masked(x, where, 0)), axis, keepdims=keepdims, where=where)


def _limits(x: Array) -> tuple[Array, Array]:
    """The values below and above which there is none in the type of x."""
    if x.dtype == jnp.bool_:
        raise ValueError("extremes are of numbers: cast the booleans, or use any or all")
    if jnp.issubdtype(x.dtype, jnp.floating):
        return jnp.asarray(-jnp.inf, x.dtype), jnp.asarray(jnp.inf, x.dtype)
    info = jnp.iinfo(x.dtype)
    return jnp.asarray(info.min, x.dtype), jnp.asarray(info.max, x.dtype)


def _extreme(
    pick: Callable, worst: Array, x: Array, axis: Axis, keepdims: bool, where: Array | None
) -> Array:
    best = _pick(pick, axes_of(x, axis), fill_masked(x, where, worst), worst)
    # Masked slots tie with a best that is the worst: it is a constant, without a gradient.
    nothing = jnp.where(_count(x, axis, where) == 0, 0, worst)
    return _drop(jnp.where(best == worst, nothing, best), x, axis, keepdims)


@partial(jax.custom_jvp, nondiff_argnums=(0, 1))
def _pick(pick: Callable, axes: tuple[int, ...], x: Array, worst: Array) -> Array:
    """Reduction by fmax or fmin, which pass over NaN: one pass, without a select on the input."""
    return jnp.expand_dims(lax.reduce(x, worst, pick, axes), axes)


@_pick.defjvp
def _pick_jvp(pick, axes, primals, tangents):
    x, worst = primals
    best = _pick(pick, axes, x, worst)
    hit = x == best
    total = jnp.sum(jnp.where(hit, tangents[0], 0), axes, keepdims=True)
    hits = jnp.sum(hit, axes, keepdims=True, dtype=jnp.int32)
    return best, total / jnp.maximum(hits, 1).astype(total.dtype)


# ---- positions of extremes -----------------------------------------------------------------------


def argmax(
    x: Array,
    axis: Axis = None,
    *,
    keepdims: bool = False,
    dtype: str = "int64",
    where: Array | None = None,
) -> Array:
    """Index of the first largest valid element; several axes count as one, in row-major order.

    NaN is passed over unless it is the first valid element, as in SameDiff.
    """
    best = max(x, axis, keepdims=True, where=where)
    return _index_of(best, x, axis, keepdims, dtype, where)


def argmin(
    x: Array,
    axis: Axis = None,
    *,
    keepdims: bool = False,
    dtype: str = "int64",
    where: Array | None = None,
) -> Array:
    """Index of the first smallest valid element; otherwise as argmax."""
    best = min(x, axis, keepdims=True, where=where)
    return _index_of(best, x, axis, keepdims, dtype, where)


def iamax(
    x: Array, axis: Axis = None, *, keepdims: bool = False, where: Array | None = None
) -> Array:
    """Index of the first element that is largest in absolute value; otherwise as argmax."""
    return argmax(jnp.abs(x), axis, keepdims=keepdims, where=where)


def iamin(
    x: Array, axis: Axis = None, *, keepdims: bool = False, where: Array | None = None
) -> Array:
    """Index of the first element that is smallest in absolute value; otherwise as argmax."""
    return argmin(jnp.abs(x), axis, keepdims=keepdims, where=where)


def _index_of(
    best: Array, x: Array, axis: Axis, keepdims: bool, dtype: str, where: Array | None
) -> Array:
    axes = axes_of(x, axis)
    positions = row_major_positions(x, axes)
    nowhere = jnp.iinfo(positions.dtype).max

    def first(condition: Array) -> Array:
        candidates = jnp.where(condition, positions, nowhere)
        return jnp.min(candidates, axes, keepdims=True, initial=nowhere)

    start = 0 if where is None else first(where)
    found = (x == best) | (jnp.isnan(x) & (positions == start))
    index = first(fill_masked(found, where, False))
    index = jnp.where(index == nowhere, 0, index)
    return _drop(index, x, axis, keepdims).astype(jax.dtypes.canonicalize_dtype(dtype))


# ---- truth ---------------------------------------------------------------------------------------


def any(
    x: Array, axis: Axis = None, *, keepdims: bool = False, where: Array | None = None
) -> Array:
    """Is any valid element true (a number: not zero)?"""
    return jnp.any(x, axis, keepdims=keepdims, where=where)


def all(
    x: Array, axis: Axis = None, *, keepdims: bool = False, where: Array | None = None
) -> Array:
    """Are all valid elements true (numbers: not zero)?"""
    return jnp.all(x, axis, keepdims=keepdims, where=where)
