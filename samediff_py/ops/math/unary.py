"""One input, element by element. `safe` where the function or its slope is not bounded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp

from ...kernels import (
    activations,
    arithmetic,
)
from ..base import BaseOps
from ..define import Namespace, Spec, case, op
from ..differences import INTEGERS
from ..nn import NNOps
from ..rules import pointwise

if TYPE_CHECKING:
    from ...variable import SDVariable
    from ..types import VarLike

_ONE = case((2, 5, 3), padded={"x": (0, 1)})
_POSITIVE = case(Spec((2, 5, 3), "positive"), padded={"x": (0, 1)})
_UNIT = case(Spec((2, 5, 3), "unit"), padded={"x": (0, 1)})
_FLAG = case(Spec((2, 5), "boolean"), padded={"x": (0, 1)}, gradient=False)
_ALONE = case((4,))


class Unary(Namespace):
    """One input, element by element. `safe` where the function or its slope is not bounded."""

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

    @op(jnp.exp, mask=pointwise, safe=0.0, samediff="exp", cases=(_ONE, case((4,))),
        differs=INTEGERS)
    def exp(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """e^x."""
        ...

    @op(jnp.expm1, mask=pointwise, safe=0.0, samediff="expm1", cases=(_ONE, case((4,))),
        differs=INTEGERS)
    def expm1(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """e^x - 1, exact near 0."""
        ...

    @op(arithmetic.log, mask=pointwise, safe=1.0, samediff="log",
        cases=(_POSITIVE, case(Spec((4,), "positive"), base=2.0)), differs=INTEGERS)
    def log(
        self, x: VarLike, base: float | None = None, *, name: str | None = None
    ) -> SDVariable:
        """The natural logarithm, or the logarithm to `base`."""
        ...

    @op(jnp.log1p, mask=pointwise, safe=0.0, samediff="log1p",
        cases=(_POSITIVE, case(Spec((4,), "positive"))), differs=INTEGERS)
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
        cases=(_POSITIVE, case(Spec((4,), "positive"))),
        differs="The reciprocal of an integer is floating point; SameDiff cuts it to an integer.")
    def reciprocal(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """1 / x."""
        ...

    @op(jnp.sin, mask=pointwise, samediff="sin", cases=(_ONE, case((4,))), differs=INTEGERS)
    def sin(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """The sine, in radians."""
        ...

    @op(jnp.cos, mask=pointwise, samediff="cos", cases=(_ONE, case((4,))), differs=INTEGERS)
    def cos(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """The cosine, in radians."""
        ...

    @op(jnp.sign, mask=pointwise, samediff="sign", cases=(_ONE, case((4,))),
        differs="NaN stays NaN; SameDiff makes it 0.")
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

    @op(jax.scipy.special.erf, mask=pointwise, samediff="erf", cases=(_ONE, case((4,))),
        differs=INTEGERS)
    def erf(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """The error function."""
        ...

    clip_by_value = BaseOps.clip_by_value

    @op(jnp.isnan, mask=pointwise, samediff="isNaN", cases=(_ONE, case((4,))))
    def is_nan(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """True where x is not a number."""
        ...

    @op(jnp.isfinite, mask=pointwise, samediff="isFinite", cases=(_ONE, case((4,))))
    def is_finite(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """True where x is neither infinite nor NaN."""
        ...

    @op(jnp.tan, mask=pointwise, safe=0.0, samediff="tan", cases=(_UNIT, _ALONE), differs=INTEGERS)
    def tan(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """The tangent, in radians."""
        ...

    @op(jnp.arcsin, mask=pointwise, safe=0.0, samediff="asin",
        cases=(_UNIT, case(Spec((4,), "unit"))), differs=INTEGERS)
    def asin(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """The inverse sine of x between -1 and 1."""
        ...

    @op(jnp.arccos, mask=pointwise, safe=0.0, samediff="acos",
        cases=(_UNIT, case(Spec((4,), "unit"))), differs=INTEGERS)
    def acos(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """The inverse cosine of x between -1 and 1."""
        ...

    @op(jnp.arctan, mask=pointwise, samediff="atan", cases=(_ONE, _ALONE), differs=INTEGERS)
    def atan(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """The inverse tangent."""
        ...

    @op(jnp.sinh, mask=pointwise, safe=0.0, samediff="sinh", cases=(_ONE, _ALONE), differs=INTEGERS)
    def sinh(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """The hyperbolic sine."""
        ...

    @op(jnp.cosh, mask=pointwise, safe=0.0, samediff="cosh", cases=(_ONE, _ALONE), differs=INTEGERS)
    def cosh(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """The hyperbolic cosine."""
        ...

    @op(jnp.arcsinh, mask=pointwise, safe=0.0, samediff="asinh", cases=(_ONE, _ALONE),
        differs=("SameDiff gives NaN for -infinity.", INTEGERS))
    def asinh(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """The inverse hyperbolic sine."""
        ...

    @op(jnp.arccosh, mask=pointwise, safe=2.0, samediff="acosh",
        cases=(case(Spec((2, 5, 3), "above"), padded={"x": (0, 1)}), case(Spec((4,), "above"))),
        differs=INTEGERS)
    def acosh(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """The inverse hyperbolic cosine of x from 1 on."""
        ...

    @op(jnp.arctanh, mask=pointwise, safe=0.0, samediff="atanh",
        cases=(_UNIT, case(Spec((4,), "unit"))), differs=INTEGERS)
    def atanh(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """The inverse hyperbolic tangent of x between -1 and 1."""
        ...

    tanh = NNOps.tanh

    @op(activations.rational_tanh, mask=pointwise, safe=0.0, samediff="rationalTanh",
        cases=(_ONE, _ALONE), differs=INTEGERS)
    def rational_tanh(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """1.7159 tanh(2x/3), by a quotient of polynomials."""
        ...

    @op(activations.rectified_tanh, mask=pointwise, samediff="rectifiedTanh", cases=(_ONE, _ALONE),
        differs=INTEGERS)
    def rectified_tanh(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """tanh x, or 0 where that is negative."""
        ...

    @op(jax.scipy.special.erfc, mask=pointwise, samediff="erfc", cases=(_ONE, _ALONE),
        differs=INTEGERS)
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
