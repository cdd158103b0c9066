from functools import partial
from inspect import unwrap
from itertools import product

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.export import symbolic_shape
from jax.test_util import check_grads

from samediff_py.kernels import pooling
from samediff_py.kernels.convolution import conv
from samediff_py.kernels.windows import Window, window_padding

STATIC = ("kernel", "stride", "padding", "dilation", "data_format")
max_pool1d = jax.jit(pooling.max_pool, static_argnames=STATIC)
avg_pool1d = jax.jit(pooling.avg_pool, static_argnames=(*STATIC, "include_padding"))
pnorm_pool1d = jax.jit(pooling.pnorm_pool, static_argnames=(*STATIC, "p"))
window_valid = jax.jit(pooling.window_valid, static_argnames=(*STATIC[:4], "rule", "axis"))

RNG = np.random.default_rng(0)
POOLS = {
    "max": (max_pool1d, {}, np.max),
    "avg": (avg_pool1d, {}, np.mean),
    "pnorm": (pnorm_pool1d, {"p": 3}, lambda v: (np.abs(v) ** 3).sum() ** (1 / 3)),
}
# kernel, stride, dilation, padding
WINDOWS = [
    *((4, 3, 1, "same"), (3, 2, 2, "same"), (2, 1, 3, "same"), (1, 3, 1, "same")),
    *((2, None, 1, "valid"), (2, 2, 1, "causal"), (3, 2, 1, 2), (2, 1, 2, 3)),
]
SIZES = np.array([9, 7, 6, 4, 1])
MASK = np.arange(9) < SIZES[:, None]

every_pool = pytest.mark.parametrize("name", POOLS)


@pytest.fixture(autouse=True)
def x64():
    with jax.enable_x64(True):
        yield


