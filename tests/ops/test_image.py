"""What no record shows of sd.image."""

from __future__ import annotations

from enum import Enum

import numpy as np
import pytest

from samediff_py import SameDiff
from samediff_py.foundation.errors import GraphError, MaskError

RNG = np.random.default_rng(0)


class ImageResizeMethod(Enum):
    ResizeLanczos3 = 0


def images(sd, *dims):
    return sd.placeholder("image", dims, mask="image_mask")


@pytest.mark.parametrize(
    "method", [ImageResizeMethod.ResizeLanczos3, "ResizeLanczos3", "RESIZELANCZOS3", "lanczos3"]
)
def test_methods_of_resizing_by_all_their_names(method):
    sd = SameDiff.create()
    x, size = sd.placeholder("x", ("batch", 4, 5, 1)), sd.constant(np.array([2, 3]))
    java, python = (
        sd.image().imageResize("a", x, size, method),
        sd.image.image_resize(x, (2, 3), method=method),
    )
    for y in (java, python):
        assert y.shape[1:] == (2, 3, 1)
        assert dict(sd.graph.makers[y.name].args)["method"] == "lanczos3"


def test_the_misspelt_method_of_older_releases():
    sd = SameDiff.create()
    x, size = sd.placeholder("x", (1, 4, 5, 1)), sd.constant(np.array([2, 3]))
    sd.image().imageResize("a", x, size, False, True, "ResizeMitchelcubic")
    assert dict(sd.graph.makers["a"].args)["method"] == "mitchellcubic"
    with pytest.raises(GraphError, match="bilinear, bicubic"):
        sd.image().imageResize(x, size, "ResizeBest")


def test_sizes_must_be_known():
    sd = SameDiff.create()
    x, size = sd.placeholder("x", (1, 4, 5, 1)), sd.placeholder("size", (2,), "int32")
    with pytest.raises(GraphError, match="'size' stands for sizes"):
        sd.image.image_resize(x, size)
    doubled = sd.constant(np.array([2, 3])) * 2
    assert sd.image.image_resize(x, doubled).shape == (1, 4, 6, 1)


def test_padding_as_a_matrix_of_either_order():
    sd = SameDiff.create()
    x = sd.constant(np.arange(3.0))
    widths = sd.constant(np.array([[1, 2]]))
    java = sd.image().pad("a", x, widths, "SYMMETRIC", 0.0)
    python = sd.image.pad(x, [(1, 2)], value=7.0)
    np.testing.assert_array_equal(java.eval(), [0, 0, 1, 2, 2, 1])
    np.testing.assert_array_equal(python.eval(), [7, 0, 1, 2, 7, 7])


# Padding.


def test_images_of_different_height_cannot_be_resized():
    sd = SameDiff.create()
    x = images(sd, "batch", "height", 5, 3)
    for resize in (
        lambda: sd.image.image_resize(x, (4, 4)),
        lambda: sd.image.resize_bi_linear(x, 4, 4),
        lambda: sd.image.resize_bi_cubic(x, (4, 4)),
        lambda: sd.image.random_crop(x, (-1, 2, 2, 3)),
    ):
        with pytest.raises(MaskError, match=r"'image' whole along axes \[1"):
            resize()


def test_a_missing_image_stays_missing():
    sd = SameDiff.create()
    x = images(sd, "batch", 4, 5, 3)
    for y in (
        sd.image.image_resize(x, (2, 2)),
        sd.image.extract_image_patches(x, kernel=2),
        sd.image.random_crop(x, (-1, 2, 2, 3)),
        sd.image.rgb_to_hsv(x),
        sd.image.adjust_contrast(x, 2.0),
    ):
        assert str(y.mask) == "image_mask@0"


def test_colours_of_a_sequence():
    sd = SameDiff.create()
    x = images(sd, "batch", "time", 3)
    y = sd.image.adjust_hue(sd.image.adjust_saturation(x, 0.5), 0.1)
    assert str(y.mask) == "image_mask@0,1"
    rows = [RNG.uniform(size=(n, 3)).astype("float32") for n in (4, 2)]
    y.mean("time", name="colour")
    together = sd.output({"image": rows}, "colour")["colour"]
    for row, got in zip(rows, together, strict=True):
        alone = sd.output({"image": [row]}, "colour")["colour"][0]
        np.testing.assert_allclose(got, alone, rtol=1e-6)


def test_a_colour_must_be_whole():
    sd = SameDiff.create()
    x = sd.placeholder("image", (4, 3))
    channels = sd.constant(np.array([True, True, False]))
    with pytest.raises(MaskError, match="'with_mask' whole along axes"):
        sd.image.rgb_to_yuv(x.with_mask(channels))


def test_contrast_of_images_of_different_height():
    sd = SameDiff.create()
    sd.image.adjust_contrast(images(sd, "batch", "height", 2, 1), 3.0, name="y")
    rows = [RNG.uniform(size=(n, 2, 1)).astype("float32") for n in (5, 2)]
    together = sd.output({"image": rows}, "y")["y"]
    for row, got in zip(rows, together, strict=True):
        middle = row.mean((0, 1))
        np.testing.assert_allclose(got[: len(row)], (row - middle) * 3 + middle, rtol=1e-4)


def test_boxes_of_missing_images_are_missing():
    sd = SameDiff.create()
    x = images(sd, "batch", 4, 5, 1)
    boxes, numbers = sd.placeholder("boxes", ("n", 4)), sd.placeholder("of", ("n",), "int32")
    crops = sd.image.crop_and_resize(x, boxes, numbers, (2, 2))
    crops.mean(name="all")
    feeds = {
        "image": np.ones((2, 4, 5, 1)),
        "image_mask": np.array([True, False]),
        "boxes": np.array([[0, 0, 1, 1.0]] * 3),
        "of": np.array([0, 1, 0]),
    }
    assert sd.output(feeds, "all")["all"] == 1


def test_random_windows_are_those_of_the_image_alone():
    sd = SameDiff.create()
    x = images(sd, "batch", 6, 7, 1)
    sd.image.random_crop(x, ("batch", 3, 3, 1), name="crop")
    whole = RNG.uniform(size=(3, 6, 7, 1)).astype("float32")
    together = sd.output({"image": whole, "image_mask": True}, "crop")["crop"]
    for row, got in zip(whole, together, strict=True):
        alone = sd.output({"image": row[None], "image_mask": True}, "crop")["crop"][0]
        np.testing.assert_array_equal(got, alone)


def test_as_many_boxes_as_are_chosen():
    sd = SameDiff.create()
    boxes = sd.placeholder("boxes", ("n", 4), mask="boxes_mask")
    scores = sd.placeholder("scores", ("n",), mask="boxes_mask")
    sd.image.non_max_suppression(boxes, scores, 10, 0.5, name="chosen")
    squares = np.array([[0, 0, 2, 2], [0, 0, 2, 1.9], [5, 5, 6, 6], [8, 8, 9, 9]])
    feeds = {
        "boxes": squares,
        "scores": np.array([0.5, 0.9, 0.1, 0.7]),
        "boxes_mask": np.array([True, True, True, False]),
    }
    assert sd.output(feeds, "chosen")["chosen"].tolist() == [1, 2]
