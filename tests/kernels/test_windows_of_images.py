"""Transposed convolutions, patches, moves of positions, responses: each against its definition."""

from functools import partial
from itertools import product

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.export import symbolic_shape
from jax.test_util import check_grads

from samediff_py.kernels import convolution, deconvolution, patches, spaces
from samediff_py.kernels.responses import local_response_normalization

RNG = np.random.default_rng(0)
GRID = list(product((1, 2, 3), (1, 2, 3), (1, 2), ("same", "valid", 1)))


@pytest.fixture(autouse=True)
def x64():
    with jax.enable_x64(True):
        yield


def spread(row, weights, stride, padding, dilation):
    """One row [n, in]: every position adds x * weights [kernel, out, in] to what it reaches."""
    n, (kernel, out, _) = len(row), weights.shape
    reach = (kernel - 1) * dilation + 1
    full = np.zeros((max((n - 1) * stride + reach, n * stride, 0) + 1, out))
    for i, k in product(range(n), range(kernel)):
        full[i * stride + k * dilation] += weights[k] @ row[i]
    if padding == "same":
        before = int((reach - stride) / 2)
        full = np.pad(full, ((max(-before, 0), n * stride), (0, 0)))
        return full[max(before, 0) :][: n * stride]
    cut = 0 if padding == "valid" else padding
    return full[cut : max((n - 1) * stride + reach - cut, cut)] if n else full[:0]


@pytest.mark.parametrize("kernel, stride, dilation, padding", GRID)
def test_transposed_rows_are_what_they_are_alone(kernel, stride, dilation, padding):
    sizes, weights = [4, 2, 1, 0], RNG.normal(size=(kernel, 1, 2, 3))
    rows = [RNG.normal(size=(n, 3)) for n in sizes]
    x = np.stack([np.pad(row, ((0, 4 - len(row)), (0, 0))) for row in rows])[:, :, None]
    window = {"stride": (stride, 1), "padding": (padding, 0), "dilation": (dilation, 1)}
    out = jax.jit(partial(deconvolution.deconv, **window))(x, weights)[:, :, 0]
    mask = np.arange(4) < np.array(sizes)[:, None]
    along = {"kernel": kernel, "stride": stride, "padding": padding, "dilation": dilation}
    valid = jax.jit(partial(deconvolution.spread_valid, **along, axis=1))(mask)
    assert valid.shape == out.shape[:2]
    for row, got, real in zip(rows, out, valid, strict=True):
        want = spread(row, weights[:, 0], stride, padding, dilation)
        assert real.tolist() == [True] * len(want) + [False] * (len(real) - len(want))
        np.testing.assert_allclose(got[: len(want)], want, atol=1e-12)


def test_what_a_missing_position_reaches_is_missing():
    mask = jnp.array([1, 0, 1, 0], bool)
    window = {"kernel": 2, "stride": 2, "dilation": 1, "padding": "valid", "axis": 0}
    got = deconvolution.spread_valid(mask, **window)
    assert got.tolist() == [True, True, False, False, True, True, False, False]


def test_transposed_is_the_transpose_of_a_convolution():
    x, weights = RNG.normal(size=(1, 3, 4, 2)), RNG.normal(size=(3, 2, 3, 2))
    window = {"stride": (2, 1), "padding": 1, "data_format": "NHWC"}
    image = jax.ShapeDtypeStruct((1, 5, 3, 3), x.dtype)
    forward = lambda image: convolution.conv(image, weights, **window)  # noqa: E731
    (want,) = jax.linear_transpose(forward, image)(jnp.asarray(x))
    np.testing.assert_allclose(deconvolution.deconv(x, weights, **window), want, atol=1e-12)


def test_channels_by_themselves():
    x, weights = RNG.normal(size=(1, 4, 5, 2)), RNG.normal(size=(2, 3, 2, 3))
    window = {"stride": (1, 2), "data_format": "NHWC"}
    whole = np.zeros((2, 3, 2, 6))
    for c, j in product(range(2), range(3)):
        whole[:, :, c, 3 * c + j] = weights[:, :, c, j]
    out = convolution.depthwise_conv(x, weights, np.arange(6.0), **window)
    want = convolution.conv(x, whole, np.arange(6.0), **window)
    np.testing.assert_allclose(out, want, atol=1e-12)


@pytest.mark.parametrize("layout, axes", [("OIYX", (3, 2, 0, 1)), ("OYXI", (3, 0, 1, 2))])
def test_layouts_of_weights(layout, axes):
    x, weights = RNG.normal(size=(1, 4, 5, 2)), RNG.normal(size=(3, 2, 2, 4))
    turned = convolution.conv(
        x, weights.transpose(axes), data_format="NHWC", weights_format=layout, kernel=(3, 2)
    )
    np.testing.assert_allclose(turned, convolution.conv(x, weights, data_format="NHWC"), atol=1e-12)


