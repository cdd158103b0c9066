import colorsys
from collections import Counter
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.export import symbolic_shape

from samediff_py.kernels import boxes, colors, image_parts, resizing

RNG = np.random.default_rng(0)
IMAGE = RNG.uniform(size=(2, 6, 9, 3))


@pytest.fixture(autouse=True)
def x64():
    with jax.enable_x64(True):
        yield


# Sizes.


@pytest.mark.parametrize("size", [(4, 5), (13, 9), (2, 20)])
@pytest.mark.parametrize("antialias", [False, True])
@pytest.mark.parametrize(
    ("method", "theirs"),
    [("bilinear", "linear"), ("bicubic", "cubic"), ("lanczos3",) * 2, ("lanczos5",) * 2],
)
def test_resizing_as_jax_does(method, theirs, antialias, size):
    ours = resizing.image_resize(IMAGE, size=size, method=method, antialias=antialias)
    want = jax.image.resize(IMAGE, (2, *size, 3), theirs, antialias=antialias)
    coarse = method == "bicubic" and not antialias  # its table has 1024 steps
    np.testing.assert_allclose(ours, want, atol=2e-3 if coarse else 1e-9)


@pytest.mark.parametrize("method", resizing.METHODS)
@pytest.mark.parametrize("size", [(1, 1), (3, 17), (6, 9)])
def test_a_plain_image_stays_plain(method, size):
    for antialias in (False, True):
        how = {"size": size, "method": method, "antialias": antialias}
        np.testing.assert_allclose(resizing.image_resize(jnp.full((4, 5, 1), 7.0), **how), 7)


@pytest.mark.parametrize("method", ["nearest", "area", "bilinear", "bicubic", "lanczos3"])
def test_the_same_size_is_the_same_image(method):
    same = resizing.image_resize(IMAGE, size=(6, 9), method=method)
    np.testing.assert_allclose(same, IMAGE, atol=1e-12)


def test_a_tap_at_the_edge_of_the_kernel_is_out_in_every_precision():
    """At 4 -> 7 one point lies exactly 1.5 pixels from two others."""
    resize = jax.jit(lambda x: resizing.image_resize(x, size=(7, 8), method="gaussian"))
    for dtype, close in (("float64", 1e-12), ("float32", 1e-6)):
        row = resize(jnp.eye(4, dtype=dtype)[:, None, :])[3, 0]
        want = np.array([0, 1, 1, 0]) * 0.5
        np.testing.assert_allclose(row, want, atol=close)


def test_area_is_the_mean_over_what_a_pixel_covers():
    image = np.arange(5.0)[None, :, None]
    got = resizing.image_resize(image, size=(1, 2), method="area")[0, :, 0]
    np.testing.assert_allclose(got, [(0 + 1 + 2 / 2) / 2.5, (2 / 2 + 3 + 4) / 2.5])


def test_nearest_takes_pixels_as_they_are():
    image = jnp.array([[3, 250], [7, 9]], "uint8")[..., None]
    big = resizing.image_resize(image, size=(4, 4), method="nearest")
    assert big.dtype == "uint8"
    np.testing.assert_array_equal(big[..., 0], np.repeat(np.repeat(image[..., 0], 2, 0), 2, 1))


@pytest.mark.parametrize(
    ("size", "want"),
    [((12, 100), (12, 18)), ((100, 18), (12, 18)), ((4, 4), (3, 4)), ((1, 9), (1, 2))],
)
def test_proportions_are_kept_within_the_size(size, want):
    assert resizing.image_resize(IMAGE, size=size, preserve_aspect_ratio=True).shape[1:3] == want


def test_edges():
    """Corner pixels stay corners; one row or column is that of the beginning."""
    linear = partial(resizing.resize_bi_linear, height=11, width=17, align_corners=True)
    np.testing.assert_allclose(jax.jit(linear)(IMAGE)[:, ::2, ::2], IMAGE)
    cubic = partial(resizing.resize_bi_cubic, size=(1, 1), align_corners=True)
    np.testing.assert_allclose(jax.jit(cubic)(IMAGE), IMAGE[:, :1, :1])


def test_types():
    for resize in (
        lambda x: resizing.image_resize(x, size=(3, 4)),
        lambda x: resizing.resize_bi_linear(x, height=3, width=4),
        lambda x: resizing.resize_bi_cubic(x, size=(3, 4)),
        lambda x: colors.adjust_contrast(x, factor=2.0),
        colors.rgb_to_hsv,
    ):
        for dtype in ("float16", "bfloat16", "float32", "float64"):
            assert jax.eval_shape(resize, IMAGE.astype(dtype)).dtype == dtype
        assert jax.eval_shape(resize, (255 * IMAGE).astype("uint8")).dtype == "float32"


