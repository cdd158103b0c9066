"""Names of element types, and the spelling of whoever asks: numpy, JAX or text."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
from jax import numpy as jnp

from .errors import GraphError

DTypeLike = Any


_JAVA = {
    "DOUBLE": "float64", "FLOAT": "float32", "HALF": "float16", "BFLOAT16": "bfloat16",
    "LONG": "int64", "INT": "int32", "SHORT": "int16", "BYTE": "int8", "UBYTE": "uint8",
    "UINT16": "uint16", "UINT32": "uint32", "UINT64": "uint64", "BOOL": "bool",
    "FLOAT16": "float16", "INT64": "int64", "INT32": "int32", "INT16": "int16", "INT8": "int8",
    "UINT8": "uint8",
}  # fmt: skip


def dtype_name(dtype: DTypeLike) -> str:
    """`"float32"` from text, numpy, JAX or Python types; 64 bits become 32 unless JAX has them.

    >>> dtype_name(np.float32)
    'float32'
    """
    dtype = _JAVA.get(dtype, dtype) if isinstance(dtype, str) else dtype
    try:
        return str(jax.dtypes.canonicalize_dtype(jnp.dtype(getattr(dtype, "dtype_name", dtype))))
    except TypeError as error:
        raise GraphError(f"{dtype!r} is no element type; e.g. 'float32' or 'int32'") from error


def is_float(dtype: str) -> bool:
    return jnp.issubdtype(dtype, jnp.floating)


def is_integer(dtype: str) -> bool:
    return jnp.issubdtype(dtype, jnp.integer)


def host_dtype(dtype: str) -> np.dtype:
    """The numpy type that holds it (bfloat16 and friends come from ml_dtypes)."""
    return np.dtype(jnp.dtype(dtype))
