"""The battery catches what it is there for: ops with one mistake each, and who sees it."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import pytest

from samediff_py import testing
from samediff_py.ops.define import Namespace, case, op, wrong
from samediff_py.ops.record import OPS, Op
from samediff_py.ops.rules import pointwise, reduces
from samediff_py.ops.site import Rule, Verdict
from samediff_py.testing import battery

OVER_TIME = case((2, 5, 3), axis=1, padded={"x": (0, 1)})
MISTAKES: list[tuple[str, Callable[..., Any], dict[str, Any]]] = []


def caught_by(check: str, **declared: Any):
    """The kernel, declared so, fails that check."""

    def collect(kernel):
        MISTAKES.append((check, kernel, {"mask": reduces(), "cases": (OVER_TIME,), **declared}))
        return kernel

    return collect


def _tells_nothing(site):
    return Verdict(reduces().apply(site).tags)


def _forgets_empty_rows(site):
    told = reduces().apply(site)
    return Verdict((told.tags[0].with_terms(()),), told.injects, covered=told.covered)


@caught_by("definition", mask=Rule("reduces", _tells_nothing, "Nothing is told."))
def padding_is_summed_up(x, axis, *, where=None):
    return jnp.sum(x + 1, axis)


@caught_by("definition")
def the_divisor_is_the_padded_length(x, axis, *, where=None):
    return jnp.mean(jnp.where(True if where is None else where, x, 0), axis)


@caught_by("definition", mask=pointwise)
def positions_are_coupled_in_secret(x, axis):
    return jnp.flip(x, axis)


@caught_by("content")
def a_row_without_anything_is_nan(x, axis, *, where=None):
    return jnp.mean(x, axis, where=True if where is None else where)


@caught_by("content", mask=pointwise)
def the_logarithm_of_padding_has_no_slope(x, axis):
    return jnp.log(x * x)


@caught_by("poison")
def the_mask_is_multiplied(x, axis, *, where=None):
    return jnp.sum(x if where is None else x * where, axis)


@caught_by("amount", mask=Rule("reduces", _forgets_empty_rows, "Nobody is empty."))
def an_empty_example_is_an_answer(x, axis, *, where=None):
    return jnp.sum(x, axis, where=True if where is None else where) + 1


@caught_by("rounding", mask=Rule("reduces", _tells_nothing, "Nothing is told."))
def a_bucket_is_seen(x, axis, *, where=None):
    return jnp.sum(jnp.ones_like(x), axis)


@caught_by("company", mask=pointwise)
def examples_are_mixed(x, axis):
    return x - jnp.mean(x, axis=0, keepdims=True)


@jax.custom_jvp
def _square(x):
    return x * x


_square.defjvp(lambda x, t: (_square(*x), x[0] * t[0]))  # 2 is missing


@caught_by("gradient", mask=pointwise)
def the_derivative_is_half_of_it(x, axis):
    return _square(x)


@pytest.fixture
def declared():
    known = set(OPS)

    def declare(kernel: Callable[..., Any], **how: Any) -> Op:
        name = f"{kernel.__name__}_in_a_test"

        class Own(Namespace):
            @op(kernel, name=name, **how)
            def stub(self, x: "VarLike", axis: "Axes" = None, *, name: str | None = None) -> Any:  # noqa: F821
                """With one mistake."""
                ...

        return OPS[name]

    yield declare
    for name in set(OPS) - known:
        del OPS[name]


@pytest.mark.parametrize(
    "check, kernel, how", [pytest.param(*m, id=m[1].__name__) for m in MISTAKES]
)
def test_mistake(declared, check, kernel, how):
    wrongly = declared(kernel, **how)
    with pytest.raises(AssertionError):
        getattr(battery, f"check_{check}")(wrongly, wrongly.cases[0])


def total(x, axis, *, where=None):
    return jnp.sum(x, axis, where=True if where is None else where)


def test_a_wrong_answer(declared):
    sums = declared(total, mask=reduces(), cases=(OVER_TIME,))
    testing.check_reference(sums, OVER_TIME, lambda x, axis: x.sum(axis))
    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        testing.check_reference(sums, OVER_TIME, lambda x, axis: 2 * x.sum(axis))


def lenient(x, axis):
    return x


def strict(x, axis):
    raise ValueError("no")


@pytest.mark.parametrize(
    "kernel, text", [(lenient, "takes Wrong"), (strict, "'axis' is not in: strict_in_a_test: no")]
)
def test_a_wrong_call_without_its_error(declared, kernel, text):
    own = declared(kernel, mask=pointwise, raises=(wrong((2, 3), match="axis"),))
    with pytest.raises(AssertionError, match=text):
        testing.check_wrong(own, own.raises[0])


def test_an_op_that_is_right_passes(declared):
    refusal = wrong((2, 3), axis=5, match="axis 5")
    cases = (OVER_TIME, case((4, 3), axis=0))
    testing.check_op(declared(total, mask=reduces(), cases=cases, raises=(refusal,)))