def taps(size, kernel, stride, padding, dilation):
    """For each window the positions of its taps, those in the padding included."""
    reach = (kernel - 1) * dilation + 1
    before, after = window_padding(size, kernel, stride, dilation, padding)
    count = max(0, (size + before + after - reach) // stride + 1) if size else 0
    return [[j * stride - before + k * dilation for k in range(kernel)] for j in range(count)]


def reference(row, valid, reduce, kernel, stride, padding, dilation):
    """One row [time, channels], window by window."""
    windows = taps(len(row), kernel, stride or kernel, padding, dilation)
    real = [[t for t in window if 0 <= t < len(row) and valid[t]] for window in windows]
    out = [np.apply_along_axis(reduce, 0, row[t]) if t else 0 * row[0] for t in real]
    return np.reshape(out, (-1, row.shape[1]))


def padded(rows, size, fill):
    return np.stack([np.pad(r, ((0, size - len(r)), (0, 0)), constant_values=fill) for r in rows])


@every_pool
@pytest.mark.parametrize("kernel, stride, dilation, padding", WINDOWS)
def test_every_row_is_what_it_is_alone(name, kernel, stride, dilation, padding):
    """Poisoned rows and gaps in a batch, and a whole row without a mask."""
    pool, options, reduce = POOLS[name]
    window = {"kernel": kernel, "stride": stride, "dilation": dilation, "padding": padding}
    rows = [RNG.normal(size=(n, 2)) for n in SIZES]
    x, gaps = padded(rows, 9, np.nan), MASK & (np.arange(9) != 2)
    sizes = jnp.asarray(SIZES)
    for mask in (MASK, gaps):
        batch = pool(x, **window, **options, where=mask[..., None], sizes=sizes)
        for row, valid, result in zip(rows, mask, batch, strict=True):
            expected = reference(row, valid, reduce, **window)
            np.testing.assert_allclose(result[: len(expected)], expected, atol=1e-12)
    plain = pool(rows[0][None], **window, **options)[0]
    np.testing.assert_allclose(plain, reference(rows[0], MASK[0], reduce, **window), atol=1e-12)


@pytest.mark.parametrize("sizes", [None, jnp.asarray(SIZES)])
def test_channels_first(sizes):
    x, window = RNG.normal(size=(5, 9, 2)), {"kernel": 3, "padding": "same", "sizes": sizes}
    out = max_pool1d(x, where=MASK[..., None], **window)
    args = x.swapaxes(1, 2), MASK[:, None]
    turned = max_pool1d(args[0], where=args[1], data_format="NCW", **window)
    np.testing.assert_array_equal(turned.swapaxes(1, 2), out)


def test_padding_in_the_average():
    x = jnp.arange(1.0, 5)[None, :, None]
    options = {"kernel": 3, "stride": 1, "padding": 1}
    assert avg_pool1d(x, **options).ravel().tolist() == [1.5, 2, 3, 3.5]
    included = avg_pool1d(x, **options, include_padding=True).ravel()
    np.testing.assert_allclose(included, [1, 2, 3, 7 / 3])


@every_pool
@pytest.mark.parametrize("dilation", [1, 2])
def test_poison_changes_nothing(name, dilation):
    pool, options, _ = POOLS[name]
    mask = np.array([[1, 1, 0, 1, 1, 0], [0, 0, 0, 0, 0, 0]], bool)[..., None]
    x = RNG.normal(size=(2, 6, 2))

    @jax.jit
    def total(x):
        window = {"kernel": 2, "stride": 1, "padding": "same", "dilation": dilation}
        out = pool(x, where=mask, **window, **options)
        return jnp.sum(out**2), out

    gradient, out = jax.grad(total, has_aux=True)(jnp.where(mask, x, 0))
    for poison in (np.nan, np.inf, -np.inf, 1e30):
        poisoned = jax.grad(total, has_aux=True)(jnp.where(mask, x, poison))
        np.testing.assert_array_equal(poisoned[0], gradient)
        np.testing.assert_array_equal(poisoned[1], out)
    assert not out[1].any() and not gradient[1].any() and not gradient[0, 2].any()


@pytest.mark.parametrize("name, dilation", [("max", 1), ("max", 2), ("avg", 2), ("pnorm", 1)])
def test_gradients(name, dilation):
    pool, options, _ = POOLS[name]
    masks = {"where": MASK[:2, :, None], "sizes": jnp.asarray(SIZES[:2])}
    window = {"kernel": 3, "stride": 2, "padding": "same", "dilation": dilation}
    x = RNG.normal(size=(2, 9, 1))
    check_grads(jax.jit(partial(pool, **window, **options, **masks)), (x,), 1, modes=["rev"])


@every_pool
def test_gradients_where_windows_skip_and_where_all_is_zero(name):
    pool, options, _ = POOLS[name]
    window = {"kernel": 1, "stride": 3, "padding": "same", **options}
    gradient = jax.grad(lambda x: pool(x, **window).sum())(jnp.arange(1.0, 7)[None, :, None])
    np.testing.assert_allclose(gradient.ravel(), [0, 1, 0, 0, 1, 0])
    gradient = jax.grad(lambda x: pool(x, kernel=2, **options).sum())(jnp.zeros((1, 4, 1)))
    assert np.isfinite(gradient).all()


def test_the_pools_take_any_axes():
    x = RNG.normal(size=(1, 4, 6, 2))
    windows = [Window(1, 2, 2, 1, (0, 0)), Window(2, 2, 3, 2, (0, 0))]
    taps = [x[:, h::2, w : w + 4 : 3] for h, w in product((0, 1), (0, 2))]
    maximum, average = map(unwrap, (pooling.max_pool, pooling.avg_pool))
    np.testing.assert_allclose(maximum(x, None, windows), np.max(taps, 0))
    np.testing.assert_allclose(average(x, None, windows), np.mean(taps, 0))
    where = np.ones((4, 1, 1), bool)
    np.testing.assert_allclose(average(x, where, windows), np.mean(taps, 0))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@every_pool
def test_dtype_is_kept_and_sums_are_wide(name, dtype):
    pool, options, _ = POOLS[name]
    x, where = jnp.full((1, 4096, 1), 2, dtype), jnp.ones((1, 4096, 1), bool)
    with jax.numpy_dtype_promotion("strict"):
        out = pool(x, kernel=4096, where=where, **options)
    assert out.dtype == dtype
    expected = 2 * 4096 ** (1 / options["p"]) if options else 2
    np.testing.assert_allclose(out.astype("float32").item(), expected, rtol=1e-2)


def test_integers():
    x, where = jnp.array([[-5, -3, 7, 9]], "int32")[..., None], jnp.arange(4)[:, None] < 2
    assert max_pool1d(x, kernel=2, where=where).ravel().tolist() == [-3, 0]
    for pool in (avg_pool1d, pnorm_pool1d):
        with pytest.raises(ValueError, match="floating"):
            pool(x, kernel=2)


@pytest.mark.parametrize(
    "change, message",
    [
        ({"padding": "full"}, "padding"),
        ({"kernel": 0}, "kernel"),
        ({"data_format": "NHWC"}, "NWC"),
        ({"p": 0.5}, "p must be"),
    ],
)
def test_errors(change, message):
    with pytest.raises(ValueError, match=message):
        pooling.pnorm_pool(jnp.ones((1, 4, 1)), **{"kernel": 2, **change})


def test_where_the_maxima_are():
    """Ties go to the first, NaN is the greatest, and a window in the padding has none."""
    row = np.array([1.0, 3, 3, np.nan, 0, 0])[None, :, None]
    where = jnp.array([1, 1, 1, 1, 0, 0], bool)[None, :, None]
    window = {"kernel": 2, "data_format": "NWC"}
    top, place = pooling.max_pool_with_argmax(row, stride=1, **window)
    np.testing.assert_array_equal(top.ravel(), [3, 3, np.nan, np.nan, 0])
    assert place.ravel().tolist() == [1, 1, 3, 3, 4] and place.dtype == jnp.int32
    top, place = pooling.max_pool_with_argmax(row, where=where, **window)
    assert place.ravel().tolist() == [1, 3, -1] and top.ravel()[2] == 0


# The mask of windows

LENGTH = 12
OPTIONS = ("kernel", "stride", "dilation", "padding")
GRID = list(product((1, 2, 5), (1, 2, 3), (1, 2), ("same", "valid", "causal", 1, 4)))


def counts(sizes, kernel, stride, dilation, padding):
    return np.array([len(taps(n, kernel, stride, padding, dilation)) for n in sizes])


@pytest.mark.parametrize("rule", ["all", "anchor"])
def test_a_prefix_gives_the_windows_of_the_row_alone(rule):
    """All lengths in one mask, against the number of windows that each has alone."""
    mask = np.arange(LENGTH) < np.arange(LENGTH + 1)[:, None]
    grid = GRID if rule == "anchor" else [w for w in GRID if w[1] == 1 or w[3] != "same"]
    windows = [dict(zip(OPTIONS, window, strict=True)) for window in grid]
    results = jax.jit(lambda m: [window_valid(m, **w, rule=rule) for w in windows])(mask)
    for window, result in zip(grid, results, strict=True):
        expected = counts(range(LENGTH + 1), *window)
        prefix = np.arange(expected[-1]) < expected[:, None]
        np.testing.assert_array_equal(result, prefix, err_msg=str(window))


@pytest.mark.parametrize(
    "window",
    [(3, 1, 2, "same"), (3, 2, 1, "valid"), (3, 2, 1, "causal"), (3, 1, 1, 1), (2, 3, 1, 4)],
)
def test_gaps(window):
    """All: no tap in a gap. Anchor: the anchor is not in a gap."""
    mask = np.array([1, 1, 0, 1, 1, 1, 0, 0, 1, 1, 0, 0], bool)
    size = 10  # the last valid position is the end of the row
    kernel, stride, dilation, padding = window
    options = dict(zip(OPTIONS, window, strict=True))
    reads = taps(size, kernel, stride, padding, dilation)
    whole = [all(mask[t] for t in read if 0 <= t < size) for read in reads]
    out = window_valid(mask, **options)
    assert out[: len(whole)].tolist() == whole and not out[len(whole) :].any()
    ahead = 0 if padding in ("valid", "causal") else window_padding(12, *window)[1]
    out = window_valid(mask, **options, rule="anchor")
    anchors = [read[-1] - ahead for read in reads]
    assert out[: len(reads)].tolist() == [a < 0 or bool(mask[a]) for a in anchors]


def test_mask_along_another_axis_and_errors():
    mask = np.arange(6) < np.array([6, 3])[:, None]
    out = window_valid(mask, kernel=3, stride=2, padding=1)
    np.testing.assert_array_equal(
        window_valid(mask[..., None], kernel=3, stride=2, padding=1, axis=1), out[..., None]
    )
    with pytest.raises(ValueError, match="rule"):
        window_valid(mask, kernel=3, rule="any")
    with pytest.raises(ValueError, match="anchor"):
        window_valid(mask, kernel=3, stride=2, padding="same")


@pytest.mark.parametrize("stride, dilation", [(1, 1), (2, 1), (2, 2)])
@pytest.mark.parametrize("padding", ["valid", "same", "causal", 2])
def test_symbolic_shapes_agree(stride, dilation, padding):
    """Convolution, pools and masks have one formula for the number of windows."""
    batch, time = symbolic_shape("batch, time")
    x, sizes = jax.ShapeDtypeStruct((batch, time, 3), "float32"), None
    window = {"stride": stride, "dilation": dilation, "padding": padding}
    if padding == "same" and stride > 1:
        sizes = jax.ShapeDtypeStruct((batch,), "int32")

    def shapes(x, sizes):
        where = x[..., :1] > 0
        pools = (pooling.max_pool, pooling.avg_pool, pooling.pnorm_pool)
        yield from (p(x, kernel=3, **window, where=where, sizes=sizes) for p in pools)
        yield conv(x, jnp.ones((3, 3, 3), "float32"), **window, sizes=sizes)
        yield window_valid(x > 0, kernel=3, **window, rule="anchor", axis=1)
        if sizes is None:
            yield window_valid(x > 0, kernel=3, **window, axis=1)

    assert len({out.shape for out in jax.eval_shape(lambda *a: list(shapes(*a)), x, sizes)}) == 1
