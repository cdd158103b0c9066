"""`sd.math`: elementwise functions, and reductions beyond the base ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp

from ..kernels import arithmetic, normalization, reductions
from .define import Namespace, Spec, case, op, wrong
from .rules import normalises, pointwise, reduces

if TYPE_CHECKING:
    from ..variable import SDVariable
    from .types import Axes, VarLike

_PAIR = case((2, 3, 4), (3, 1), padded={"x": (0, 1)})
_BOTH = case((2, 5, 3), (2, 5, 3), padded={"x": (0, 1), "y": (0, 1)})
_ONE = case((2, 5, 3), padded={"x": (0, 1)})
_POSITIVE = case(Spec((2, 5, 3), "positive"), padded={"x": (0, 1)})
_UNIT = case(Spec((2, 5, 3), "unit"), padded={"x": (0, 1)})
_FLAGS = case(
    Spec((2, 5), "boolean"), Spec((2, 5), "boolean"),
    padded={"x": (0, 1), "y": (0, 1)}, gradient=False,
)
_FLAG = case(Spec((2, 5), "boolean"), padded={"x": (0, 1)}, gradient=False)
_MISFIT = wrong((2, 3), (4, 5), match="incompatible shapes")


class MathOps(Namespace):
    """Elementwise functions and reductions."""

    # Two inputs, elementwise, with numpy's broadcasting.

    @op(jnp.add, mask=pointwise, samediff="add", cases=(_PAIR, _BOTH), raises=(_MISFIT,))
    def add(self, x: VarLike, y: VarLike, *, name: str | None = None) -> SDVariable:
        """x + y."""
        ...

    @op(jnp.subtract, mask=pointwise, samediff="sub", cases=(_PAIR, _BOTH), raises=(_MISFIT,))
    def sub(self, x: VarLike, y: VarLike, *, name: str | None = None) -> SDVariable:
        """x - y."""
        ...

    @op(jnp.multiply, mask=pointwise, samediff="mul", cases=(_PAIR, _BOTH), raises=(_MISFIT,))
    def mul(self, x: VarLike, y: VarLike, *, name: str | None = None) -> SDVariable:
        """x * y."""
        ...

    @op(arithmetic.div, mask=pointwise, safe={"y": 1.0}, samediff="div",
        cases=(case((2, 3, 4), Spec((3, 1), "positive"), padded={"x": (0, 1)}),
               case((2, 5, 3), Spec((2, 5, 3), "positive"), padded={"x": (0, 1), "y": (0, 1)})),
        raises=(_MISFIT,))
    def div(self, x: VarLike, y: VarLike, *, name: str | None = None) -> SDVariable:
        """x / y; integers are divided towards zero."""
        ...

    @op(arithmetic.rsub, mask=pointwise, samediff="rsub", cases=(_PAIR, _BOTH))
    def rsub(self, x: VarLike, y: VarLike, *, name: str | None = None) -> SDVariable:
        """y - x."""
        ...

    @op(arithmetic.rdiv, mask=pointwise, safe={"x": 1.0}, samediff="rdiv",
        cases=(case(Spec((2, 3, 4), "positive"), (3, 1), padded={"x": (0, 1)}),
               case(Spec((2, 5, 3), "positive"), (2, 5, 3), padded={"x": (0, 1), "y": (0, 1)})))
    def rdiv(self, x: VarLike, y: VarLike, *, name: str | None = None) -> SDVariable:
        """y / x."""
        ...

    @op(jnp.floor_divide, mask=pointwise, safe={"y": 1.0}, samediff="floorDiv",
        cases=(case((2, 3, 4), Spec((3, 1), "positive"), padded={"x": (0, 1)}, gradient=False),
               case((2, 5, 3), Spec((2, 5, 3), "positive"),
                    padded={"x": (0, 1), "y": (0, 1)}, gradient=False)))
    def floor_div(self, x: VarLike, y: VarLike, *, name: str | None = None) -> SDVariable:
        """The greatest integer not above x / y."""
        ...

    @op(jnp.mod, mask=pointwise, safe={"y": 1.0}, samediff="floorMod",
        cases=(case((2, 3, 4), Spec((3, 1), "positive"), padded={"x": (0, 1)}, gradient=False),
               case((2, 5, 3), Spec((2, 5, 3), "positive"),
                    padded={"x": (0, 1), "y": (0, 1)}, gradient=False)))
    def floor_mod(self, x: VarLike, y: VarLike, *, name: str | None = None) -> SDVariable:
        """x - y * floor(x / y): the remainder with the sign of y."""
        ...

    @op(jnp.power, mask=pointwise, safe={"x": 1.0}, samediff="pow",
        cases=(case(Spec((2, 3, 4), "positive"), (3, 1), padded={"x": (0, 1)}),
               case(Spec((2, 5, 3), "positive"), y=2.0, padded={"x": (0, 1)})))
    def pow(self, x: VarLike, y: VarLike, *, name: str | None = None) -> SDVariable:
        """x to the power of y."""
        ...

    @op(arithmetic.squared_difference, mask=pointwise, samediff="squaredDifference",
        cases=(_PAIR, _BOTH))
    def squared_difference(
        self, x: VarLike, y: VarLike, *, name: str | None = None
    ) -> SDVariable:
        """(x - y)^2."""
        ...

    @op(jnp.maximum, mask=pointwise, name="maximum", samediff="max", cases=(_PAIR, _BOTH))
    def max(self, x: VarLike, y: VarLike, *, name: str | None = None) -> SDVariable:
        """The greater of x and y, element by element."""
        ...

    @op(jnp.minimum, mask=pointwise, name="minimum", samediff="min", cases=(_PAIR, _BOTH))
    def min(self, x: VarLike, y: VarLike, *, name: str | None = None) -> SDVariable:
        """The lesser of x and y, element by element."""
        ...

    @op(jnp.logical_and, mask=pointwise, samediff="and", cases=(_FLAGS, _FLAGS))
    def and_(self, x: VarLike, y: VarLike, *, name: str | None = None) -> SDVariable:
        """True where both are."""
        ...

    @op(jnp.logical_or, mask=pointwise, samediff="or", cases=(_FLAGS, _FLAGS))
    def or_(self, x: VarLike, y: VarLike, *, name: str | None = None) -> SDVariable:
        """True where either is."""
        ...

    @op(jnp.logical_xor, mask=pointwise, samediff="xor", cases=(_FLAGS, _FLAGS))
    def xor(self, x: VarLike, y: VarLike, *, name: str | None = None) -> SDVariable:
        """True where exactly one is."""
        ...

    # One input, elementwise. `safe` where the function or its slope is not bounded everywhere.

    @op(jnp.logical_not, mask=pointwise, cases=(_FLAG, _FLAG))
    def not_(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """True where x is not."""
        ...

    @op(jnp.abs, mask=pointwise, samediff="abs", cases=(_ONE, case((4,))))
    def abs(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """|x|."""
        ...

    @op(jnp.negative, mask=pointwise, samediff="neg", cases=(_ONE, case((4,))))
    def neg(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """-x."""
        ...

    @op(jnp.square, mask=pointwise, samediff="square", cases=(_ONE, case((4,))))
    def square(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """x^2."""
        ...

    @op(arithmetic.cube, mask=pointwise, samediff="cube", cases=(_ONE, case((4,))))
    def cube(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """x^3."""
        ...

    @op(jnp.exp, mask=pointwise, safe=0.0, samediff="exp", cases=(_ONE, case((4,))))
    def exp(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """e^x."""
        ...

    @op(jnp.expm1, mask=pointwise, safe=0.0, samediff="expm1", cases=(_ONE, case((4,))))
    def expm1(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """e^x - 1, exact near 0."""
        ...

    @op(arithmetic.log, mask=pointwise, safe=1.0, samediff="log",
        cases=(_POSITIVE, case(Spec((4,), "positive"), base=2.0)))
    def log(
        self, x: VarLike, base: float | None = None, *, name: str | None = None
    ) -> SDVariable:
        """The natural logarithm, or the logarithm to `base`."""
        ...

    @op(jnp.log1p, mask=pointwise, safe=0.0, samediff="log1p",
        cases=(_POSITIVE, case(Spec((4,), "positive"))))
    def log1p(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """ln(1 + x), exact near 0."""
        ...

    @op(jnp.sqrt, mask=pointwise, safe=1.0, samediff="sqrt",
        cases=(_POSITIVE, case(Spec((4,), "positive"))))
    def sqrt(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """The square root."""
        ...

    @op(jax.lax.rsqrt, mask=pointwise, safe=1.0, samediff="rsqrt",
        cases=(_POSITIVE, case(Spec((4,), "positive"))))
    def rsqrt(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """1 / sqrt(x)."""
        ...

    @op(jnp.reciprocal, mask=pointwise, safe=1.0, samediff="reciprocal",
        cases=(_POSITIVE, case(Spec((4,), "positive"))))
    def reciprocal(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """1 / x."""
        ...

    @op(jnp.sin, mask=pointwise, samediff="sin", cases=(_ONE, case((4,))))
    def sin(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """The sine, in radians."""
        ...

    @op(jnp.cos, mask=pointwise, samediff="cos", cases=(_ONE, case((4,))))
    def cos(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """The cosine, in radians."""
        ...

    @op(jnp.sign, mask=pointwise, samediff="sign", cases=(_ONE, case((4,))))
    def sign(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """-1, 0 or 1."""
        ...

    @op(jnp.floor, mask=pointwise, samediff="floor", cases=(_ONE, case((4,))))
    def floor(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """The greatest integer not above x."""
        ...

    @op(jnp.ceil, mask=pointwise, samediff="ceil", cases=(_ONE, case((4,))))
    def ceil(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """The least integer not below x."""
        ...

    @op(jax.scipy.special.erf, mask=pointwise, samediff="erf", cases=(_ONE, case((4,))))
    def erf(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """The error function."""
        ...

    @op(arithmetic.clip_by_value, mask=pointwise, samediff="clipByValue",
        cases=(case((2, 5, 3), low=-0.5, high=0.5, padded={"x": (0, 1)}),
               case((4,), low=0.0, high=1.0)))
    def clip_by_value(
        self, x: VarLike, low: float, high: float, *, name: str | None = None
    ) -> SDVariable:
        """x, but no less than `low` and no more than `high`."""
        ...

    @op(jnp.isnan, mask=pointwise, samediff="isNaN", cases=(_ONE, case((4,))))
    def is_nan(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """True where x is not a number."""
        ...

    @op(jnp.isfinite, mask=pointwise, samediff="isFinite", cases=(_ONE, case((4,))))
    def is_finite(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """True where x is neither infinite nor NaN."""
        ...

    # Reductions.

    @op(reductions.logsumexp, mask=reduces(), name="log_sum_exp", samediff="logSumExp",
        cases=(case((2, 5, 3), axis=1, padded={"x": (0, 1)}), case((4, 3), axis=None)))
    def log_sum_exp(
        self, x: VarLike, axis: Axes = None, *, keepdims: bool = False, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """ln of the sum of e^x over `axis`."""
        ...

    @op(reductions.count_nonzero, mask=reduces(counts=True), name="count_non_zero",
        samediff="countNonZero",
        cases=(case(Spec((2, 5, 3), "integer"), axis=1, padded={"x": (0, 1)}, gradient=False),
               case(Spec((4, 3), "integer"), axis=None, gradient=False)))
    def count_non_zero(
        self, x: VarLike, axis: Axes = None, *, keepdims: bool = False, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """How many elements along `axis` are not zero."""
        ...

    @op(reductions.count_zero, mask=reduces(counts=True), samediff="countZero",
        cases=(case(Spec((2, 5, 3), "integer"), axis=1, padded={"x": (0, 1)}, gradient=False),
               case(Spec((4, 3), "integer"), axis=None, gradient=False)))
    def count_zero(
        self, x: VarLike, axis: Axes = None, *, keepdims: bool = False, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """How many elements along `axis` are zero."""
        ...

    @op(reductions.moments, mask=reduces(), samediff="moments",
        cases=(case((2, 5, 3), axis=1, padded={"x": (0, 1)}), case((4, 3), axis=0)))
    def moments(
        self, x: VarLike, axis: Axes = None, *, keepdims: bool = False, masked: bool = True,
        name: str | None = None,
    ) -> tuple[SDVariable, SDVariable]:
        """Mean and population variance over `axis`."""
        ...

    @op(normalization.standardize, mask=normalises(), samediff="standardize",
        cases=(case((2, 5, 3), axis=1, padded={"x": (0, 1)}), case((4, 3), axis=-1)))
    def standardize(
        self, x: VarLike, axis: Axes, *, masked: bool = True, name: str | None = None
    ) -> SDVariable:
        """(x - mean) / deviation over `axis`; a constant slice gives 0."""
        ...
