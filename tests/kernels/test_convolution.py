from functools import partial
from itertools import product

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.export import symbolic_shape
from jax.test_util import check_grads

from samediff_py.kernels import convolution
from samediff_py.kernels.windows import align_rows, window_padding

conv1d = jax.jit(convolution.conv, static_argnames=("stride", "padding", "dilation", "data_format"))
RNG = np.random.default_rng(0)
# kernel, stride, dilation, padding
WINDOWS = [
    *product((3, 4), (1, 2, 3), (1,), ("same",)),
    *((3, 2, 2, "same"), (2, 3, 3, "same"), (1, 2, 1, "same"), (1, 3, 1, "same")),
    *((3, 1, 2, "causal"), (2, 2, 1, "causal"), (3, 1, 1, "valid"), (2, 2, 2, "valid")),
    *((3, 1, 1, 1), (4, 3, 1, 2), (1, 2, 1, 3)),
]


@pytest.fixture(autouse=True)
def x64():
    with jax.enable_x64(True):
        yield


def reference(x, weights, stride, padding, dilation):
    """One row [time, in], position by position, from the definition of the paddings."""
    size, kernel = len(x), len(weights)
    reach = (kernel - 1) * dilation + 1
    if padding in ("same", "causal"):
        count = -(-size // stride)
        lack = (count - 1) * stride + reach - size
        before = reach - 1 if padding == "causal" else int(lack / 2)
    else:
        before = 0 if padding == "valid" else padding
        count = max(0, (size + 2 * before - reach) // stride + 1)
    out = np.zeros((count, weights.shape[2]))
    for j, k in product(range(count), range(kernel)):
        at = j * stride + k * dilation - before
        if 0 <= at < size:
            out[j] += x[at] @ weights[k]
    return out


@pytest.mark.parametrize("kernel, stride, dilation, padding", WINDOWS)
def test_every_row_is_what_it_is_alone(kernel, stride, dilation, padding):
    sizes, weights = np.array([11, 10, 8, 7, 5, 1, 0]), RNG.normal(size=(kernel, 3, 2))
    rows, bias = [RNG.normal(size=(n, 3)) for n in sizes], RNG.normal(size=2)
    x = np.stack([np.pad(row, ((0, 11 - len(row)), (0, 0))) for row in rows])
    window = {"stride": stride, "padding": padding, "dilation": dilation}
    batch = conv1d(x, weights, bias, **window, sizes=jnp.asarray(sizes))
    alone = [reference(row, weights, **window) + bias for row in rows]
    for result, expected in zip(batch, alone, strict=True):
        np.testing.assert_allclose(result[: len(expected)], expected, atol=1e-12)
    for i in (0, 2):
        plain = conv1d(rows[i][None], weights, bias, **window)[0]
        np.testing.assert_allclose(plain, alone[i], atol=1e-12)


@pytest.mark.parametrize("sizes", [None, jnp.array([7, 5])])
def test_channels_first(sizes):
    x, args = RNG.normal(size=(2, 7, 3)), (RNG.normal(size=(3, 3, 2)), np.arange(2.0))
    out = conv1d(x, *args, stride=2, sizes=sizes)
    turned = conv1d(x.swapaxes(1, 2), *args, stride=2, sizes=sizes, data_format="NCW")
    np.testing.assert_allclose(turned.swapaxes(1, 2), out, atol=1e-12)


@pytest.mark.parametrize(
    "padding, sizes, data_format", [(2, None, "NWC"), ("same", jnp.array([7, 4]), "NCW")]
)
def test_gradients(padding, sizes, data_format):
    x, weights, bias = RNG.normal(size=(2, 7, 7)), RNG.normal(size=(3, 7, 2)), np.ones(2)
    window = {"stride": 2, "padding": padding, "sizes": sizes, "data_format": data_format}
    check_grads(jax.jit(partial(conv1d, **window)), (x, weights, bias), 1)


def test_same_with_a_stride_above_the_kernel_skips_both_ends():
    x = jnp.arange(6.0)[None, :, None]
    f = lambda x: conv1d(x, jnp.ones((1, 1, 1)), stride=3, padding="same")  # noqa: E731
    assert f(x).ravel().tolist() == [1, 4]
    assert jax.grad(lambda x: f(x).sum())(x).ravel().tolist() == [0, 1, 0, 0, 1, 0]
    assert window_padding(6, 1, 3, 1, "same") == (-1, -1)


def test_rows_are_shifted_by_their_own_padding():
    sizes, rows = jnp.array([5, 4]), jnp.array([[1, 2, 3, 4, 5], [1, 2, 3, 4, 0]])
    out = align_rows(rows, sizes, axis=1, kernel=4, stride=2, dilation=1)
    assert out.tolist() == [[0, 1, 2, 3, 4, 5, 0, 0], [0, 1, 2, 3, 4, 0, 0, 0]]
    out = align_rows(rows, sizes, axis=1, kernel=3, stride=2, dilation=1)
    assert out.tolist() == [[0, 1, 2, 3, 4, 5, 0], [1, 2, 3, 4, 0, 0, 0]]


def test_the_core_takes_any_number_of_axes():
    x, weights = RNG.normal(size=(1, 6, 5, 2)), RNG.normal(size=(3, 2, 2, 4))
    window = {"stride": (2, 1), "padding": ("same", 1), "dilation": (1, 2), "data_format": "NHWC"}
    out = convolution.conv(x, weights, jnp.arange(4.0), **window)
    wide = np.pad(x, ((0, 0), (0, 1), (1, 1), (0, 0)))
    taps = [[wide[:, h : h + 5 : 2, w * 2 : w * 2 + 5] for w in range(2)] for h in range(3)]
    np.testing.assert_allclose(out, np.einsum("hwnyxi,hwio->nyxo", taps, weights) + np.arange(4))


@pytest.mark.parametrize(
    "window, expected",
    [
        ({"padding": "same"}, "time"),
        ({"padding": "causal", "dilation": 2}, "time"),
        ({"padding": 2}, "time + 2"),
        ({"padding": "valid", "stride": 2}, "floordiv(time - 3, 2) + 1"),
        ({"padding": "causal", "stride": 2}, "floordiv(time - 1, 2) + 1"),
        ({"padding": "same", "stride": 2, "sizes": True}, "floordiv(time - 1, 2) + 1"),
    ],
)
def test_symbolic_shapes(window, expected):
    batch, time = symbolic_shape("batch, time")
    struct, sizes = jax.ShapeDtypeStruct, window.pop("sizes", None)
    x, weights = struct((batch, time, 3), "float32"), struct((3, 3, 5), "float32")
    sizes = struct((batch,), "int32") if sizes else None
    out = jax.eval_shape(lambda x, w, n: conv1d(x, w, sizes=n, **window), x, weights, sizes)
    assert tuple(map(str, out.shape)) == ("batch", expected, "5")


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
def test_dtype_is_kept(dtype):
    with jax.numpy_dtype_promotion("strict"):
        x, weights = jnp.ones((1, 4, 2), dtype), jnp.ones((3, 2, 1), dtype)
        sizes = jnp.array([4], "int32")
        out = conv1d(x, weights, jnp.ones(1, dtype), stride=2, sizes=sizes)
    assert out.dtype == dtype and out.ravel().tolist() == [7, 5]


@pytest.mark.parametrize(
    "change, message",
    [
        ({"padding": "full"}, "padding"),
        ({"padding": -1}, "padding"),
        ({"stride": 0}, "stride"),
        ({"data_format": "NHWC"}, "data_format"),
        ({"x": jnp.ones((4, 2))}, "axes"),
        ({"x": jnp.ones((1, 4, 3))}, "channels"),
        ({"x": jnp.ones((1, 4, 2), int)}, "floating"),
    ],
)
def test_errors(change, message):
    args = {"x": jnp.ones((1, 4, 2)), "weights": jnp.ones((3, 2, 1)), **change}
    with pytest.raises(ValueError, match=message):
        conv1d(**args)


def test_same_with_a_stride_needs_a_size():
    x = jax.ShapeDtypeStruct((1, *symbolic_shape("time"), 2), jnp.float64)
    with pytest.raises(ValueError, match="sizes"):
        jax.eval_shape(lambda x: conv1d(x, jnp.ones((3, 2, 1)), stride=2), x)
