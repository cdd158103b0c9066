from __future__ import annotations

import itertools
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.export import symbolic_shape
from jax.test_util import check_grads
from numpy.testing import assert_array_equal

from samediff_py.kernels import moves

SIZES = (0, 1, 2, 5, 6)
ALL = slice(None)


def ragged(*tail: int, counts=SIZES, poison=np.nan, seed=0, time=6) -> np.ndarray:
    """Rows of these lengths, with poison behind them."""
    shape = (len(counts), time, *tail)
    x = np.random.default_rng(seed).normal(size=shape).astype(np.float32)
    for row, n in zip(x, counts, strict=True):
        row[n:] = poison
    return x


def sizes() -> jax.Array:
    return jnp.array(SIZES, jnp.int32)


def assert_rows(result, alone: list[np.ndarray]) -> None:
    """Row i is what row i alone gives, then zeros."""
    assert result.shape[1] >= max(row.shape[0] for row in alone)
    for got, want in zip(np.asarray(result), alone, strict=True):
        assert_array_equal(got[: len(want)], want)
        assert not got[len(want) :].any()


def on_rows(x: np.ndarray, f) -> list[np.ndarray]:
    return [np.asarray(f(row[:n])) for row, n in zip(x, SIZES, strict=True)]


ONE_ROW = {
    "reverse": (lambda x, n: moves.reverse(x, 1, sizes=n), lambda r: r[::-1]),
    "reverse features": (
        lambda x, n: moves.reverse(x, (-1, 1), sizes=n, ragged_axis=1),
        lambda r: r[::-1, ::-1],
    ),
    "roll features": (
        lambda x, n: moves.roll(x, 2, (2, 1), sizes=n, ragged_axis=1),
        lambda r: np.roll(r, 2, (0, 1)),
    ),
    **{
        f"roll {k}": (
            lambda x, n, k=k: moves.roll(x, k, 1, sizes=n),
            lambda r, k=k: np.roll(r, k, 0),
        )
        for k in (1, -7)
    },
    "pad": (
        lambda x, n: moves.pad(x, ((0, 0), (2, 1), (1, 0)), value=7.0, sizes=n),
        lambda r: np.pad(r, ((2, 1) if len(r) else (0, 0), (1, 0)), constant_values=7.0),
    ),
    "getitem others": (
        lambda x, n: moves.getitem(x, (ALL, slice(1, None), None, 0), sizes=n),
        lambda r: r[1:, None, 0],
    ),
}


@pytest.mark.parametrize("name", ONE_ROW)
def test_rows_as_alone(name):
    kernel, alone = ONE_ROW[name]
    x = ragged(3)
    assert_rows(jax.jit(kernel)(x, sizes()), on_rows(x, alone))


@pytest.mark.parametrize("name", ONE_ROW)
def test_what_stands_behind_a_row_reaches_no_gradient(name):
    kernel, _ = ONE_ROW[name]

    @jax.jit
    @jax.grad
    def grad(x):
        return jnp.sin(kernel(x, sizes())).sum()

    for poison in (np.nan, np.inf, 1e30):
        assert_array_equal(grad(ragged(3, poison=poison)), grad(ragged(3, poison=0.0)))
    for row, n in zip(grad(ragged(3)), SIZES, strict=True):
        assert not row[n:].any()


@pytest.mark.parametrize("mode", ["reflect", "symmetric"])
@pytest.mark.parametrize("widths", [(1, 0), (3, 4), (9, 8)])
def test_mirrors_join_each_rows_end(mode, widths):
    x = ragged(2)
    padding = ((0, 0), widths, (1, 1))
    mirrored = jax.jit(partial(moves.pad, padding=padding, mode=mode))
    result = mirrored(x, sizes=sizes())
    alone = [np.pad(r[:n], padding[1:], mode=mode) for r, n in zip(x, SIZES, strict=True) if n]
    assert_rows(result[1:], alone)
    assert not result[0].any()
    lengths = moves.pad_sizes(sizes(), padding)
    assert_array_equal(lengths, [0, *map(len, alone)])
    plain = x[4:]  # a full row
    assert_array_equal(mirrored(plain), np.pad(plain, padding, mode=mode))