def test_heights_and_widths_may_be_named():
    batch, height, width = symbolic_shape("b, h, w")
    image = jax.ShapeDtypeStruct((batch, height, width, 3), "float32")

    def shape(function, **how):
        return jax.eval_shape(lambda x: function(x, **how), image).shape

    for method in resizing.METHODS:
        how = {"size": (4, 5), "method": method, "antialias": True}
        assert shape(resizing.image_resize, **how) == (batch, 4, 5, 3)
    assert shape(resizing.resize_bi_linear, height=2, width=3) == (batch, 2, 3, 3)
    assert shape(resizing.resize_bi_cubic, size=(2, 3)) == (batch, 2, 3, 3)
    with pytest.raises(ValueError, match="proportions"):
        shape(resizing.image_resize, size=(2, 2), preserve_aspect_ratio=True)


# Colours.


def test_hue_as_python_has_it():
    pixels = np.concatenate([RNG.uniform(size=(50, 3)), np.eye(3), np.zeros((1, 3))])
    want = [colorsys.rgb_to_hsv(*pixel) for pixel in pixels]
    hsv = colors.rgb_to_hsv(pixels)
    np.testing.assert_allclose(hsv, want, atol=1e-12)
    np.testing.assert_allclose(colors.hsv_to_rgb(hsv), pixels, atol=1e-12)
    yiq = [colorsys.rgb_to_yiq(*pixel) for pixel in pixels]
    np.testing.assert_allclose(colors.rgb_to_yiq(pixels), yiq, atol=0.02)  # other constants


def test_a_whole_turn_changes_nothing():
    for turns in (-1.0, 0.0, 2.0):
        np.testing.assert_allclose(colors.adjust_hue(IMAGE, delta=turns), IMAGE, atol=1e-12)
    np.testing.assert_allclose(colors.hsv_to_rgb(jnp.array([1.0, 1.0, 1.0])), [1, 0, 0])


def test_gradients_are_finite_at_grey_black_and_ties():
    pixels = np.array([(0, 0, 0), (1, 1, 1), (0.5, 0.5, 0.2), (1, 0, 0), (-1, -1, -1)], float)

    @jax.jit
    @jax.grad
    def slope(x):
        adjusted = (colors.adjust_hue(x, delta=0.2), colors.adjust_saturation(x, factor=0.5))
        return sum(y.sum() for y in (*adjusted, colors.rgb_to_hsv(x), colors.hsv_to_rgb(x)))

    assert np.isfinite(slope(pixels)).all()


def test_the_mean_of_a_contrast_is_that_of_its_image():
    plain = jnp.full((4, 4, 2), 3.0)
    np.testing.assert_allclose(colors.adjust_contrast(plain, factor=9.0), plain)


# Parts.


def test_a_box_of_no_image_is_extrapolated():
    whole = np.array([[0, 0, 1, 1]] * 3)
    how = {"crop_out_size": (6, 9), "extrapolation_value": -1.0}
    crop = jax.jit(partial(image_parts.crop_and_resize, **how))
    crops = crop(IMAGE, whole, np.array([1, 2, -1]))
    np.testing.assert_allclose(crops[0], IMAGE[1])
    np.testing.assert_array_equal(crops[1:], -1)


def test_every_window_is_as_likely():
    image = jnp.arange(12).reshape(3, 4)
    crop = jax.jit(jax.vmap(lambda key: image_parts.random_crop(image, shape=(2, 3), key=key)))
    corners = Counter(np.asarray(crop(jax.random.split(jax.random.key(1), 4000)))[:, 0, 0].tolist())
    assert set(corners) == {0, 1, 4, 5}
    np.testing.assert_allclose(list(corners.values()), 1000, atol=120)


# Boxes.


def chosen(boxes, scores, count, most, least):
    """The definition, box by box."""

    def area(box):
        return np.prod(np.maximum(box[2:] - box[:2], 0))

    def overlap(a, b):
        common = area(np.concatenate([np.maximum(a[:2], b[:2]), np.minimum(a[2:], b[2:])]))
        return common / (area(a) + area(b) - common)

    left = [int(i) for i in np.argsort(-scores, kind="stable") if scores[i] >= least]
    taken = []
    while left and len(taken) < count:
        best = left.pop(0)
        taken.append(best)
        left = [i for i in left if not overlap(boxes[best], boxes[i]) > most]
    return taken


@pytest.mark.parametrize("seed", range(5))
def test_suppression_by_the_definition(seed):
    rng = np.random.default_rng(seed)
    corner = rng.uniform(size=(20, 2))
    found = np.concatenate([corner, corner + rng.uniform(0.1, 0.5, (20, 2))], 1)
    scores = rng.integers(0, 8, 20) / 8
    flipped = np.where(rng.random((20, 1)) < 0.5, found, np.roll(found, 2, axis=1))
    numbers, real = boxes.non_max_suppression(
        flipped, scores, max_out_size=9, iou_threshold=0.3, score_threshold=0.25
    )
    assert np.asarray(numbers)[np.asarray(real)].tolist() == chosen(found, scores, 9, 0.3, 0.25)


def test_boxes_without_area_cover_nothing():
    points = jnp.zeros((3, 4))
    _, real = boxes.non_max_suppression(
        points, jnp.ones(3), max_out_size=5, iou_threshold=0.0, score_threshold=0.0
    )
    assert real.tolist() == [True] * 3 + [False] * 2