@pytest.mark.parametrize("sizes", [(4, 5), (1, 1), (2, 7)])
def test_columns_are_what_a_convolution_weighs(sizes):
    x, weights = RNG.normal(size=(2, 3, *sizes)), RNG.normal(size=(2, 3, 3, 4))
    for padding in ("same", "valid", "causal", (1, 2)):
        window = {"stride": (1, 2), "padding": padding, "dilation": (2, 1), "data_format": "NCHW"}
        columns = jax.jit(partial(patches.im2col, kernel=(2, 3), **window))(x)
        want = jax.jit(partial(convolution.conv, **window))(x, weights)
        np.testing.assert_allclose(
            np.einsum("ncijyx,ijco->noyx", columns, weights), want, atol=1e-12
        )
        window.pop("data_format")
        if padding != "causal":
            cut = jax.jit(partial(patches.image_patches, kernel=(2, 3), **window))
            seen = cut(x.transpose(0, 2, 3, 1))
            flat = columns.transpose(0, 4, 5, 2, 3, 1)
            np.testing.assert_array_equal(seen, flat.reshape(*flat.shape[:3], 18))


def test_the_number_of_windows_is_known_for_sizes_that_are_not():
    batch, height = symbolic_shape("batch, height")
    x = jax.ShapeDtypeStruct((batch, 2, height, 5), "float32")
    for padding in ("valid", "causal", 1):
        window = {"kernel": 3, "stride": 2, "padding": padding, "data_format": "NCHW"}
        columns = jax.eval_shape(lambda x, w=window: patches.im2col(x, **w), x)
        weights = jax.ShapeDtypeStruct((3, 3, 2, 1), "float32")
        window.pop("kernel")
        conv = jax.eval_shape(lambda x, k, w=window: convolution.conv(x, k, **w), x, weights)
        assert columns.shape[-2:] == conv.shape[-2:]


def test_columns_add_up_to_an_image_and_have_gradients():
    x = RNG.normal(size=(1, 2, 2, 3, 3, 3))
    image = patches.col2im(x, size=(4, 5))
    want = np.zeros((1, 2, 4, 5))
    for i, j in product(range(2), range(3)):
        want[:, :, i : i + 3, j : j + 3] += x[:, :, i, j]
    np.testing.assert_allclose(image, want)
    check_grads(jax.jit(lambda x: patches.col2im(x, size=(4, 5)) ** 2), (x,), 1, modes=["rev"])


def test_grey_dilation():
    x, weights = RNG.normal(size=(1, 3, 4, 2)), RNG.normal(size=(2, 2, 2))
    padded = np.pad(x, ((0, 0), (0, 1), (0, 1), (0, 0)), constant_values=-np.inf)
    taps = [padded[:, i : i + 3, j : j + 4] + weights[i, j] for i in (0, 1) for j in (0, 1)]
    np.testing.assert_allclose(patches.dilation2d(x, weights), np.max(taps, 0))
    where = jnp.zeros((1, 3, 4, 1), bool)
    total = lambda x, w: patches.dilation2d(x, w, where=where).sum()  # noqa: E731
    for gradient in jax.grad(total, (0, 1))(jnp.asarray(x), jnp.asarray(weights)):
        assert not gradient.any()
    check_grads(jax.jit(patches.dilation2d), (x, weights), 1, modes=["rev"])


@pytest.mark.parametrize("data_format", ["NHWC", "NCHW"])
def test_moves_of_positions_are_undone(data_format):
    x = RNG.normal(size=(2, 6, 6, 4))
    how = {"block": 2, "data_format": data_format}
    deep = spaces.space_to_depth(x, **how)
    np.testing.assert_array_equal(spaces.depth_to_space(deep, **how), x)
    if data_format == "NHWC":
        assert deep[0, 1, 2, 6] == x[0, 2, 5, 2]  # row 0, column 1 of the block, channel 2
    many = spaces.space_to_batch(x, blocks=(2, 3), pad_height=(1, 1), pad_width=(2, 1))
    assert many[3 * 2 + 1, 2, 1, 3] == x[1, 4, 1, 3]  # block row 1, block column 0, example 1
    crops = {"crop_height": (1, 1), "crop_width": (2, 1)}
    np.testing.assert_array_equal(spaces.batch_to_space(many, blocks=(2, 3), **crops), x)


def test_responses():
    x = RNG.normal(size=(2, 3, 5))
    window = [(x[..., max(i - 2, 0) : i + 3] ** 2).sum(-1) for i in range(5)]
    options = {"depth": 2, "alpha": 0.3, "beta": 0.6, "bias": 1.5}
    want = x / (1.5 + 0.3 * np.stack(window, -1)) ** 0.6
    np.testing.assert_allclose(local_response_normalization(x, **options), want)
    gradient = jax.grad(lambda x: local_response_normalization(x, depth=1, bias=0.0).sum())
    assert np.isfinite(gradient(jnp.zeros((2, 4)))).all()
    half = local_response_normalization(jnp.ones((2, 4), "bfloat16"), depth=1)
    assert half.dtype == jnp.bfloat16


def test_patches_of_integers_with_zeros_around():
    image = jnp.arange(1, 5).reshape(1, 2, 2, 1)
    got = patches.image_patches(image, kernel=3, padding="same")
    assert got.dtype == image.dtype
    np.testing.assert_array_equal(got[0, 0, 0], [0, 0, 0, 0, 1, 2, 0, 3, 4])


def test_strides_wider_than_windows_need_no_padding():
    image = jnp.arange(5.0)[None, :, None, None]
    how = {"kernel": 1, "stride": (3, 1), "padding": "same"}
    np.testing.assert_array_equal(patches.image_patches(image, **how).ravel(), [0, 3])
