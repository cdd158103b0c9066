"""Laws of the mask algebra, held on random tags over a plan with declared and derived masks."""

from itertools import permutations

import numpy as np
import pytest

from samediff_py.compile.mask_values import MaskValues
from samediff_py.foundation.dims import Dim
from samediff_py.foundation.errors import GraphError
from samediff_py.ir.masks import (
    Lost,
    MaskPlan,
    Sense,
    Tag,
    Term,
    Use,
    conjunction,
    projected,
    simplified,
    union,
)
from samediff_py.ops.site import extent_terms

BATCH, TIME, KEY = (Dim(name) for name in ("batch", "time", "key"))
SIZES = {"batch": 3, "time": 4, "key": 5}
FED = {"batch": 2, "time": 3, "key": 4}
LABELS = ("batch", "time", None)
# Of a tensor [batch, time, key]: each mask, and the axes it lies along.
DECLARED = {"m": (0, 1), "n": (0, 1), "k": (0, 2), "rows": (0,)}
DIMS = (BATCH, TIME, KEY)
SEEDS = range(12)


class World:
    """A plan, its masks at run time, and random terms."""

    def __init__(self, seed: int):
        self.rng = np.random.default_rng(seed)
        self.plan = MaskPlan()
        fed = [np.arange(size) < FED[name] for name, size in SIZES.items()]
        real = fed[0][:, None, None] & fed[1][:, None] & fed[2]
        values = {}
        for mask, axes in DECLARED.items():
            self.plan.declare(mask, tuple(DIMS[a] for a in axes))
            inside = real.any(axis=tuple({0, 1, 2} - set(axes)))
            values[mask] = (self.rng.random(inside.shape) < 0.7) & inside
        self.masks = MaskValues(self.plan, values, SIZES, FED)
        known = [t.moved(axes.__getitem__) for m, axes in DECLARED.items() for t in self.own(m)]
        self.known = [*known, *extent_terms(DIMS, (0, 1, 2), self.plan)]

    def own(self, mask: str):
        return self.plan.terms_of(mask)

    def terms(self) -> frozenset[Term]:
        chosen = self.rng.random(len(self.known)) < 0.5
        return frozenset(t for t, c in zip(self.known, chosen, strict=True) if c)

    def tag(self) -> Tag:
        return Tag(LABELS, self.terms())

    def made(self, terms, axes=(0, 1, 2)) -> np.ndarray:
        built = self.masks.use(Use(frozenset(terms), tuple(axes)))
        shape = tuple(list(SIZES.values())[a] for a in axes)
        return np.ones(shape, bool) if built is None else np.broadcast_to(built, shape)


@pytest.fixture(params=SEEDS)
def world(request):
    return World(request.param)


def test_union(world):
    a, b, c = world.tag(), world.tag(), world.tag()
    assert union([a, a], LABELS) == a
    assert union([a, b], LABELS) == union([b, a], LABELS)
    assert union([union([a, b], LABELS), c], LABELS) == union([a, union([b, c], LABELS)], LABELS)
    both = union([a, b], LABELS)
    np.testing.assert_array_equal(world.made(both.terms), world.made(a.terms) & world.made(b.terms))


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_permuting_back_and_forth(order):
    tag = World(0).tag()
    back = tuple(np.argsort(order))
    assert tag.along(order).along(back) == tag
    assert tag.along(order).labels == tuple(LABELS[a] for a in order)


def test_permuting_moves_the_mask(world):
    tag = world.tag()
    turned = world.masks.use(Use(tag.along((2, 0, 1)).terms, (0, 1, 2)))
    want = world.made(tag.terms).transpose(2, 0, 1)
    got = np.ones(()) if turned is None else turned
    np.testing.assert_array_equal(np.broadcast_to(got, want.shape), want)


def test_a_new_axis_and_none_any_more():
    tag = World(1).tag()
    grown = tag.along((0, None, 1, 2))
    assert grown.labels == ("batch", None, "time", None)
    assert not grown.touching((1,))
    assert grown.along((0, 2, 3)) == tag


@pytest.mark.parametrize("keep", [(0,), (0, 1), (0, 2)])
def test_projecting_leaves_any_over_the_rest(world, keep):
    terms = world.terms()
    gone = tuple(a for a in range(3) if a not in keep)
    left = projected(terms, keep, world.plan)
    assert all(set(term.axes) <= set(keep) for term in left)
    np.testing.assert_array_equal(world.made(left, keep), world.made(terms).any(axis=gone))


