"""Names of element types, and the spelling of whoever asks: numpy, JAX or text."""

from __future__ import annotations

from enum import Enum
from typing import Any

import jax
import numpy as np
from jax import numpy as jnp

from .errors import GraphError
from .source import warn_user

DTypeLike = Any


class DataType(Enum):
    """SameDiff's names of element types: `DataType.FLOAT` is "float32"."""

    DOUBLE = FLOAT64 = "float64"
    FLOAT = FLOAT32 = "float32"
    HALF = FLOAT16 = "float16"
    BFLOAT16 = "bfloat16"
    LONG = INT64 = "int64"
    INT = INT32 = "int32"
    SHORT = INT16 = "int16"
    BYTE = INT8 = "int8"
    UINT64 = "uint64"
    UINT32 = "uint32"
    UINT16 = "uint16"
    UBYTE = UINT8 = "uint8"
    BOOL = "bool"


def dtype_name(dtype: DTypeLike) -> str:
    """`"float32"` from text, numpy, JAX or Python types; 64 bits become 32 unless JAX has them.

    >>> dtype_name(np.float32)
    'float32'
    """
    if isinstance(dtype, str) and dtype in DataType.__members__:
        dtype = DataType[dtype]
    name = dtype.value if isinstance(dtype, DataType) else dtype
    try:
        return str(jax.dtypes.canonicalize_dtype(jnp.dtype(name)))
    except TypeError as error:
        raise GraphError(f"{dtype!r} is no element type; e.g. 'float32' or 'int32'") from error


def is_float(dtype: str) -> bool:
    return jnp.issubdtype(dtype, jnp.floating)


def is_integer(dtype: str) -> bool:
    return jnp.issubdtype(dtype, jnp.integer)


def host_dtype(dtype: str) -> np.dtype:
    """The numpy type that holds it (bfloat16 and friends come from ml_dtypes)."""
    return np.dtype(jnp.dtype(dtype))


_warned: set[str] = set()


def declared_dtype(dtype: Any, name: str) -> str:
    """The type as JAX holds it; a declared float64 that becomes float32 is said once."""
    text = dtype_name(dtype)
    asked = str(getattr(dtype, "name", dtype))
    if asked == "float64" and text == "float32" and "float64" not in _warned:
        _warned.add("float64")
        warn_user(
            f"{name!r} is declared float64 but held as float32: JAX has 64-bit types only after "
            'jax.config.update("jax_enable_x64", True)'
        )
    return text