BOUNDS = (None, 2, 8, -3, -8)
SLICES = [slice(None, -1), slice(1, -1, 2), slice(None, None, -1)]
SLICES += [slice(a, b, s) for a in BOUNDS for b in BOUNDS for s in (None, -2)]


def test_slices_count_from_each_rows_end():
    x = ragged()
    results = jax.jit(lambda x, n: [moves.getitem(x, (ALL, e), sizes=n) for e in SLICES])
    lengths = jax.jit(lambda n: [moves.getitem_sizes(n, e) for e in SLICES])
    results, lengths = results(x, sizes()), lengths(sizes())
    for entry, result, length in zip(SLICES, results, lengths, strict=True):
        alone = on_rows(x, lambda row, entry=entry: row[entry])
        assert_rows(result, alone)
        assert_array_equal(length, [len(row) for row in alone])


@pytest.mark.parametrize("entry", [0, 2, 5, 6, 99, -1, -3, -6, -99])
def test_positions_count_from_each_rows_end(entry):
    x = ragged(2)
    inside = [-n <= entry < n for n in SIZES]
    want = [r[:n][entry] if ok else [0, 0] for r, n, ok in zip(x, SIZES, inside, strict=True)]
    assert_array_equal(moves.getitem(jnp.array(x), (ALL, entry), sizes=sizes()), want)
    assert_array_equal(moves.getitem_sizes(sizes(), entry), inside)


@pytest.mark.parametrize(
    "index",
    [
        0,
        slice(1, 3),
        ...,
        None,
        (..., -1),
        (ALL, None, 2),
        (1, ..., slice(None, None, -2)),
        (None, ..., None),
        (ALL, ALL, np.int64(1)),
    ],
)
def test_plain_index(index):
    x = np.arange(60.0, dtype=np.float32).reshape(3, 4, 5)
    assert_array_equal(moves.getitem(jnp.array(x), index), x[index])


@pytest.mark.parametrize(
    ("index", "error"),
    [
        ((0, 4), IndexError),
        (-4, IndexError),
        ((0, 0, 0, 0), IndexError),
        ((..., ...), IndexError),
        (True, ValueError),
        ([0, 1], ValueError),
    ],
)
def test_index_that_does_not_fit(index, error):
    with pytest.raises(error):
        moves.getitem(jnp.ones((3, 4, 5)), index)


def test_index_before_the_ragged_axis():
    x = ragged()
    result = moves.getitem(jnp.array(x)[:, None], (ALL, 0, -1, None), sizes=sizes(), ragged_axis=2)
    want = [[r[n - 1] if n else 0] for r, n in zip(x, SIZES, strict=True)]
    assert_array_equal(result, want)


@pytest.mark.parametrize("which", list(itertools.product([False, True], repeat=3))[1:])
def test_concat_closes_up(which):
    full = (4,) * len(SIZES)
    counts = [SIZES[:: (-1) ** i] if is_ragged else full for i, is_ragged in enumerate(which)]
    times = [7 if is_ragged else 4 for is_ragged in which]
    data = [ragged(2, counts=c, time=t, seed=t) for c, t in zip(counts, times, strict=True)]
    xs = tuple(map(jnp.array, data))
    parts = tuple(jnp.array(c) if yes else None for c, yes in zip(counts, which, strict=True))
    alone = [
        np.concatenate([x[i, : c[i]] for x, c in zip(data, counts, strict=True)])
        for i in range(len(SIZES))
    ]
    assert_rows(jax.jit(moves.concat, static_argnames="axis")(xs, axis=1, sizes=parts), alone)
    assert_array_equal(moves.concat_sizes(xs, axis=1, sizes=parts), [len(row) for row in alone])
    grads = jax.jit(jax.grad(lambda xs: jnp.sum(moves.concat(xs, axis=1, sizes=parts) ** 2)))(xs)
    for grad, x in zip(grads, data, strict=True):
        assert_array_equal(grad, 2 * np.nan_to_num(x))