def test_projecting_onto_all_changes_nothing(world):
    terms = world.terms()
    assert projected(terms, range(3), world.plan) == terms


def test_simplifying_never_changes_the_mask(world):
    terms = world.terms()
    fewer = simplified(terms, world.plan)
    assert fewer <= terms
    assert simplified(fewer, world.plan) == fewer
    np.testing.assert_array_equal(world.made(fewer), world.made(terms))


def test_conjunction_is_one_mask(world):
    terms = world.terms() | {Term("k", (0, 2)), Term("rows", (0,))}
    axes = sorted({axis for term in terms for axis in term.axes})
    whole = Term(conjunction(terms, axes, world.plan), tuple(axes))
    np.testing.assert_array_equal(world.made([whole]), world.made(terms))


def test_equal_masks_are_one_node():
    plan = MaskPlan()
    plan.declare("m", (BATCH, TIME))
    first = plan.emit("any", ("m",), (BATCH,), axes=(1,))
    assert plan.emit("any", ("m",), (BATCH,), axes=(1,)) == first
    assert plan.emit("any", ("m",), (TIME,), axes=(0,)) != first
    assert len(plan.nodes) == 2


def test_names_of_derived_masks_are_nobodys():
    from samediff_py import SameDiff

    plan = MaskPlan()
    name = plan.emit("any", ("m",), (BATCH,), axes=(1,))
    with pytest.raises(GraphError, match="is no name"):
        SameDiff.create().placeholder("x", ("batch", 2), mask=name)


def test_a_mask_says_where_rows_end():
    plan = MaskPlan()
    plan.declare("m", (BATCH, TIME))
    assert plan.terms_of("m") == {Term("m", (0, 1), Sense.EXISTS)}


def test_masks_on_the_same_dims_say_it_together():
    plan = MaskPlan()
    plan.declare("m", (BATCH, TIME))
    plan.declare("n", (BATCH, TIME))
    both = plan.emit("or", ("m", "n"), (BATCH, TIME))
    exists = Term(both, (0, 1), Sense.EXISTS)
    assert plan.terms_of("m") == {exists, Term("m", (0, 1), Sense.MISSING)}
    assert plan.terms_of("n") == {exists, Term("n", (0, 1), Sense.MISSING)}
    assert simplified(plan.terms_of("m"), plan) == {Term("m", (0, 1), Sense.MISSING)}


def test_a_mask_of_one_dim_says_what_is_missing():
    plan = MaskPlan()
    plan.declare("m", (BATCH,))
    assert plan.terms_of("m") == {Term("m", (0,), Sense.MISSING)}


@pytest.mark.parametrize(
    "shape, ends", [((BATCH, TIME, KEY), (1, 2)), ((TIME, BATCH, KEY), (0, 2))]
)
def test_a_mask_of_three_dims_says_where_examples_end_along_each(shape, ends):
    plan = MaskPlan()
    plan.declare("m", shape)
    own, rows = Term("m", (0, 1, 2), Sense.MISSING), shape.index(BATCH)
    first, second = (_term_at(plan.terms_of("m"), (rows, axis)) for axis in ends)
    assert plan.terms_of("m") == {own, first, second}
    assert plan.shape(second.mask) == (BATCH, KEY)
    assert simplified({own, first, second}, plan) == {own}, "the mask says all of it"
    assert simplified({first, second}, plan) == {first, second}
    (rest,) = projected(frozenset({first}), {ends[0]}, plan)
    assert (rest.axes, rest.sense) == (ends[:1], Sense.EXISTS), "the longest of the rows"


def _term_at(terms, axes):
    return next(t for t in terms if t.sense is Sense.EXISTS and t.axes == axes)


def test_time_before_batch():
    plan = MaskPlan()
    plan.declare("m", (TIME, BATCH))
    (term,) = plan.terms_of("m")
    assert term.sense is Sense.EXISTS and term.axes == (1, 0)
    assert plan.shape(term.mask) == (BATCH, TIME)


def test_lost_is_neither_true_nor_false():
    lost = Lost("moved by hand", "y")
    with pytest.raises(TypeError, match="neither true nor false"):
        bool(lost)
    assert str(lost) == "lost (moved by hand)"
