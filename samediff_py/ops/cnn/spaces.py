"""`sd.cnn`: positions of images into channels, examples and columns, and back; larger images."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...kernels import patches, spaces
from ..define import Namespace, case, op, wrong
from ..differences import NO_GRADIENT
from ..rules import enlarges, folds, unfolds, whole, windows

if TYPE_CHECKING:
    from ...variable import SDVariable
    from ..types import VarLike

_X = {"x": (0, 1)}
_ROWS = {"x": (0, None)}


class SpaceOps(Namespace):
    """Images in other shapes."""

    @op(spaces.space_to_depth, mask=folds, samediff="spaceToDepth", java=("x, block, data_format",),
        cases=(case((2, 6, 4, 3), block=2, padded=_X),
               case((2, 2, 6, 3), block=3, data_format="NCHW", padded={"x": (0, 3)})),
        raises=(wrong((2, 5, 4, 3), block=2, match="the 5 positions of axis 1"),
                wrong((2, 6, 4), block=2, match="data_format")))
    def space_to_depth(
        self, x: VarLike, *, block: int, data_format: str = "NHWC", masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """Blocks of block x block positions as one, of block^2 times as many channels.

        Channel (row in block * block + column in block) * channels + c.
        """
        ...

    @op(spaces.depth_to_space, mask=unfolds, samediff="depthToSpace",
        java=("x, block, data_format",),
        cases=(case((2, 3, 2, 4), block=2, padded=_X),
               case((2, 9, 2, 3), block=3, data_format="NCHW", padded={"x": (0, 3)})),
        raises=(wrong((2, 3, 2, 6), block=2, match="no multiple of block"),))
    def depth_to_space(
        self, x: VarLike, *, block: int, data_format: str = "NHWC", masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """The inverse of `space_to_depth`."""
        ...

    @op(spaces.space_to_batch, mask=whole(0, 1, 2, axes=(None, None, None, 3)),
        samediff="spaceToBatch", java=("x, blocks, pad_height, *pad_width",),
        cases=(case((2, 4, 6, 2), blocks=(2, 3)),
               case((2, 3, 5, 1), blocks=2, pad_height=(1, 0), pad_width=(0, 1))),
        raises=(wrong((2, 3, 4, 1), blocks=2, match="the 3 positions of axis 1"),
                wrong((2, 4, 4, 1), blocks=2, pad_width=(2, -2), match="are counts")),
        differs="SameDiff takes the first block size and the second pair of paddings for both "
                "axes.")
    def space_to_batch(
        self, x: VarLike, *, blocks: int | tuple[int, ...], pad_height: tuple[int, ...] = (0, 0),
        pad_width: tuple[int, ...] = (0, 0), masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """The positions of each block as so many examples, in the order block row, block column,
        example.

        x [batch, height, width, channels] is padded by zeros (before, behind) first, and then of
        a height and width that the blocks divide.
        """
        ...

    @op(spaces.batch_to_space, mask=whole(0, 1, 2, axes=(None, None, None, 3)),
        samediff="batchToSpace", java=("x, blocks, crop_height, *crop_width",),
        cases=(case((12, 2, 1, 2), blocks=(2, 3)),
               case((8, 2, 3, 1), blocks=2, crop_height=(1, 0), crop_width=(0, 1))),
        raises=(wrong((6, 2, 3, 1), blocks=2, match="the 6 positions of axis 0"),
                wrong((4, 1, 1, 1), blocks=2, crop_height=(2, 1), match="are more than")),
        differs="SameDiff takes the first block size for both axes, and has no gradient where "
                "something is cropped, or a wrong one.")
    def batch_to_space(
        self, x: VarLike, *, blocks: int | tuple[int, ...], crop_height: tuple[int, ...] = (0, 0),
        crop_width: tuple[int, ...] = (0, 0), masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """The inverse of `space_to_batch`: what was padded is cropped (before, behind)."""
        ...

    @op(spaces.upsample, mask=enlarges, name="upsampling2d", samediff="upsampling2d",
        java=("x, scale*2, data_format?NCHW:NHWC", "x, scale, data_format='NCHW'"),
        cases=(case((2, 4, 3, 2), scale=(2, 3), padded=_X),
               case((2, 2, 3, 4), scale=2, data_format="NCHW", padded={"x": (0, 3)})),
        raises=(wrong((2, 4, 3, 2), scale=(2, 3, 1), match="scale needs a number"),
                wrong((2, 4, 3, 2), scale=0, match="start at 1")),
        differs="SameDiff fails where one scale is given for both axes, and its gradient is wrong "
                "for NHWC.")
    def upsampling2d(
        self, x: VarLike, *, scale: int | tuple[int, ...], data_format: str = "NHWC",
        masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """Every row and column `scale` times."""
        ...

    @op(spaces.upsample, mask=enlarges, name="upsampling3d", samediff="upsampling3d",
        java=("x, data_format?NCDHW:NDHWC, scale*3",),
        cases=(case((2, 4, 2, 2, 1), scale=(2, 1, 3), padded=_X),
               case((2, 1, 4, 2, 2), scale=2, data_format="NCDHW", padded={"x": (0, 2)})),
        raises=(wrong((2, 4, 3, 2), scale=2, match="data_format"),),
        differs="SameDiff takes NDHWC for NCDHW.")
    def upsampling3d(
        self, x: VarLike, *, scale: int | tuple[int, ...], data_format: str = "NDHWC",
        masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """Every position `scale` times along depth, height and width."""
        ...

    @op(patches.im2col, samediff="im2Col", java=("x, **config",),
        mask=windows(fills=True, mixes=False, by_length=True, axes=(0, 1, None, None, 2, 3)),
        cases=(case((2, 2, 5, 4), kernel=(2, 3), stride=(1, 2), padding="same",
                    padded={"x": (0, 2)}),
               case((2, 2, 4, 5), kernel=2, stride=(1, 2), padding=(0, 1), dilation=(2, 1),
                    padded={"x": (0, 3)})),
        raises=(wrong((2, 2, 5, 4), kernel=2, data_format="NHWC", match="NCHW"),),
        differs="SameDiff's SAME has the right size, and pads by pH and pW instead of what SAME "
                "needs.")
    def im2col(
        self, x: VarLike, *, kernel: int | tuple[int, ...], stride: int | tuple[int, ...] = 1,
        padding: str | int | tuple[int, ...] = "valid", dilation: int | tuple[int, ...] = 1,
        data_format: str = "NCHW", masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """What windows over x [batch, channels, height, width] see: [batch, channels, kernel
        height, kernel width, windows down, windows across]."""
        ...

    @op(patches.col2im, mask=whole(2, 3, 4, 5, axes=(0, 1, None, None)), samediff="col2Im",
        java=("x, **config(size=kernel)",),
        cases=(case((2, 1, 2, 3, 3, 3), size=(4, 5), padded=_ROWS),
               case((2, 1, 2, 2, 2, 2), size=(3, 4), stride=2, padding="same")),
        raises=(wrong((2, 1, 2, 3, 3, 3), size=(5, 5), match=r"an image of \(5, 5\) has columns"),
                wrong((2, 3, 3, 3), size=(5, 5), match="6 axes")), differs=NO_GRADIENT)
    def col2im(
        self, x: VarLike, *, size: tuple[int, ...], stride: int | tuple[int, ...] = 1,
        padding: str | int | tuple[int, ...] = "valid", dilation: int | tuple[int, ...] = 1,
        data_format: str = "NCHW", masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """Columns as `im2col` makes them, added up to images [batch, channels, *size].

        In SameDiff's config, kH and kW are that size.
        """
        ...

    @op(patches.image_patches, name="extract_image_patches", samediff="extractImagePatches",
        java=("x, kernel*2, stride*2, dilation*2, padding?same:valid",
              "x, kernel, stride, dilation, padding?same:valid"),
        mask=windows(fills=True, by_length=True),
        cases=(case((2, 5, 4, 2), kernel=(2, 3), stride=(2, 1), padding="same", padded=_X),
               case((2, 4, 5, 2), kernel=2, stride=(1, 2), dilation=(2, 1), padded={"x": (0, 2)})),
        raises=(wrong((2, 5, 4), kernel=2, match="data_format"),),
        differs=("Of images SameDiff pads by one row or column at most; here by as much as the "
                 "window needs, half of it before.", NO_GRADIENT))
    def extract_image_patches(
        self, x: VarLike, *, kernel: int | tuple[int, ...], stride: int | tuple[int, ...] = 1,
        padding: str | int | tuple[int, ...] = "valid", dilation: int | tuple[int, ...] = 1,
        masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """What windows over x [batch, height, width, channels] see, in the channels of [batch,
        windows down, windows across, kernel height * kernel width * channels]."""
        ...
