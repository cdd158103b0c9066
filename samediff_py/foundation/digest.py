"""A number for a name that is the same in every process."""

import zlib


def digest(name: str) -> int:
    """32 bits, for folding names into random keys."""
    return zlib.crc32(name.encode())
