"""Products against numpy; that contractions are done on matrices; symbolic, in half."""

import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import export
from jax.test_util import check_grads
from kernels.helpers import random

from samediff_py.kernels.products import einsum, matmul, tensordot


def dot_ranks(fn, *shapes):
    """The ranks of the operands of every product that fn traces to."""
    equations = within(jax.make_jaxpr(fn)(*random(*shapes)))
    return [v.aval.ndim for e in equations if e.primitive.name == "dot_general" for v in e.invars]


def within(program):
    """The equations of a program, with those of functions that state their gradient."""
    for equation in program.eqns:
        yield from within(equation.params["call_jaxpr"]) if "call_jaxpr" in equation.params else ()
        yield equation


MATMULS = [
    ((4,), (4,)),
    ((4,), (4, 5)),
    ((3, 4), (4,)),
    ((2, 3, 4), (4,)),
    ((4,), (2, 4, 5)),
    ((3, 4), (4, 5)),
    ((2, 3, 4), (4, 5)),
    ((6, 2, 3, 4), (4, 5)),
    ((3, 4), (2, 4, 5)),
    ((3, 4), (6, 2, 4, 5)),
    ((2, 3, 4), (2, 4, 5)),
    ((6, 1, 3, 4), (2, 4, 5)),
    ((2, 0, 4), (4, 5)),
    ((2, 3, 0), (0, 5)),
]


