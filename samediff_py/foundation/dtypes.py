"""Names of element types, and the spelling of whoever asks: numpy, JAX or text."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
from jax import numpy as jnp

from .errors import GraphError

DTypeLike = Any


def dtype_name(dtype: DTypeLike) -> str:
    """`"float32"` from text, numpy, JAX or Python types; 64 bits become 32 unless JAX has them.

    >>> dtype_name(np.float32)
    'float32'
    """
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
