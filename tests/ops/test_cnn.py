"""sd.cnn in small models: images of different height and width, configs as Java writes them, and
what is refused."""

import jax
import numpy as np
import pytest

from samediff_py import SameDiff, configs
from samediff_py.foundation.errors import GraphError, MaskError

RNG = np.random.default_rng(0)
SIZES = [(6, 4), (4, 6), (2, 2)]
IMAGES = [RNG.normal(size=(h, w, 2)).astype("float32") for h, w in SIZES]
W = {
    "conv": RNG.normal(size=(3, 2, 2, 3)).astype("float32"),
    "grey": RNG.normal(size=(2, 2, 2)).astype("float32"),
}


@pytest.fixture(autouse=True)
def exact():
    with jax.default_matmul_precision("highest"):
        yield


def batch(garbage=0.0):
    """All images in one array, and which of its positions are real."""
    x, mask = np.full((3, 6, 6, 2), garbage, "float32"), np.zeros((3, 6, 6), bool)
    for row, (image, (h, w)) in enumerate(zip(IMAGES, SIZES, strict=True)):
        x[row, :h, :w], mask[row, :h, :w] = image, True
    return x, mask


OPS = {
    "same": lambda sd, x: sd.cnn.conv2d(x, W["conv"], np.arange(3.0, dtype="float32")),
    "causal": lambda sd, x: sd.cnn.conv2d(x, W["conv"], padding="causal", stride=(2, 1)),
    "valid": lambda sd, x: sd.cnn.conv2d(x, W["grey"][..., None], padding="valid", stride=2),
    "border": lambda sd, x: sd.cnn.conv2d(x, W["conv"], padding=(2, 1), stride=(1, 2)),
    "depthwise": lambda sd, x: sd.cnn.depthwise_conv2d(x, W["conv"], dilation=(1, 2)),
    "transposed": lambda sd, x: sd.cnn.deconv2d(x, W["conv"].swapaxes(2, 3), stride=2),
    "transposed, cut": lambda sd, x: sd.cnn.deconv2d(
        x, W["conv"].swapaxes(2, 3), stride=(2, 3), padding=(1, 0)
    ),
    "max": lambda sd, x: sd.cnn.max_pooling2d(x, kernel=2),
    "mean": lambda sd, x: sd.cnn.avg_pooling2d(x, kernel=3, stride=1, padding="same"),
    "mean with border": lambda sd, x: sd.cnn.avg_pooling2d(
        x, kernel=2, stride=1, padding=1, include_padding=True
    ),
    "grey": lambda sd, x: sd.cnn.dilation2d(x, W["grey"]),
    "patches": lambda sd, x: sd.cnn.extract_image_patches(x, kernel=2),
    "upsampling": lambda sd, x: sd.cnn.upsampling2d(x, scale=(2, 3)),
    "depth": lambda sd, x: sd.cnn.space_to_depth(x, block=2),
    "responses": lambda sd, x: sd.cnn.local_response_normalization(x, depth=1),
}


def two_masks(sd):
    x = sd.placeholder("x", ("batch", "height", "width", 2))
    rows = sd.placeholder("rows", ("batch", "height"), dtype="bool")
    columns = sd.placeholder("columns", ("batch", "width"), dtype="bool")
    return x.with_mask(rows).with_mask(columns)


def one_mask(sd):
    return sd.placeholder("x", ("batch", "height", "width", 2), mask="mask")


@pytest.mark.parametrize("declare", [one_mask, two_masks])
@pytest.mark.parametrize("op", OPS)
def test_images_of_different_height_and_width(op, declare):
    """The mean over what is real is that of each image alone, whatever stands in the padding."""
    sd, plain = SameDiff.create(), SameDiff.create()
    OPS[op](sd, declare(sd) + 1.0).mean((1, 2), name="mean")
    x = plain.placeholder("x", (1, "height", "width", 2))
    OPS[op](plain, x + 1.0).mean((1, 2), name="mean")
    alone = [plain.output({"x": image[None]}, "mean")["mean"][0] for image in IMAGES[:2]]
    for garbage in (0.0, 1e9):
        x, mask = batch(garbage)
        fed = {"x": x, "mask": mask}
        if declare is two_masks:
            fed = {"x": x, "rows": mask.any(2), "columns": mask.any(1)}
        got = sd.output(fed, "mean")["mean"]
        np.testing.assert_allclose(got[:2], alone, rtol=2e-5, atol=2e-5)


def test_a_stride_of_same_over_images_of_any_size():
    """Nothing is padded, so nothing depends on a row's own length."""
    sd = SameDiff.create()
    x = sd.placeholder("x", ("batch", "height", "width", 2))
    y = sd.cnn.conv2d(x, W["conv"], stride=2)
    assert str(y.shape[2]) == "floordiv(width - 1, 2) + 1"
    sd.cnn.max_pooling2d(y, kernel=2, padding="same", name="y")
    assert sd.output({"x": np.ones((1, 7, 4, 2), "float32")}, "y")["y"].shape == (1, 2, 1, 3)