@pytest.mark.parametrize("x, y", MATMULS, ids=str)
def test_matmul_is_numpys(x, y):
    a, b = random(x, y)
    np.testing.assert_allclose(matmul(a, b), np.matmul(a, b), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("flags", list(np.ndindex(2, 2, 2)), ids=str)
@pytest.mark.parametrize("x, y", MATMULS[5:11], ids=str)
def test_transposes_swap_the_last_two_axes(x, y, flags):
    a, b = random(x, y)
    given = [v.mT if flag else v for v, flag in zip((a, b), flags, strict=False)]
    options = dict(zip(("transpose_x", "transpose_y", "transpose_z"), flags, strict=True))
    expected = np.matmul(a, b)
    result = matmul(*given, **options)
    result = result.mT if flags[2] else result
    np.testing.assert_allclose(result, expected, rtol=1e-5, atol=1e-6)


def test_transposes_leave_vectors():
    x, y = random((4,), (4, 5))
    result = matmul(x, y, transpose_x=True, transpose_z=True)
    np.testing.assert_allclose(result, x @ y, rtol=1e-5)


TENSORDOTS = [
    ((2, 3, 4), (4, 5), 1),
    ((2, 3, 4), (3, 4, 5), 2),
    ((2, 3), (4,), 0),
    ((2, 3, 4), (5, 4), (2, 1)),
    ((2, 3, 4), (5, 4), (-1, -1)),
    ((2, 3, 4), (3, 5, 2), ((0, 1), (2, 0))),
    ((2, 3, 4), (4, 3, 2), ((2, 0, 1), (0, 2, 1))),
    ((2, 3), (4, 5), ((), ())),
]


@pytest.mark.parametrize("x, y, axes", TENSORDOTS, ids=str)
def test_tensordot_is_numpys(x, y, axes):
    a, b = random(x, y)
    expected = np.tensordot(a, b, axes)
    result = tensordot(a, b, axes=axes)
    assert result.shape == expected.shape
    np.testing.assert_allclose(result, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("axes", [(0, 0), (3, 0), ((0, 1), (0,))], ids=str)
def test_tensordot_refuses_axes_that_do_not_fit(axes):
    with pytest.raises(ValueError):
        tensordot(*random((2, 3, 4), (4, 5)), axes=axes)


EINSUMS = [
    ("btf,fg->btg", (2, 3, 4), (4, 5)),
    ("btf, fg -> gbt", (2, 3, 4), (4, 5)),
    ("bthd,hdf->btf", (2, 3, 4, 5), (4, 5, 6)),
    ("btf,btg->fg", (2, 3, 4), (2, 3, 5)),
    ("ij,ij->", (2, 3), (2, 3)),
    ("i,j->ji", (2,), (3,)),
    ("bqf,bkf->bqk", (2, 3, 4), (2, 5, 4)),
    ("ij,jk", (2, 3), (3, 4)),
    ("...i,ij->...j", (2, 3, 4), (4, 5)),
    ("ij,jk->i", (2, 3), (3, 4)),
    ("ii,ij->j", (3, 3), (3, 4)),
    ("ij,jk->ik", (2, 1), (3, 4)),
    ("ii->i", (3, 3)),
    ("a,ab,b->", (2,), (2, 3), (3,)),
]


@pytest.mark.parametrize("equation, shapes", [(e, s) for e, *s in EINSUMS], ids=str)
def test_einsum_is_numpys(equation, shapes):
    operands = random(*shapes)
    expected = np.einsum(equation, *operands)
    result = einsum(equation, *operands)
    assert result.shape == expected.shape
    np.testing.assert_allclose(result, expected, rtol=1e-5, atol=1e-6)


UNEQUAL = [
    ("btf,tg->bfg", ("batch, time, 4", "8, 5"), "'t' is time in 'btf' and 8 in 'tg'"),
    ("btf,btg->bfg", ("batch, time, 4", "batch, len, 4"), "'t' is time in 'btf' and len in 'btg'"),
    ("btt->bt", ("batch, time, 8",), "'t' is time and 8 in 'btt'"),
    ("ii->i", ("1, 3",), "'i' is 1 and 3 in 'ii'"),
    ("...f,...f->f", ("batch, time, 4", "8, 4"), "axis -1 of '...' is time in '...f' and 8"),
    ("a,a,a->a", ("4", "1", "time"), "'a' is 4 in 'a' and time in 'a'"),
]


@pytest.mark.parametrize("equation, shapes, text", UNEQUAL)
def test_a_letter_of_an_einsum_is_one_size(equation, shapes, text):
    scope = export.SymbolicScope()
    shapes = [export.symbolic_shape(shape, scope=scope) for shape in shapes]
    operands = [jax.ShapeDtypeStruct(shape, np.float32) for shape in shapes]
    with pytest.raises(ValueError, match=re.escape(text)):
        jax.eval_shape(lambda *arrays: einsum(equation, *arrays), *operands)


def test_a_size_of_1_is_spread_over_a_named_one():
    batch, time = export.symbolic_shape("batch, time")
    shapes = (batch, time, 4), (1, 5), (1, time)
    operands = [jax.ShapeDtypeStruct(shape, np.float32) for shape in shapes]
    out = jax.eval_shape(lambda *arrays: einsum("btf,tg,bt->bfg", *arrays), *operands)
    assert out.shape == (batch, 4, 5)


@pytest.mark.parametrize("shapes", [((2, 3, 4), (4, 5)), ((3,), (3, 4))], ids=str)
def test_einsum_refuses_operands_that_do_not_fit(shapes):
    with pytest.raises((ValueError, TypeError)):
        einsum("ij,jk->ik", *random(*shapes))


@pytest.mark.parametrize(
    "fn, shapes",
    [
        (matmul, ((2, 3, 4), (4, 5))),
        (matmul, ((3, 4), (2, 4, 5))),
        (lambda x, y: tensordot(x, y, axes=2), ((2, 3, 4), (3, 4, 5))),
        (lambda x, y: einsum("bthd,hdf->btf", x, y), ((2, 3, 4, 5), (4, 5, 6))),
    ],
)
def test_contractions_are_products_of_matrices(fn, shapes):
    assert dot_ranks(fn, *shapes) == [2, 2]


@pytest.mark.parametrize(
    "fn, shapes",
    [
        (matmul, ((2, 3, 4), (4, 5))),
        (matmul, ((3, 4), (2, 4, 5))),
        (lambda x, y: tensordot(x, y, axes=((0, 1), (2, 0))), ((2, 3, 4), (3, 5, 2))),
        (lambda x, y: einsum("btf,fg->gbt", x, y), ((2, 3, 4), (4, 5))),
    ],
)
def test_gradients(fn, shapes):
    with jax.enable_x64(True):
        check_grads(jax.jit(fn), random(*shapes, dtype=np.float64), order=1)


@pytest.mark.parametrize("dtype", [jnp.float16, jnp.bfloat16, jnp.float32, jnp.int32])
def test_types_stay_and_half_precision_sums_in_single(dtype):
    x = jnp.ones((2, 1, 8192), dtype)
    with jax.numpy_dtype_promotion("strict"):
        results = matmul(x, x[0].T), tensordot(x, x, axes=((0, 2), (0, 2))) / 2
    assert results[0].dtype == dtype
    assert all((result == 8192).all() for result in results)


def test_symbolic_sizes():
    batch, time = export.symbolic_shape("batch, time")
    x = jax.ShapeDtypeStruct((batch, time, 4), np.float32)
    w = jax.ShapeDtypeStruct((4, 5), np.float32)
    shapes = [jax.eval_shape(matmul, x, w), jax.eval_shape(matmul, x, x.update(shape=(4, 5)))]
    shapes += [jax.eval_shape(lambda x, w: einsum("btf,fg->gtb", x, w), x, w)]
    assert [s.shape for s in shapes] == [(batch, time, 5)] * 2 + [(5, time, batch)]
