"""`sd.random`: arrays of random numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..kernels import random
from .define import Namespace, case, op, wrong
from .rules import creates

if TYPE_CHECKING:
    from ..variable import SDVariable
    from .types import DTypeLike, ShapeLike

_CASES = (case(shape=(2, 3), gradient=False), case(shape=(), dtype="float16", gradient=False))
_SPREAD = ("mean, stddev, dtype, shape", "mean, stddev, dtype, *shape")
_P = {"p": 0.3, "gradient": False}
_RANK_0 = "SameDiff refuses an empty shape; here it is one number."
_TYPE = "SameDiff gives float32 whatever type is asked for; here it is the floating type asked for."


class RandomOps(Namespace):
    """New arrays of random numbers.

    The numbers follow from the seed of `SameDiff.create(seed=...)`, the name of the variable and
    their place in the array alone: a longer dim draws the same numbers at the same places, another
    name others. In training every step draws anew, in inference every call draws the same.
    Sizes may be names of dims.
    """

    @op(random.uniform, mask=creates, samediff="uniform",
        java=("minval, maxval, dtype, shape", "minval, maxval, dtype, *shape"),
        cases=(*_CASES, case(shape=(4,), minval=-2.0, maxval=3.0, gradient=False)),
        raises=(wrong(shape=(2,), dtype="int32", match="floating type"),
                wrong(shape=(2,), minval=1.0, maxval=0.0, match="at most")), differs=_RANK_0)
    def uniform(
        self, shape: ShapeLike, dtype: DTypeLike = "float32", *, minval: float = 0.0,
        maxval: float = 1.0, name: str | None = None,
    ) -> SDVariable:
        """Uniform between `minval` and `maxval`."""
        ...

    @op(random.normal, mask=creates, samediff="normal", java=_SPREAD, cases=_CASES,
        raises=(wrong(shape=(2,), stddev=-1.0, match="at least 0"),), differs=_RANK_0)
    def normal(
        self, shape: ShapeLike, dtype: DTypeLike = "float32", *, mean: float = 0.0,
        stddev: float = 1.0, name: str | None = None,
    ) -> SDVariable:
        """Normal, with this mean and standard deviation."""
        ...

    @op(random.truncated_normal, mask=creates, samediff="normalTruncated", java=_SPREAD,
        cases=_CASES, raises=(wrong(shape=(2,), stddev=-1.0, match="at least 0"),),

        differs=("Of SameDiff's numbers 2.3 % are the mean itself (a redraw that failed); here "
                 "the law is that of a normal number within two stddev.", _TYPE, _RANK_0))
    def normal_truncated(
        self, shape: ShapeLike, dtype: DTypeLike = "float32", *, mean: float = 0.0,
        stddev: float = 1.0, name: str | None = None,
    ) -> SDVariable:
        """Normal, given that it lies within two `stddev` of the mean (its own standard deviation
        is then 0.88 of it)."""
        ...

    @op(random.log_normal, mask=creates, samediff="logNormal", java=_SPREAD, cases=_CASES,
        raises=(wrong(shape=(2,), stddev=-1.0, match="at least 0"),), differs=_RANK_0)
    def log_normal(
        self, shape: ShapeLike, dtype: DTypeLike = "float32", *, mean: float = 0.0,
        stddev: float = 1.0, name: str | None = None,
    ) -> SDVariable:
        """exp of a normal number; `mean` and `stddev` are those of the logarithm."""
        ...

    @op(random.exponential, mask=creates, samediff="exponential",
        java=("rate, dtype, shape", "rate, dtype, *shape"), cases=_CASES,
        raises=(wrong(shape=(2,), rate=0.0, match="above 0"),), differs=_TYPE)
    def exponential(
        self, shape: ShapeLike, dtype: DTypeLike = "float32", *, rate: float = 1.0,
        name: str | None = None,
    ) -> SDVariable:
        """Exponential of mean 1 / rate (SameDiff's lambda)."""
        ...

    @op(random.bernoulli, mask=creates, samediff="bernoulli",
        java=("p, dtype, shape", "p, dtype, *shape"),
        cases=(case(shape=(2, 3), **_P), case(shape=(), **_P)),
        raises=(wrong(shape=(2,), p=1.5, match="probability"),), differs=_RANK_0)
    def bernoulli(
        self, shape: ShapeLike, dtype: DTypeLike = "float32", *, p: float,
        name: str | None = None,
    ) -> SDVariable:
        """1 with probability `p`, else 0."""
        ...

    @op(random.binomial, mask=creates, samediff="binomial",
        java=("n_trials, p, dtype, shape", "n_trials, p, dtype, *shape"),
        cases=(case(shape=(2, 3), n_trials=4, **_P), case(shape=(), n_trials=0, **_P)),
        raises=(wrong(shape=(2,), n_trials=4, p=-0.1, match="probability"),
                wrong(shape=(2,), n_trials=-1, p=0.5, match="at least 0")), differs=_RANK_0)
    def binomial(
        self, shape: ShapeLike, dtype: DTypeLike = "float32", *, n_trials: int, p: float,
        name: str | None = None,
    ) -> SDVariable:
        """How many of `n_trials` trials succeed, each with probability `p`."""
        ...