def test_frames_of_videos_of_different_length():
    sd = SameDiff.create()
    x = sd.placeholder("x", ("batch", "time", 4, 4, 1), mask="mask")
    w = RNG.normal(size=(3, 2, 2, 1, 2)).astype("float32")
    y = sd.cnn.conv3d(x, w, stride=(2, 1, 1), name="y")
    y.mean((1, 2, 3), name="mean")
    films = [RNG.normal(size=(n, 4, 4, 1)).astype("float32") for n in (5, 4, 1)]
    together = sd.output({"x": films}, "mean")["mean"]
    for film, mean in zip(films, together, strict=True):
        alone = sd.output({"x": [film]}, "mean")["mean"][0]
        np.testing.assert_allclose(alone, mean, rtol=1e-4, atol=1e-5)


REFUSED = {
    "starts where the padded length says": lambda sd, x: sd.cnn.conv2d(x, W["conv"], stride=2),
    "numbers the elements of each": lambda sd, x: sd.cnn.max_pool_with_argmax(x, kernel=2),
    "needs 'x' whole along axes": lambda sd, x: sd.cnn.space_to_batch(x, blocks=2),
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_padding_would_change_is_refused(text):
    sd = SameDiff.create()
    with pytest.raises(MaskError, match=text):
        REFUSED[text](sd, one_mask(sd))


def test_blocks_that_the_sizes_of_images_do_not_fill():
    sd = SameDiff.create()
    x = sd.placeholder("x", ("batch", "height", 4, 1))
    sd.cnn.space_to_depth(x, block=2, name="y")
    with pytest.raises(ValueError, match="the 3 positions of axis 1 are no multiple of 2"):
        sd.output({"x": np.ones((1, 3, 4, 1), "float32")}, "y")
    assert sd.output({"x": np.ones((1, 6, 4, 1), "float32")}, "y")["y"].shape == (1, 3, 2, 4)


# Java's spelling.


def test_configs_as_java_writes_them():
    sd = SameDiff.create()
    x, w = sd.placeholder("x", (-1, 2, 5, 5)), sd.var("w", W["conv"].transpose(3, 2, 0, 1))
    builder = configs.Conv2DConfig.builder().kH(3).kW(2).sH(2)
    config = builder.paddingMode(configs.PaddingMode.SAME).weightsFormat("OIYX").build()
    y = sd.cnn().conv2d("y", x, w, config)
    assert y.name == "y" and y.shape[1:] == (3, 3, 5)
    top, place = sd.cnn().maxPoolWithArgmax(
        ["top", "place"], y, configs.Pooling2DConfig(kH=2, kW=2, sH=2, sW=2)
    )
    assert (top.name, place.name, place.dtype) == ("top", "place", "int32")
    deep = sd.cnn().spaceToDepth(sd.placeholder("z", (-1, 2, 4, 4)), 2, configs.DataFormat.NCHW)
    assert deep.shape[1:] == (8, 2, 2)


def images(sd, *shape):
    return sd.placeholder("x", (-1, *shape))


WRONG = {
    "depthwise_conv2d has no weights_format": lambda sd: sd.cnn().depthWiseConv2d(
        images(sd, 2, 5, 5), W["conv"], configs.Conv2DConfig(weightsFormat="OIYX")
    ),
    "max_pooling2d has no include_padding": lambda sd: sd.cnn().maxPooling2d(
        images(sd, 2, 5, 5), configs.Pooling2DConfig(kH=2, kW=2, type="AVG")
    ),
    "no method of sd.cnn pools by PNORM": lambda sd: sd.cnn().avgPooling3d(
        images(sd, 2, 5, 5, 5), configs.Pooling3DConfig(kD=2, kH=2, kW=2, type="PNORM")
    ),
    "paddingMode must be one of VALID, SAME, CAUSAL, not 'FULL'": lambda sd: sd.cnn().conv2d(
        images(sd, 2, 5, 5), W["conv"], configs.Conv2DConfig(paddingMode="FULL")
    ),
    r"the kernel is \(2, 2\), and weights have \(3, 2\) taps": lambda sd: sd.cnn().conv2d(
        images(sd, 2, 5, 5), W["conv"], configs.Conv2DConfig(kH=2, kW=2)
    ),
    "kernel": lambda sd: sd.cnn().maxPooling2d(images(sd, 2, 5, 5), configs.Pooling2DConfig()),
    "columns are of images in NCHW": lambda sd: sd.cnn().im2Col(
        images(sd, 5, 5, 2), configs.Conv2DConfig(kH=2, kW=2, dataFormat="NHWC")
    ),
    "can't be called with": lambda sd: sd.cnn().upsampling3d(images(sd, 2, 2, 2, 1), True, 2, 2),
}


@pytest.mark.parametrize("text", WRONG)
def test_what_a_config_says_is_not_ignored(text):
    with pytest.raises(GraphError, match=text):
        WRONG[text](SameDiff.create())


def test_a_builder_knows_its_fields():
    with pytest.raises(AttributeError, match="Conv1DConfig has no 'kH'; it has k, s, p, d"):
        configs.Conv1DConfig.builder().kH(3)
