"""`sd.image`: colours, sizes and parts of images that lie as [.., height, width, channels]."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..kernels import boxes, colors, image_parts, resizing
from .base import BaseOps
from .cnn.spaces import SpaceOps
from .define import Case, Namespace, Spec, case, op, wrong
from .differences import NO_GRADIENT
from .rules import normalises, ragged_places
from .rules.images import crops, crops_boxes, images
from .site import Site

if TYPE_CHECKING:
    from ..variable import SDVariable
    from .types import ShapeLike, VarLike

_COLORS = (case(Spec((2, 5, 3), "probability"), padded={"image": (0, 1)}),
           case(Spec((4, 3), "probability")))  # fmt: skip
_NO_COLORS = (wrong((2, 4), match="3 coordinates"),)
_INTEGERS = ("SameDiff refuses integers; here they count as float32.", NO_GRADIENT)


def _adjusted(**how: Any) -> tuple[Case, ...]:
    return (case(Spec((2, 5, 3), "probability"), padded={"image": (0, 1)}, **how),
            case(Spec((2, 2, 3), "probability"), **how))  # fmt: skip


def _height_and_width(site: Site) -> tuple[int, ...]:
    return site.first.ndim - 3, site.first.ndim - 2


_STANDARDISES = replace(normalises(_height_and_width), axes=(-3, -2))


def _method(values: dict[str, Any], fold: Callable[[Any], Any]) -> dict[str, Any]:
    """The method by its own name: SameDiff says `ResizeBilinear`, and an older one misspelt one."""
    method = getattr(values["method"], "name", values["method"]).lower().removeprefix("resize")
    return values | {"method": method.replace("mitchelcubic", "mitchellcubic")}


class ImageOps(Namespace):
    """Ops on images [.., height, width, channels]."""

    # Colours.

    @op(colors.rgb_to_hsv, mask=images(-1), samediff="rgbToHsv", cases=_COLORS, raises=_NO_COLORS,
        differs=_INTEGERS)
    def rgb_to_hsv(self, image: VarLike, *, name: str | None = None) -> SDVariable:
        """Red, green, blue as hue in turns, saturation (max - min) / max, value max.

        Red has hue 0, green 1/3, blue 2/3, grey 0; black has saturation 0.
        """
        ...

    @op(colors.hsv_to_rgb, mask=images(-1), safe=0.5, samediff="hsvToRgb", cases=_COLORS,
        raises=_NO_COLORS, differs=_INTEGERS)
    def hsv_to_rgb(self, image: VarLike, *, name: str | None = None) -> SDVariable:
        """Hue (in turns), saturation, value as red, green, blue."""
        ...

    @op(colors.rgb_to_yiq, mask=images(-1), samediff="rgbToYiq", cases=_COLORS, raises=_NO_COLORS,
        differs=_INTEGERS)
    def rgb_to_yiq(self, image: VarLike, *, name: str | None = None) -> SDVariable:
        """Red, green, blue as luma and the two chroma coordinates of NTSC."""
        ...

    @op(colors.yiq_to_rgb, mask=images(-1), samediff="yiqToRgb", cases=_COLORS, raises=_NO_COLORS,
        differs=_INTEGERS)
    def yiq_to_rgb(self, image: VarLike, *, name: str | None = None) -> SDVariable:
        """The inverse of `rgb_to_yiq`."""
        ...

    @op(colors.rgb_to_yuv, mask=images(-1), samediff="rgbToYuv", cases=_COLORS, raises=_NO_COLORS,
        differs=_INTEGERS)
    def rgb_to_yuv(self, image: VarLike, *, name: str | None = None) -> SDVariable:
        """Red, green, blue as luma and the two chroma coordinates of PAL."""
        ...

    @op(colors.yuv_to_rgb, mask=images(-1), samediff="yuvToRgb", cases=_COLORS, raises=_NO_COLORS,
        differs=_INTEGERS)
    def yuv_to_rgb(self, image: VarLike, *, name: str | None = None) -> SDVariable:
        """The inverse of `rgb_to_yuv`."""
        ...

    @op(colors.adjust_hue, mask=images(-1), samediff="adjustHue", cases=_adjusted(delta=0.3),
        raises=(wrong((2, 4), delta=0.3, match="3 coordinates"),), differs=_INTEGERS)
    def adjust_hue(
        self, image: VarLike, delta: float, *, name: str | None = None
    ) -> SDVariable:
        """Red, green, blue with the hue turned by `delta` turns; saturation and value stay."""
        ...

    @op(colors.adjust_saturation, mask=images(-1), samediff="adjustSaturation",
        cases=_adjusted(factor=0.7),
        raises=(wrong((2, 4), factor=0.7, match="3 coordinates"),), differs=_INTEGERS)
    def adjust_saturation(
        self, image: VarLike, factor: float, *, name: str | None = None
    ) -> SDVariable:
        """Red, green, blue with the saturation times `factor`, cut to [0, 1]."""
        ...

    @op(colors.adjust_contrast, mask=_STANDARDISES, samediff="adjustContrast",
        cases=(case((2, 5, 2, 3), factor=1.5, padded={"image": (0, 1)}),
               case((2, 2, 5, 1), factor=0.5, padded={"image": (0, 2)}),
               case((3, 2, 4), factor=-1.0)),
        raises=(wrong((2, 3), factor=2.0, match="height, width"),), differs=_INTEGERS)
    def adjust_contrast(
        self, image: VarLike, factor: float, *, masked: bool = True, name: str | None = None
    ) -> SDVariable:
        """(x - m) * factor + m, with m the mean of the channel over height and width."""
        ...

    # Sizes.

    @op(resizing.image_resize, mask=images(-3, -2), samediff="imageResize", complete=_method,
        java=("image, size, preserve_aspect_ratio, antialias, method", "image, size, method"),
        cases=(case((2, 4, 5, 2), size=(3, 8), padded={"image": (0, None)}),
               case((2, 4, 5, 2), size=(3, 2), antialias=True, method="lanczos3",
                    padded={"image": (0, None)}),
               case((4, 6, 1), size=(3, 3), method="area", preserve_aspect_ratio=True)),
        raises=(wrong((2, 3), size=(2, 2), match="height, width"),
                wrong((2, 3, 1), size=(2, 2), method="best", match="bilinear, bicubic"),
                wrong((2, 3, 1), size=(2,), match="a height and a width")),
        differs=("SameDiff takes float32 of rank 4 alone, and with preserve_aspect_ratio answers "
                 "rubbish or dies where size[1] is not the width that belongs to size[0]; here "
                 "the image is the largest that fits into `size`.", NO_GRADIENT))
    def image_resize(
        self, image: VarLike, size: ShapeLike, *, preserve_aspect_ratio: bool = False,
        antialias: bool = False, method: str = "bilinear", name: str | None = None,
    ) -> SDVariable:
        """Images at another size (height, width); pixels are squares, their values at the centres.

        Methods: nearest, area (the mean over what a new pixel covers), and by the weights of the
        pixels around: bilinear, bicubic (Keys, a = -1/2), mitchellcubic, gaussian, lanczos3,
        lanczos5. With `antialias` these reach over more pixels where the image shrinks.
        """
        ...

    @op(resizing.resize_bi_linear, mask=images(-3, -2), samediff="resizeBiLinear",
        cases=(case((2, 4, 5, 2), height=7, width=3, padded={"image": (0, None)}),
               case((2, 3, 4, 1), height=5, width=2, align_corners=True,
                    padded={"image": (0, None)}),
               case((3, 4, 1), height=2, width=7, half_pixel_centers=True)),
        raises=(wrong((2, 3, 1), height=2, width=2, align_corners=True, half_pixel_centers=True,
                      match="not both"),), differs=NO_GRADIENT)
    def resize_bi_linear(
        self, image: VarLike, height: int, width: int, *, align_corners: bool = False,
        half_pixel_centers: bool = False, name: str | None = None,
    ) -> SDVariable:
        """Images at another size, between the two nearest pixels along each axis.

        New pixel i lies at i * old / new; with `align_corners` at i * (old - 1) / (new - 1), with
        `half_pixel_centers` at (i + 1/2) * old / new - 1/2.
        """
        ...

    @op(resizing.resize_bi_cubic, mask=images(-3, -2), samediff="resizeBiCubic",
        cases=(case((2, 4, 5, 2), size=(7, 3), padded={"image": (0, None)}),
               case((2, 3, 4, 1), size=(5, 2), align_corners=True, padded={"image": (0, None)}),
               case((3, 4, 1), size=(2, 7), align_pixel_centers=True)),
        raises=(wrong((2, 3, 1), size=(2, 2), align_corners=True, align_pixel_centers=True,
                      match="not both"),),
        differs=("SameDiff answers rubbish for float64, and refuses sizes up to 3.", NO_GRADIENT))
    def resize_bi_cubic(
        self, image: VarLike, size: ShapeLike, *, align_corners: bool = False,
        align_pixel_centers: bool = False, name: str | None = None,
    ) -> SDVariable:
        """Images at another size (height, width) by Keys' cubic of the four nearest pixels.

        New pixels lie as in `resize_bi_linear`. With `align_pixel_centers` a = -1/2, and pixels
        outside are left out; else a = -3/4, and the edge repeats. Places count in 1/1024 pixel.
        """
        ...

    # Parts.

    @op(image_parts.crop_and_resize, mask=crops_boxes, samediff="cropAndResize",
        cases=(case((3, 4, 5, 2), Spec((2, 4), "probability"), Spec((2,), "integer", high=3),
                    crop_out_size=(3, 2),
                    padded={"crop_boxes": (0, None), "box_indices": (0, None)}),
               case((2, 3, 4, 1), (3, 4), Spec((3,), "integer", high=2), crop_out_size=(1, 4),
                    extrapolation_value=2.0)),
        raises=(wrong((3, 4, 1), (2, 4), Spec((2,), "integer"), crop_out_size=(3, 2),
                      match="wants images"),),
        differs="SameDiff takes float32 alone, and its gradient is zero.")
    def crop_and_resize(
        self, image: VarLike, crop_boxes: VarLike, box_indices: VarLike, crop_out_size: ShapeLike,
        *, extrapolation_value: float = 0.0, name: str | None = None,
    ) -> SDVariable:
        """Crop i is box i of image `box_indices[i]`, resized: [boxes, height, width, channels].

        A box is (y1, x1, y2, x2) in fractions: 0 is the first pixel and 1 the last. Bilinear;
        points outside of the image, or in an image that is not there, are `extrapolation_value`.
        """
        ...

    extract_image_patches = SpaceOps.extract_image_patches

    @op(image_parts.random_crop, mask=crops, samediff="randomCrop",
        cases=(case((2, 4, 5, 3), shape=(-1, 3, 3, -1)), case((4, 5), shape=(2, 5))),
        raises=(wrong((2, 3), shape=(3, 3), match="there is no"),
                wrong((2, 3), shape=(2,), match="for each axis")),
        differs="SameDiff crops the last axis alone, reads the others off in order, and answers in "
                "float32; here it is a window, and keeps its type.")
    def random_crop(
        self, image: VarLike, shape: ShapeLike, *, name: str | None = None
    ) -> SDVariable:
        """A window of that shape (-1: the whole axis), every one equally likely.

        It is the same window for all images of a batch.
        """
        ...

    @op(boxes.non_max_suppression, mask=ragged_places("boxes", "scores"), internal=1,
        samediff="nonMaxSuppression",
        cases=(case((6, 4), Spec((6,), "probability"), max_out_size=4, iou_threshold=0.3,
                    padded={"boxes": (0, None), "scores": (0, None)}, gradient=False),
               case((5, 4), Spec((5,), "probability"), max_out_size=7, iou_threshold=0.5,
                    score_threshold=0.3, gradient=False)),
        raises=(wrong((5, 4), (4,), max_out_size=2, iou_threshold=0.5, match="a score for each"),),
        differs="SameDiff fills the result up with zeros, to as many numbers as there are scores "
                "above the threshold; here it holds the chosen boxes alone.")
    def non_max_suppression(
        self, boxes: VarLike, scores: VarLike, max_out_size: int, iou_threshold: float,
        score_threshold: float = float("-inf"), *, name: str | None = None,
    ) -> SDVariable:
        """The numbers of the boxes [n, 4] that no better one covers, best first, int32 [found].

        Again and again the box with the best of the `scores` (the first of equals) is taken, and
        those whose intersection over union with it is above `iou_threshold` are dropped: until
        there are `max_out_size`, or no score is at least `score_threshold`. A box is any two
        opposite corners (y1, x1, y2, x2).
        """
        ...

    pad = BaseOps.pad
