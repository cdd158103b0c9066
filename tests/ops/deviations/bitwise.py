"""The right answers where SameDiff's sd.bitwise gives none, or a wrong one."""

import numpy as np


def _rotated(x, n, width=32):
    bits = x.astype(np.int64) % 2**width
    return (bits << n | bits >> (width - n)) % 2**width


RIGHT = {
    "bitwise.leftShiftCyclic/12": _rotated,
    "bitwise.rightShiftCyclic/12": lambda x, n: _rotated(x, 32 - n),
    "bitwise.bitRotl/12": _rotated,
    "bitwise.bitRotr/12": lambda x, n: _rotated(x, 32 - n),
    "bitwise.bitsHammingDistance/4": lambda x, y: sum(
        bin(int(bits)).count("1") for bits in (x ^ y).view(np.uint32)
    ),
}