def test_plain_moves_are_numpys():
    x = np.arange(24.0).reshape(2, 3, 4).astype(np.float32)
    xs = jnp.array(x)
    assert_array_equal(moves.reverse(xs, (0, -1)), x[::-1, :, ::-1])
    assert_array_equal(moves.reverse(xs, None), x)  # as SameDiff: no axes, nothing turned
    assert_array_equal(moves.roll(xs, 2, (0, 1)), np.roll(x, 2, (0, 1)))
    assert_array_equal(moves.concat((xs, xs), axis=-1), np.concatenate([x, x], -1))
    assert_array_equal(moves.concat((xs, xs), axis=1, sizes=(None, None)), np.hstack([x, x]))
    widths = ((0, 1), (2, 2), (3, 0))
    assert_array_equal(moves.pad(xs, widths, value=-1), np.pad(x, widths, constant_values=-1))


FEATURES_FIRST = {
    "reverse": lambda x, n, axis: moves.reverse(x, axis, sizes=n),
    "roll": lambda x, n, axis: moves.roll(x, 2, axis, sizes=n),
    "concat": lambda x, n, axis: moves.concat((x, x), axis=axis, sizes=(n, n)),
    "pad": lambda x, n, axis: moves.pad(
        x, [(1, 2) if a == axis % 3 else (0, 0) for a in range(3)], sizes=n, ragged_axis=axis
    ),
    "reflect": lambda x, n, axis: moves.pad(
        x,
        [(1, 2) if a == axis % 3 else (0, 0) for a in range(3)],
        mode="reflect",
        sizes=n,
        ragged_axis=axis,
    ),
    "getitem": lambda x, n, axis: moves.getitem(
        x, (ALL,) * (axis % 3) + (slice(-3, None),), sizes=n, ragged_axis=axis
    ),
}


@pytest.mark.parametrize("name", FEATURES_FIRST)
def test_any_axis_can_be_ragged(name):
    kernel, x = jax.jit(FEATURES_FIRST[name], static_argnums=2), jnp.array(ragged(3))
    want = kernel(x, sizes(), 1)
    for axis in (2, -1):
        got = kernel(jnp.swapaxes(x, 1, 2), sizes(), axis)
        assert_array_equal(jnp.swapaxes(got, 1, 2), want)
    assert_array_equal(kernel(x[2:3], sizes()[2:3], 1)[0], want[2])  # company
    alone = jax.vmap(lambda row, n: kernel(row[None], n[None], 1)[0])(x, sizes())
    assert_array_equal(alone, want)


def test_one_size_for_the_whole_array():
    x = jnp.array([1.0, 2.0, 3.0, np.nan])
    three = jnp.int32(3)
    assert_array_equal(moves.reverse(x, 0, sizes=three), [3, 2, 1, 0])
    assert_array_equal(moves.getitem(x, -1, sizes=three, ragged_axis=0), 3)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda x, n: moves.reverse(x, (1, 2), sizes=n), "ragged_axis"),
        (lambda x, n: moves.reverse(x, 2, sizes=n, ragged_axis=1), "ragged_axis"),
        (lambda x, n: moves.reverse(x, 0, sizes=n), "sizes"),
        (lambda x, n: moves.roll(x, 1, (1, 2), sizes=n), "ragged_axis"),
        (lambda x, n: moves.pad(x, ((1, 0), (0, 0), (0, 0)), sizes=n), "rows"),
        (lambda x, n: moves.pad(x, ((0, 0), (-1, 0), (0, 0))), "pairs"),
        (lambda x, n: moves.pad(x, ((0, 0),)), "pairs"),
        (lambda x, n: moves.pad(x, ((0, 0),) * 3, mode="edge"), "mode"),
        (lambda x, n: moves.getitem(x, (ALL, slice(None, None, 0)), sizes=n), "zero"),
    ],
)
def test_refusals(call, text):
    with pytest.raises(ValueError, match=text):
        call(jnp.ones((5, 4, 3)), sizes())


def test_positions():
    x = jnp.ones((2, 3, 4))
    for axis in (1, -2):
        assert_array_equal(moves.positions(x, axis=axis), [[0, 1, 2]] * 2)
    assert moves.positions(x, axis=1).dtype == jnp.int32


GAPPY = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 1], [0, 1, 0], [1, 1, 1]], bool)


