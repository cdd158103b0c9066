"""`sd.math`: elementwise functions, and reductions beyond the base ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from ..configs import Condition
from ..foundation.errors import GraphError
from ..kernels import (
    activations,
    arithmetic,
    clipping,
    conditions,
    distances,
    entropies,
    matrices,
    merging,
    normalization,
    orders,
    reductions,
    tables,
)
from .base import BaseOps
from .bitwise import BitwiseOps
from .define import Namespace, Spec, case, op, wrong
from .nn import NNOps
from .rules import creates, decomposes, normalises, opaque, pointwise, reduces, tallies

if TYPE_CHECKING:
    from ..variable import SDVariable
    from .types import Axes, DTypeLike, ShapeLike, VarLike

_PAIR = case((2, 5, 3), (3,), padded={"x": (0, 1)})
_BOTH = case((2, 5, 3), (2, 5, 3), padded={"x": (0, 1), "y": (0, 1)})
_ONE = case((2, 5, 3), padded={"x": (0, 1)})
_POSITIVE = case(Spec((2, 5, 3), "positive"), padded={"x": (0, 1)})
_UNIT = case(Spec((2, 5, 3), "unit"), padded={"x": (0, 1)})
_FLAGS = case(
    Spec((2, 5), "boolean"), Spec((2, 5), "boolean"),
    padded={"x": (0, 1), "y": (0, 1)}, gradient=False,
)
_FLAG = case(Spec((2, 5), "boolean"), padded={"x": (0, 1)}, gradient=False)
_ALONE = case((4,))
_KINK = case((2, 5, 3), padded={"x": (0, 1)}, gradient=False)
_OVER_TIME = case((2, 5, 3), axis=1, padded={"x": (0, 1)})
_KEEPING = case((2, 5, 3), axis=(0, 1), keepdims=True, padded={"x": (0, 1)})
_ALL = case((4, 3), axis=None)
_INDEX = case((2, 5, 3), axis=1, padded={"x": (0, 1)}, gradient=False)
_INDEX_ALL = case((4, 3), axis=None, gradient=False)
_CHANCES = case(Spec((2, 5, 3), "probability"), axis=1, padded={"x": (0, 1)})
_ALL_CHANCES = case(Spec((4, 3), "probability"), axis=None)
_APART = case((2, 5, 3), (2, 5, 3), axis=1, padded={"x": (0, 1), "y": (0, 1)})
_APART_ROWS = case((4, 3), (1, 3), axis=-1, keepdims=True)
_FOUND = case((2, 5, 3), condition=Condition("greater_than", 0.2), axis=1,
              padded={"x": (0, 1)}, gradient=False)  # fmt: skip
_FOUND_ANYWHERE = case((4, 3), condition=Condition("less_than", 0.0), axis=None, gradient=False)
_SCALED = case((2, 5, 3), clip_value=1.0, axis=1, padded={"x": (0, 1)})
_MERGED = case(((2, 5), (2, 5)), padded={"xs": (0, 1)})
_MERGED_ALONE = case(((4,), (4,), (4,)))
_UNLIKE = wrong(((2, 3), (3, 2)), match="one shape")
_MATRICES = case((2, 3, 3), padded={"x": (0, None)})
_MATRIX = case((4, 4))
_FROM = ("x, y, *axis", "x, y, keepdims, _, *axis")  # arrays say whether they are complex
_WHERE = ("x, condition, *axis", "x, condition, keepdims, *axis")
_MISFIT = wrong((2, 3), (4, 5), match="incompatible shapes")
_IDS = Spec((2, 5), "integer")


def _classes(values: dict[str, Any], fold: Callable[[Any], Any]) -> dict[str, Any]:
    """As many classes as the greatest label or prediction says."""
    if values["num_classes"] is not None:
        return values
    try:
        greatest = max(np.max(fold(values[name])) for name in ("labels", "predictions"))
    except GraphError as error:
        raise GraphError(
            f"confusion_matrix: {error}\nor say how many classes there are: num_classes=.."
        ) from None
    return values | {"num_classes": int(greatest) + 1}


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
        cases=(case((2, 5, 3), Spec((3,), "positive"), padded={"x": (0, 1)}),
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
        cases=(case(Spec((2, 5, 3), "positive"), (3,), padded={"x": (0, 1)}),
               case(Spec((2, 5, 3), "positive"), (2, 5, 3), padded={"x": (0, 1), "y": (0, 1)})))
    def rdiv(self, x: VarLike, y: VarLike, *, name: str | None = None) -> SDVariable:
        """y / x."""
        ...

    @op(arithmetic.floor_div, mask=pointwise, safe={"y": 1.0}, samediff="floorDiv",
        cases=(case((2, 5, 3), Spec((3,), "positive"), padded={"x": (0, 1)}, gradient=False),
               case((2, 5, 3), Spec((2, 5, 3), "positive"),
                    padded={"x": (0, 1), "y": (0, 1)}, gradient=False)))
    def floor_div(self, x: VarLike, y: VarLike, *, name: str | None = None) -> SDVariable:
        """The greatest integer not above x / y."""
        ...

    @op(jnp.mod, mask=pointwise, safe={"y": 1.0}, samediff="floorMod",
        cases=(case((2, 5, 3), Spec((3,), "positive"), padded={"x": (0, 1)}, gradient=False),
               case((2, 5, 3), Spec((2, 5, 3), "positive"),
                    padded={"x": (0, 1), "y": (0, 1)}, gradient=False)))
    def floor_mod(self, x: VarLike, y: VarLike, *, name: str | None = None) -> SDVariable:
        """x - y * floor(x / y): the remainder with the sign of y."""
        ...

    @op(jnp.power, mask=pointwise, safe={"x": 1.0}, samediff="pow",
        cases=(case(Spec((2, 5, 3), "positive"), (3,), padded={"x": (0, 1)}),
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

    @op(arithmetic.mod, mask=pointwise, safe={"y": 1.0}, samediff="mod",
        cases=(case((2, 5, 3), Spec((3,), "positive"), padded={"x": (0, 1)}, gradient=False),
               case((2, 5, 3), Spec((2, 5, 3), "positive"), padded={"x": (0, 1), "y": (0, 1)})))
    def mod(self, x: VarLike, y: VarLike, *, name: str | None = None) -> SDVariable:
        """x - y * floor(x / y); of integers, the remainder with the sign of x."""
        ...

    @op(jnp.arctan2, mask=pointwise, safe={"x": 1.0}, samediff="atan2",
        cases=(case((2, 5, 3), (3,), padded={"y": (0, 1)}),
               case((2, 5, 3), (2, 5, 3), padded={"y": (0, 1), "x": (0, 1)})))
    def atan2(self, y: VarLike, x: VarLike, *, name: str | None = None) -> SDVariable:
        """The angle of the point (x, y), between -pi and pi."""
        ...

    bit_shift = BitwiseOps.bit_shift
    bit_shift_right = BitwiseOps.bit_shift_right
    bit_shift_rotl = BitwiseOps.bit_rotl
    bit_shift_rotr = BitwiseOps.bit_rotr

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

    @op(arithmetic.cube, mask=pointwise, safe=0.0, samediff="cube", cases=(_ONE, case((4,))))
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

    @op(arithmetic.rsqrt, mask=pointwise, safe=1.0, samediff="rsqrt",
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

    @op(jnp.tan, mask=pointwise, safe=0.0, samediff="tan", cases=(_UNIT, _ALONE))
    def tan(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """The tangent, in radians."""
        ...

    @op(jnp.arcsin, mask=pointwise, safe=0.0, samediff="asin",
        cases=(_UNIT, case(Spec((4,), "unit"))))
    def asin(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """The inverse sine of x between -1 and 1."""
        ...

    @op(jnp.arccos, mask=pointwise, safe=0.0, samediff="acos",
        cases=(_UNIT, case(Spec((4,), "unit"))))
    def acos(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """The inverse cosine of x between -1 and 1."""
        ...

    @op(jnp.arctan, mask=pointwise, samediff="atan", cases=(_ONE, _ALONE))
    def atan(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """The inverse tangent."""
        ...

    @op(jnp.sinh, mask=pointwise, safe=0.0, samediff="sinh", cases=(_ONE, _ALONE))
    def sinh(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """The hyperbolic sine."""
        ...

    @op(jnp.cosh, mask=pointwise, safe=0.0, samediff="cosh", cases=(_ONE, _ALONE))
    def cosh(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """The hyperbolic cosine."""
        ...

    @op(jnp.arcsinh, mask=pointwise, safe=0.0, samediff="asinh", cases=(_ONE, _ALONE))
    def asinh(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """The inverse hyperbolic sine."""
        ...

    @op(jnp.arccosh, mask=pointwise, safe=2.0, samediff="acosh",
        cases=(case(Spec((2, 5, 3), "above"), padded={"x": (0, 1)}), case(Spec((4,), "above"))))
    def acosh(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """The inverse hyperbolic cosine of x from 1 on."""
        ...

    @op(jnp.arctanh, mask=pointwise, safe=0.0, samediff="atanh",
        cases=(_UNIT, case(Spec((4,), "unit"))))
    def atanh(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """The inverse hyperbolic tangent of x between -1 and 1."""
        ...

    tanh = NNOps.tanh

    @op(activations.rational_tanh, mask=pointwise, safe=0.0, samediff="rationalTanh",
        cases=(_ONE, _ALONE))
    def rational_tanh(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """1.7159 tanh(2x/3), by a quotient of polynomials."""
        ...

    @op(activations.rectified_tanh, mask=pointwise, samediff="rectifiedTanh", cases=(_ONE, _ALONE))
    def rectified_tanh(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """tanh x, or 0 where that is negative."""
        ...

    @op(jax.scipy.special.erfc, mask=pointwise, samediff="erfc", cases=(_ONE, _ALONE))
    def erfc(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """1 - erf(x), exact far from 0."""
        ...

    @op(arithmetic.round, mask=pointwise, samediff="round", cases=(_ONE, _ALONE))
    def round(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """The nearest integer; halves are rounded away from zero."""
        ...

    @op(arithmetic.step, mask=pointwise, samediff="step",
        cases=(_ONE, case((4,), value=0.5)))
    def step(self, x: VarLike, value: float = 0.0, *, name: str | None = None) -> SDVariable:
        """1 where x > `value`, else 0."""
        ...

    @op(jnp.isinf, mask=pointwise, samediff="isInfinite", cases=(_ONE, _ALONE))
    def is_infinite(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """True where x is infinite."""
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

    sum = BaseOps.sum
    mean = BaseOps.mean
    prod = BaseOps.prod
    norm1 = BaseOps.norm1
    norm2 = BaseOps.norm2
    norm_max = BaseOps.norm_max
    squared_norm = BaseOps.squared_norm
    reduce_max = BaseOps.max
    reduce_min = BaseOps.min

    @op(reductions.iamax, mask=reduces(places=True), samediff="iamax", cases=(_INDEX, _INDEX_ALL))
    def iamax(
        self, x: VarLike, axis: Axes = None, *, keepdims: bool = False, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """Where the greatest |x| stands along `axis`; the first of equals."""
        ...

    @op(reductions.iamin, mask=reduces(places=True), samediff="iamin", cases=(_INDEX, _INDEX_ALL))
    def iamin(
        self, x: VarLike, axis: Axes = None, *, keepdims: bool = False, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """Where the least |x| stands along `axis`; the first of equals."""
        ...

    @op(reductions.amax, mask=reduces(), samediff="reduceAMax", cases=(_OVER_TIME, _KEEPING, _ALL))
    def reduce_amax(
        self, x: VarLike, axis: Axes = None, *, keepdims: bool = False, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """The greatest |x| over `axis`, in the type of x."""
        ...

    @op(reductions.amin, mask=reduces(), samediff="reduceAmin", cases=(_OVER_TIME, _KEEPING, _ALL))
    def reduce_amin(
        self, x: VarLike, axis: Axes = None, *, keepdims: bool = False, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """The least |x| over `axis`, in the type of x."""
        ...

    @op(reductions.amean, mask=reduces(), samediff="reduceAmean",
        cases=(_OVER_TIME, _KEEPING, _ALL))
    def reduce_amean(
        self, x: VarLike, axis: Axes = None, *, keepdims: bool = False, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """The mean of |x| over `axis`."""
        ...

    @op(reductions.asum, mask=reduces(), samediff="asum", cases=(_OVER_TIME, _KEEPING, _ALL))
    def asum(
        self, x: VarLike, axis: Axes = None, *, keepdims: bool = False, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """The sum of |x| over `axis`, in the type of x."""
        ...

    @op(entropies.entropy, mask=reduces(), samediff="entropy", cases=(_CHANCES, _ALL_CHANCES))
    def entropy(
        self, x: VarLike, axis: Axes = None, *, keepdims: bool = False, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """-sum x ln x over `axis`, in nats; 0 ln 0 is 0."""
        ...

    @op(entropies.shannon_entropy, mask=reduces(), samediff="shannonEntropy",
        cases=(_CHANCES, _ALL_CHANCES))
    def shannon_entropy(
        self, x: VarLike, axis: Axes = None, *, keepdims: bool = False, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """-sum x log2 x over `axis`, in bits; 0 log 0 is 0."""
        ...

    @op(entropies.log_entropy, mask=reduces(), samediff="logEntropy",
        cases=(_CHANCES, _ALL_CHANCES))
    def log_entropy(
        self, x: VarLike, axis: Axes = None, *, keepdims: bool = False, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """The logarithm of the entropy over `axis`."""
        ...

    @op(reductions.zero_fraction, mask=reduces(), samediff="zeroFraction",
        cases=(case(Spec((2, 5, 3), "integer", dtype="float32"), padded={"x": (0, 1)},
                    gradient=False), case((4,))))
    def zero_fraction(
        self, x: VarLike, *, masked: bool = True, name: str | None = None
    ) -> SDVariable:
        """Which part of all elements is zero."""
        ...

    @op(conditions.first_index, mask=reduces(places=True), samediff="firstIndex", java=_WHERE,
        cases=(_FOUND, _FOUND_ANYWHERE),
        raises=(wrong((2, 3), condition=Condition("bigger"), match="no condition"),))
    def first_index(
        self, x: VarLike, condition: Condition, axis: Axes = None, *, keepdims: bool = False,
        masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """Where the condition first holds along `axis`; -1 where it never does.

        `sd.math.first_index(x, Condition("greater_than", 0.5), axis=1)`
        """
        ...

    @op(conditions.last_index, mask=reduces(places=True), samediff="lastIndex", java=_WHERE,
        cases=(_FOUND, _FOUND_ANYWHERE))
    def last_index(
        self, x: VarLike, condition: Condition, axis: Axes = None, *, keepdims: bool = False,
        masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """Where the condition last holds along `axis`; -1 where it never does."""
        ...

    # Distances over `axis` of what x and y broadcast to.

    @op(distances.cosine_similarity, mask=reduces(), samediff="cosineSimilarity", java=_FROM,
        cases=(_APART, _APART_ROWS))
    def cosine_similarity(
        self, x: VarLike, y: VarLike, axis: Axes = None, *, keepdims: bool = False,
        masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """x.y / (|x| |y|) over `axis`; 0 where x or y is 0."""
        ...

    @op(distances.cosine_distance, mask=reduces(), name="cosine_distance_between",
        samediff="cosineDistance", java=_FROM, cases=(_APART, _APART_ROWS))
    def cosine_distance(
        self, x: VarLike, y: VarLike, axis: Axes = None, *, keepdims: bool = False,
        masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """1 - the cosine similarity over `axis`."""
        ...

    @op(distances.euclidean_distance, mask=reduces(), samediff="euclideanDistance", java=_FROM,
        cases=(_APART, _APART_ROWS))
    def euclidean_distance(
        self, x: VarLike, y: VarLike, axis: Axes = None, *, keepdims: bool = False,
        masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """The root of the sum of (x - y)^2 over `axis`."""
        ...

    @op(distances.manhattan_distance, mask=reduces(), samediff="manhattanDistance", java=_FROM,
        cases=(_APART, _APART_ROWS))
    def manhattan_distance(
        self, x: VarLike, y: VarLike, axis: Axes = None, *, keepdims: bool = False,
        masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """The sum of |x - y| over `axis`."""
        ...

    @op(distances.hamming_distance, mask=reduces(), samediff="hammingDistance", java=_FROM,
        cases=(case(Spec((2, 5, 3), "integer"), Spec((2, 5, 3), "integer"), axis=1, gradient=False,
                    padded={"x": (0, 1), "y": (0, 1)}), _APART_ROWS))
    def hamming_distance(
        self, x: VarLike, y: VarLike, axis: Axes = None, *, keepdims: bool = False,
        masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """The fraction of elements along `axis` in which x and y differ."""
        ...

    @op(distances.jaccard_distance, mask=reduces(), samediff="jaccardDistance", java=_FROM,
        cases=(case(Spec((2, 5, 3), "positive"), Spec((2, 5, 3), "positive"), axis=1,
                    padded={"x": (0, 1), "y": (0, 1)}),
               case(Spec((4, 3), "positive"), Spec((1, 3), "positive"), axis=-1)))
    def jaccard_distance(
        self, x: VarLike, y: VarLike, axis: Axes = None, *, keepdims: bool = False,
        masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """1 - sum of min(x, y) / sum of max(x, y) over `axis`; 0 where both are 0."""
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

    @op(reductions.moments, mask=reduces(), samediff="moments", java=("x, axis, keepdims",),
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

    @op(reductions.normalize_moments, mask=pointwise, safe={"counts": 1.0},
        samediff="normalizeMoments",
        cases=(case(Spec((), "positive"), (3,), (3,), shift=0.5),
               case(Spec((2, 5), "positive"), (2, 5), (2, 5),
                    padded={"counts": (0, 1), "means": (0, 1), "variances": (0, 1)})))
    def normalize_moments(
        self, counts: VarLike, means: VarLike, variances: VarLike, shift: float = 0.0, *,
        name: str | None = None,
    ) -> tuple[SDVariable, SDVariable]:
        """Mean and variance from sums of x - shift and of (x - shift)^2 over `counts` elements."""
        ...

    @op(clipping.clip_by_norm, mask=normalises(), samediff="clipByNorm",
        cases=(_SCALED, case((4, 3), clip_value=0.5)))
    def clip_by_norm(
        self, x: VarLike, clip_value: float, axis: Axes = None, *, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """x, scaled to the norm `clip_value` where its euclidean norm over `axis` is greater."""
        ...

    @op(clipping.clip_by_avg_norm, mask=normalises(), samediff="clipByAvgNorm",
        cases=(case((2, 5, 3), clip_value=0.2, axis=1, padded={"x": (0, 1)}),
               case((4, 3), clip_value=0.1)))
    def clip_by_avg_norm(
        self, x: VarLike, clip_value: float, axis: Axes = None, *, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """As `clip_by_norm`, with the norm divided by the number of elements."""
        ...

    # Order. All elements are compared, row by row.

    @op(orders.is_max, mask=normalises(), samediff="isMax",
        cases=(_KINK, case((4,), gradient=False)))
    def is_max(self, x: VarLike, *, masked: bool = True, name: str | None = None) -> SDVariable:
        """True at the greatest of all elements alone, the first of equals."""
        ...

    @op(orders.is_non_decreasing, mask=reduces(), samediff="isNonDecreasing",
        cases=(_KINK, case(Spec((1,), "integer"), gradient=False)))
    def is_non_decreasing(
        self, x: VarLike, *, masked: bool = True, name: str | None = None
    ) -> SDVariable:
        """Whether no element is less than the one before it, row by row."""
        ...

    @op(orders.is_strictly_increasing, mask=reduces(), samediff="isStrictlyIncreasing",
        cases=(_KINK, case(Spec((1,), "integer"), gradient=False)))
    def is_strictly_increasing(
        self, x: VarLike, *, masked: bool = True, name: str | None = None
    ) -> SDVariable:
        """Whether every element is greater than the one before it, row by row."""
        ...

    # Several arrays of one shape into one.

    @op(merging.merge_add, mask=pointwise, samediff="mergeAdd", java=("*xs",),
        cases=(_MERGED, _MERGED_ALONE), raises=(_UNLIKE,))
    def merge_add(self, xs: Sequence[VarLike], *, name: str | None = None) -> SDVariable:
        """The sum of the inputs."""
        ...

    @op(merging.merge_avg, mask=pointwise, samediff="mergeAvg", java=("*xs",),
        cases=(_MERGED, _MERGED_ALONE), raises=(_UNLIKE,))
    def merge_avg(self, xs: Sequence[VarLike], *, name: str | None = None) -> SDVariable:
        """The mean of the inputs."""
        ...

    @op(merging.merge_max, mask=pointwise, samediff="mergeMax", java=("*xs",),
        cases=(_MERGED, _MERGED_ALONE), raises=(_UNLIKE,))
    def merge_max(self, xs: Sequence[VarLike], *, name: str | None = None) -> SDVariable:
        """The greatest of the inputs, element by element."""
        ...

    @op(merging.merge_max_index, mask=pointwise, samediff="mergeMaxIndex",
        java=("*xs", "xs, dtype"), cases=(_MERGED, _MERGED_ALONE), raises=(_UNLIKE,))
    def merge_max_index(
        self, xs: Sequence[VarLike], *, dtype: DTypeLike = "int32", name: str | None = None
    ) -> SDVariable:
        """Which of the inputs is greatest, element by element: its number, the first of equals."""
        ...

    # Matrices in the last two axes, vectors in the last.

    @op(matrices.cross, mask=decomposes(x=1, y=1), samediff="cross",
        cases=(case((2, 5, 3), (2, 5, 3), padded={"x": (0, 1), "y": (0, 1)}), case((3,), (3,))),
        raises=(wrong((2, 4), (2, 4), match="size 3"),))
    def cross(self, x: VarLike, y: VarLike, *, name: str | None = None) -> SDVariable:
        """The vector product of x and y along the last axis, which has size 3."""
        ...

    @op(matrices.diag, mask=opaque, samediff="diag", cases=(case((4,)), case((2, 3))))
    def diag(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """x[i, j, ..] at [i, j, .., i, j, ..], zeros elsewhere."""
        ...

    @op(matrices.diag_part, mask=opaque, samediff="diagPart",
        cases=(_MATRIX, case((2, 3, 2, 3))), raises=(wrong((2, 3), match="equal halves"),))
    def diag_part(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """x[i, j, .., i, j, ..] at [i, j, ..]: the inverse of `diag`."""
        ...

    @op(matrices.set_diag, mask=decomposes(x=2, diagonal=1), samediff="setDiag",
        cases=(case((2, 3, 4), (2, 3), padded={"x": (0, None), "diagonal": (0, None)}),
               case((4, 2), (2,))), raises=(wrong((3, 3), (2,), match="diagonals"),))
    def set_diag(self, x: VarLike, diagonal: VarLike, *, name: str | None = None) -> SDVariable:
        """x with `diagonal` on the diagonals of its matrices."""
        ...

    @op(matrices.trace, mask=decomposes(x=2), samediff="trace", cases=(_MATRICES, case((3, 4))),
        raises=(wrong((3,), match="matrices"),))
    def trace(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """The sum over the diagonal of the last two axes."""
        ...

    @op(matrices.matrix_determinant, mask=decomposes(where=True, x=2), samediff="matrixDeterminant",
        cases=(_MATRICES, _MATRIX))
    def matrix_determinant(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """The determinant of the last two axes."""
        ...

    @op(matrices.matrix_inverse, mask=decomposes(where=True, x=2), samediff="matrixInverse",
        cases=(_MATRICES, _MATRIX))
    def matrix_inverse(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """The inverse of the last two axes; of a singular matrix Inf or NaN."""
        ...

    @op(matrices.eye, mask=creates, samediff="eye",
        java=("rows", "rows, cols", "rows, cols, dtype, batch_shape"),
        cases=(case(rows=3, gradient=False),
               case(rows=2, cols=3, batch_shape=(4,), gradient=False)))
    def eye(
        self, rows: int | str | ShapeLike, cols: int | str | ShapeLike | None = None,
        dtype: DTypeLike = "float32", batch_shape: ShapeLike = (), *, name: str | None = None,
    ) -> SDVariable:
        """Ones on the diagonal, zeros elsewhere: [.., rows, cols], square without `cols`."""
        ...

    # Tables and look-ups.

    @op(tables.confusion_matrix, mask=tallies, samediff="confusionMatrix", complete=_classes,
        java=("labels, predictions, dtype", "labels, predictions, num_classes",
              "labels, predictions, weights", "labels, predictions, weights, num_classes"),
        cases=(case(_IDS, _IDS, num_classes=4, gradient=False,
                    padded={"labels": (0, 1), "predictions": (0, 1)}),
               case(Spec((6,), "integer"), Spec((6,), "integer"), (6,), num_classes=5)))
    def confusion_matrix(
        self, labels: VarLike, predictions: VarLike, weights: VarLike | None = None, *,
        num_classes: int | None = None, dtype: DTypeLike | None = None, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """[label, prediction]: how often the two met, or the sum of the weights of these items.

        Without `num_classes` both must be constants; an item outside the classes is in no cell.
        """
        ...

    @op(tables.meshgrid, mask=opaque, samediff="meshgrid", java=("xs, cartesian",),
        cases=(case(((3,), (2,))), case(((3,), (2,), (4,)), cartesian=False)),
        raises=(wrong(((3,), (2, 2)), match="vectors"),))
    def meshgrid(
        self, xs: Sequence[VarLike], *, cartesian: bool = True, name: str | None = None
    ) -> tuple[SDVariable, ...]:
        """Coordinates of the grid that the vectors span, one array for each.

        Axis i belongs to vector i; with `cartesian` the first two axes are swapped.
        """
        ...

    embedding_lookup = NNOps.embedding
