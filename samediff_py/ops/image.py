"""`sd.image`: colours, sizes and parts of images that lie as [.., height, width, channels]."""

from __future__ import annotations

from .define import Namespace


class ImageOps(Namespace):
    """Ops on images."""