@pytest.mark.parametrize("kernel", [moves.first_valid, moves.last_valid])
def test_the_valid_one_at_an_end(kernel):
    end = 0 if kernel is moves.first_valid else -1
    x = np.where(GAPPY[..., None], ragged(2, counts=(3,) * 5, time=3), np.nan)
    want = [row[w][end] if w.any() else [0, 0] for row, w in zip(x, GAPPY, strict=True)]
    for where in (GAPPY, GAPPY[..., None], np.repeat(GAPPY[..., None], 2, 2)):
        result = kernel(jnp.array(x), axis=1, where=jnp.array(where))
        assert_array_equal(result, np.array(want, np.float32))
    grad = jax.grad(lambda x: kernel(x, axis=-2, where=jnp.array(GAPPY)).sum())(jnp.array(x))
    assert_array_equal(grad.sum(1), GAPPY.any(1, keepdims=True) * [[1.0, 1.0]])
    assert_array_equal(kernel(jnp.array(x), axis=1), x[:, end])


def existing(x: jax.Array, n: jax.Array) -> jax.Array:
    return moves.positions(x, axis=1) < n[:, None]


EVERY = {
    **{name: ONE_ROW[name][0] for name in ("reverse features", "getitem others")},
    **{name: lambda x, n, k=k: k(x, n, 1) for name, k in FEATURES_FIRST.items()},
    "concat full": lambda x, n: moves.concat((x, x[:, :2], x), axis=1, sizes=(None, None, n)),
    "concat mixed": lambda x, n: moves.concat((x, x), axis=1, sizes=(n, None)),
    "last": lambda x, n: moves.getitem(x, (ALL, -1), sizes=n),
    "third": lambda x, n: moves.getitem(x, (ALL, 2), sizes=n),
    "but last": lambda x, n: moves.getitem(x, (ALL, slice(None, -1)), sizes=n),
    "end to end": lambda x, n: moves.getitem(x, (ALL, slice(2, -3, -1)), sizes=n),
    "last valid": lambda x, n: moves.last_valid(x, axis=1, where=existing(x, n)),
    "first valid": lambda x, n: moves.first_valid(x, axis=1, where=existing(x, n)),
    "plain reflect": lambda x, n: moves.pad(x, ((0, 0), (1, 2), (1, 0)), mode="reflect"),
    "plain last": lambda x, n: moves.getitem(x, (ALL, -1)),
}


@pytest.mark.parametrize("name", EVERY)
def test_shapes_and_types(name):
    """Symbolic inference agrees with the run; every type is kept, under strict promotion too."""
    kernel = EVERY[name]
    batch, time = symbolic_shape("b, t", constraints=["t >= 2"])

    def shape(kernel, b, t, dtype):
        arguments = jax.ShapeDtypeStruct((b, t, 3), dtype), jax.ShapeDtypeStruct((b,), jnp.int32)
        return jax.eval_shape(kernel, *arguments)

    with jax.numpy_dtype_promotion("strict"):
        inferred = shape(kernel, batch, time, jnp.float32)
        for dtype in (jnp.float32, jnp.float16, jnp.bfloat16, jnp.int32, jnp.bool):
            assert shape(kernel, 5, 6, dtype).dtype == dtype
        with jax.enable_x64(True):
            assert shape(kernel, batch, time, jnp.float64).dtype == jnp.float64
            x = np.where(np.isnan(ragged(3)), 0.5, ragged(3)).astype(np.float64)
            check_grads(jax.jit(partial(kernel, n=sizes())), (x,), order=1, modes=["rev"])
    got = tuple(
        eval(str(d), {"b": 5, "t": 6, "floordiv": int.__floordiv__}) for d in inferred.shape
    )
    assert got == shape(kernel, 5, 6, jnp.float32).shape


@pytest.mark.parametrize(
    "count",
    [
        lambda n, x: moves.concat_sizes((x, x), axis=1, sizes=(n, None)),
        lambda n, x: moves.pad_sizes(n, ((0, 0), (1, 2), (0, 0))),
        lambda n, x: moves.getitem_sizes(n, slice(None, -1)),
        lambda n, x: moves.getitem_sizes(n, -1),
    ],
)
def test_lengths_stay_int32(count):
    batch, time = symbolic_shape("b, t")
    x, n = (
        jax.ShapeDtypeStruct((batch, time, 3), "float32"),
        jax.ShapeDtypeStruct((batch,), "int32"),
    )
    for x64 in (False, True):
        with jax.enable_x64(x64), jax.numpy_dtype_promotion("strict"):
            assert jax.eval_shape(count, n, x) == n
