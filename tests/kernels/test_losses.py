from functools import partial
from inspect import signature
from itertools import combinations, product

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.special as sp
from jax.export import symbolic_shape
from jax.test_util import check_grads

from samediff_py.kernels import losses
from samediff_py.kernels.ctc import ctc_loss
from samediff_py.kernels.loss_reduction import reduce_loss

RNG = np.random.default_rng(0)
WEIGHT = RNG.uniform(0.5, 2, 5)


def poisson(y, p, full):
    stirling = y * np.log(np.maximum(y, 1)) - y + np.log(2 * np.pi * np.maximum(y, 1)) / 2
    return np.exp(p) - y * p + full * np.where(y > 0, stirling, 0)


def huber(y, p, d=1.0):
    e = np.abs(y - p)
    return np.where(e <= d, e**2 / 2, d * e - d**2 / 2)


def logistic(y, p, q=1.0, a=0.0):
    y = y * (1 - a) + a / 2
    return -q * y * np.log(sp.expit(p)) - (1 - y) * np.log(sp.expit(-p))


def pairwise(y, p):
    pairs = list(combinations((p - y).ravel(), 2))
    return np.array([2 * np.mean([(a - b) ** 2 for a, b in pairs]) if pairs else 0.0])


def dense(y, p, a=0.0):
    return -np.sum((y * (1 - a) + a / y.shape[-1]) * sp.log_softmax(p, -1), -1)


def weighted(labels, logits, weights=None, **how):
    how["pos_weight"] = WEIGHT
    return losses.weighted_cross_entropy_with_logits(labels, logits, weights=weights, **how)


def real(shape):
    return RNG.normal(size=shape), 2 * RNG.normal(size=shape)


def binary(shape):
    return RNG.integers(0, 2, shape), 2 * RNG.normal(size=shape)


def probable(shape):
    return RNG.integers(0, 2, shape), RNG.uniform(0.1, 0.9, shape)


def counts(shape):
    return RNG.integers(0, 4, shape), RNG.normal(size=shape)


def classes(shape):
    return RNG.integers(0, shape[-1], shape[:-1]), 2 * RNG.normal(size=shape)


def option(name, **options):
    return partial(getattr(losses, name), **options)


# kernel, inputs, reference of one item's slot: an element, or what stands behind [row, position]
LOSSES = {
    "absolute_difference": (losses.absolute_difference, real, lambda y, p: np.abs(y - p)),
    "mean_squared_error": (losses.mean_squared_error, real, lambda y, p: (y - p) ** 2),
    "hinge": (losses.hinge_loss, binary, lambda y, p: np.maximum(0, 1 - (2 * y - 1) * p)),
    "huber": (losses.huber_loss, real, huber),
    "huber delta": (option("huber_loss", delta=0.4), real, partial(huber, d=0.4)),
    "log_loss": (losses.log_loss, probable, lambda y, p: logistic(y, sp.logit(p))),
    "log_poisson": (losses.log_poisson, counts, partial(poisson, full=0)),
    "log_poisson full": (option("log_poisson", full=True), counts, partial(poisson, full=1)),
    "sigmoid": (losses.sigmoid_cross_entropy, binary, logistic),
    "sigmoid smooth": (
        option("sigmoid_cross_entropy", label_smoothing=0.2),
        binary,
        partial(logistic, a=0.2),
    ),
    "weighted": (weighted, binary, partial(logistic, q=WEIGHT)),
    "cosine": (losses.cosine_distance, real, lambda y, p: 1 - np.sum(y * p, -1, keepdims=True)),
    "softmax": (losses.softmax_cross_entropy, real, dense),
    "softmax smooth": (
        option("softmax_cross_entropy", label_smoothing=0.3),
        real,
        partial(dense, a=0.3),
    ),
    "sparse": (
        losses.sparse_softmax_cross_entropy,
        classes,
        lambda y, p: -np.take_along_axis(sp.log_softmax(p, -1), y[..., None], -1)[..., 0],
    ),
}
MASK = np.arange(4) < np.array([4, 2, 0])[:, None]
every_formula = pytest.mark.parametrize("name", LOSSES)
every_loss = pytest.mark.parametrize("name", [name for name in LOSSES if " " not in name])


@pytest.fixture(autouse=True)
def x64():
    with jax.enable_x64(True):
        yield


def case(name):
    """A loss with labels and predictions [3, 4, 5], their items, and MASK in the items' rank."""
    loss, make, reference = LOSSES[name]
    labels, predictions = make((3, 4, 5))
    items = reference(labels, predictions)
    where = MASK[..., None] if items.ndim == 3 else MASK
    return loss, labels, predictions, items, where


def wrong(x, poison):
    """What no real entry is: NaN and the like, or integers out of range."""
    number = np.issubdtype(x.dtype, np.floating)
    return poison if number else int(np.nan_to_num(poison, nan=-7, posinf=99, neginf=-99) % 1000)


# The formulas


@every_formula
def test_items(name):
    loss, labels, predictions, items, _ = case(name)
    out = loss(labels, predictions, reduction="none")
    np.testing.assert_allclose(out, items, rtol=1e-5)
    np.testing.assert_allclose(loss(labels, predictions), items.mean(), rtol=1e-5)


@every_formula
def test_gradients(name):
    loss, labels, predictions, items, where = case(name)
    weights = np.where(where, RNG.uniform(1, 2, items.shape), 0)
    masked = jax.jit(lambda p, w: loss(labels, p, w, where=where))
    check_grads(masked, (predictions, weights), 1, modes=["rev"], eps=1e-5)


@every_loss
def test_padding_is_cut_out(name):
    """Ragged rows give what their real items give alone, in every reduction."""
    loss, labels, predictions, items, where = case(name)
    weights = RNG.integers(0, 3, items.shape)
    alone = labels[MASK], predictions[MASK], weights[MASK]
    for reduction in ("sum", "mean", "mean_by_weight"):
        how = {"reduction": reduction}
        np.testing.assert_allclose(
            loss(labels, predictions, where=where, **how), loss(*alone[:2], **how)
        )
        np.testing.assert_allclose(
            loss(labels, predictions, weights, where=where, **how), loss(*alone, **how)
        )
    out = loss(labels, predictions, weights, where=where, reduction="none")
    np.testing.assert_allclose(out, np.where(where, items * weights, 0), rtol=1e-5)


@every_loss
def test_poison_changes_nothing(name):
    loss, labels, predictions, items, where = case(name)

    @jax.jit
    def step(labels, predictions, weights):
        def total(p, w):
            mean = loss(labels, p, w, where=where, reduction="mean_by_weight")
            return mean + jnp.sum(loss(labels, p, w, where=where, reduction="none") ** 2)

        return jax.value_and_grad(total, (0, 1))(predictions, weights)

    clean = labels, predictions, RNG.uniform(1, 2, items.shape)
    expected = step(*clean)
    for poison in (np.nan, np.inf, -np.inf, 1e30):
        poisoned = step(*(np.where(_mask(x), x, wrong(x, poison)) for x in clean))
        jax.tree.map(np.testing.assert_array_equal, poisoned, expected)
    for gradient in expected[1]:
        assert np.isfinite(gradient).all() and not gradient[~MASK].any()


def _mask(x):
    return MASK.reshape(MASK.shape + (1,) * (x.ndim - 2))


@every_loss
def test_nothing_valid_is_zero(name):
    loss, labels, predictions, items, where = case(name)
    for empty in ({"where": where & False}, {"weights": np.zeros(items.shape)}):
        for reduction in ("mean", "mean_by_weight"):
            total = partial(loss, labels, reduction=reduction, **empty)
            value, gradient = jax.value_and_grad(total)(predictions)
            assert value == 0 and not gradient.any()


@every_loss
@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_dtype_is_kept(name, dtype):
    loss, labels, predictions, items, where = case(name)
    predictions, where = jnp.asarray(predictions, dtype), jnp.asarray(where)
    labels = labels if labels.dtype.kind == "i" else jnp.asarray(labels, dtype)
    with jax.numpy_dtype_promotion("strict"):
        for weights in (None, jnp.ones(items.shape, dtype)):
            out = loss(labels, predictions, weights, where=where)
            assert out.dtype == dtype
        assert loss(labels, predictions, reduction="none").dtype == dtype
    expected = items[np.broadcast_to(where, items.shape)].mean()
    np.testing.assert_allclose(out.astype("float32"), expected, rtol=5e-2)


@every_loss
def test_symbolic_shapes(name):
    loss, labels, predictions, items, where = case(name)
    batch, time = symbolic_shape("batch, time")

    def struct(x):
        return jax.ShapeDtypeStruct((batch, time, *x.shape[2:]), x.dtype)

    def run(y, p, w, m):
        how = {"weights": w, "where": m}
        return loss(y, p, reduction="none", **how), loss(y, p, **how), loss(y, p, parts=True)

    shapes = jax.eval_shape(run, *map(struct, (labels, predictions, items, where)))
    none, mean, (total, count) = shapes
    assert none.shape == (batch, time, *items.shape[2:])
    assert mean.shape == total.shape == count.shape == ()


def test_signatures_are_explicit():
    expected = "(labels, predictions, weights=None, *, reduction='mean', where=None, parts=False"
    names = "absolute_difference mean_squared_error hinge_loss sparse_softmax_cross_entropy"
    for name in names.split():
        assert str(signature(getattr(losses, name))).startswith(expected + ")")
    assert str(signature(losses.huber_loss)).startswith(expected + ", delta=1.0)")


# The reduction

SHAPES = [None, (), (3, 1), (1, 4), (3, 4)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("masked", [False, True])
def test_reductions(shape, masked):
    items, where = RNG.normal(size=(3, 4)), MASK if masked else None
    weights = None if shape is None else RNG.integers(0, 3, shape)
    w = np.broadcast_to(1 if weights is None else weights, (3, 4)) * (MASK if masked else 1)
    total = np.sum(items * w)
    expected = {"sum": total, "mean": total / max(np.sum(w != 0), 1)}
    expected["mean_by_weight"] = total / max(np.sum(w), 1)
    reduce = partial(reduce_loss, jnp.asarray(items), weights, where=where)
    np.testing.assert_allclose(reduce(reduction="none"), items * w)
    for reduction, value in expected.items():
        np.testing.assert_allclose(reduce(reduction=reduction), value)
        sums, count = reduce(reduction=reduction, parts=True)
        np.testing.assert_allclose(sums / max(count, 1), value)


@pytest.mark.parametrize("reduction", ["mean", "mean_by_weight"])
def test_parts_of_batches_add_up(reduction):
    y, p, w = (RNG.normal(size=(6, 4)) for _ in range(3))
    w, where = np.abs(w), RNG.random((6, 4)) < 0.5
    loss = partial(losses.mean_squared_error, reduction=reduction)
    parts = [
        loss(y[rows], p[rows], w[rows], where=where[rows], parts=True)
        for rows in (slice(0, 1), slice(1, 4), slice(4, 6))
    ]
    total, count = map(sum, zip(*parts, strict=True))
    np.testing.assert_allclose(total / count, loss(y, p, w, where=where))


def test_counts_do_not_saturate_in_half():
    x = jnp.ones(5000, jnp.bfloat16)
    assert losses.mean_squared_error(0 * x, x, where=x > 0) == 1
    assert losses.mean_squared_error(0 * x, x, parts=True)[1] == 5000
    assert losses.mean_squared_error(jnp.zeros(2, "float16"), jnp.full(2, 200, "float16")) == 40000


@pytest.mark.parametrize(
    "change, message",
    [
        ({"reduction": "average"}, "reduction must be one of"),
        ({"reduction": "none", "parts": True}, "parts"),
        ({"weights": np.ones(3)}, "weights of shape"),
        ({"weights": np.ones((3, 3))}, "weights of shape"),
        ({"labels": np.ones((3, 1))}, "differ"),
        ({"predictions": np.ones((3, 4), int)}, "floating"),
        ({"where": np.ones((2, 1), bool)}, "ncompatible"),
    ],
)
def test_errors(change, message):
    args = {"labels": np.ones((3, 4)), "predictions": np.ones((3, 4)), **change}
    with pytest.raises(ValueError, match=message):
        losses.absolute_difference(**args)


@pytest.mark.parametrize("labels", [np.zeros(3), np.zeros((3, 1), int)])
def test_sparse_labels_are_integers_of_the_rows(labels):
    with pytest.raises(ValueError, match="labels must be integers"):
        losses.sparse_softmax_cross_entropy(labels, np.ones((3, 4)))


# One by one


def test_a_column_of_weights_serves_rows_of_classes():
    labels, logits, weights = RNG.normal(size=(3, 4)), RNG.normal(size=(3, 4)), np.arange(3.0)
    for reduction in ("none", "mean"):
        loss = partial(losses.softmax_cross_entropy, labels, logits, reduction=reduction)
        np.testing.assert_array_equal(loss(weights[:, None]), loss(weights))


def test_cross_entropies_are_stable():
    logits = jnp.array([[-800.0, 800.0], [800.0, 800.0]])
    sparse = losses.sparse_softmax_cross_entropy(jnp.array([0, 1]), logits, reduction="none")
    np.testing.assert_allclose(sparse, [1600, np.log(2)])
    full = losses.softmax_cross_entropy(jnp.eye(2), logits, reduction="none")
    np.testing.assert_allclose(full, sparse)
    sigmoid = partial(losses.sigmoid_cross_entropy, reduction="none")
    np.testing.assert_allclose(sigmoid(jnp.array([0, 1]), jnp.array([800.0, 50.0]))[0], 800)
    np.testing.assert_allclose(sigmoid(jnp.array([1]), jnp.array([50.0])), np.exp(-50), rtol=1e-6)


def test_sigmoid_is_smooth_at_zero():
    loss = partial(losses.sigmoid_cross_entropy, jnp.array(1.0))
    slope, curvature = jax.jit(lambda p: (jax.grad(loss)(p), jax.hessian(loss)(p)))(0.0)
    assert slope == -0.5 and curvature == 0.25


@pytest.mark.parametrize("label", [-1, 4])
def test_a_label_that_is_no_class_is_nan(label):
    labels = jnp.array([label, 1])
    out = losses.sparse_softmax_cross_entropy(labels, jnp.ones((2, 4)), reduction="none")
    assert jnp.isnan(out).tolist() == [True, False]


def test_kinks_have_finite_gradients():
    zeros = jnp.zeros(3)
    for name in ("absolute_difference", "hinge_loss", "huber_loss"):
        assert np.isfinite(jax.grad(getattr(losses, name), 1)(zeros, zeros)).all()
    assert not jax.grad(losses.absolute_difference, 1)(zeros, zeros).any()
    assert np.isfinite(jax.grad(partial(losses.log_poisson, full=True))(zeros, zeros)).all()


def test_cosine_distance_leaves_out_elements():
    y, p = real((3, 4))
    items = losses.cosine_distance(y, np.where(MASK, p, np.nan), where=MASK, reduction="none")
    np.testing.assert_allclose(items[:2, 0], [1 - y[0] @ p[0], 1 - y[1, :2] @ p[1, :2]])
    assert items[2] == 0
    mean = losses.cosine_distance(y, p, where=MASK)
    np.testing.assert_allclose(mean, items[:2].mean())
    assert losses.cosine_distance(y, p, axis=0, reduction="none").shape == (1, 4)


@pytest.mark.parametrize("shape", [(3, 4), (3, 2, 2), (3, 1), (3,)])
def test_pairwise_error_of_examples(shape):
    y, p = real(shape)
    items = np.stack([pairwise(a, b) for a, b in zip(y, p, strict=True)])
    loss = partial(losses.mean_pairwise_squared_error, y, p)
    np.testing.assert_allclose(loss(reduction="none"), items, atol=1e-12)
    np.testing.assert_allclose(loss(), items.mean(), atol=1e-12)
    weights = np.arange(3.0)[:, None]
    np.testing.assert_allclose(loss(weights), np.sum(items * weights) / 2, atol=1e-12)
    if len(shape) > 1:
        where = np.array([[True], [False], [True]])
        np.testing.assert_allclose(loss(where=where), items[[0, 2]].mean(), atol=1e-12)


def test_pairwise_error_leaves_out_elements():
    y, p = real((3, 4))
    expected = [pairwise(y[0], p[0]), pairwise(y[1, :2], p[1, :2])]
    loss = jax.jit(partial(losses.mean_pairwise_squared_error, where=MASK))
    np.testing.assert_allclose(loss(y, p), np.mean(expected))
    gradient = jax.grad(loss, 1)(y, p)
    poisoned = jax.grad(loss, 1)(np.where(MASK, y, np.inf), np.where(MASK, p, np.nan))
    np.testing.assert_array_equal(gradient, poisoned)
    assert not gradient[~MASK].any()
    check_grads(partial(loss, y), (p,), 1)


def test_l2_loss():
    x = np.where(MASK, RNG.normal(size=(3, 4)), np.nan)
    value, gradient = jax.value_and_grad(losses.l2_loss)(x, where=MASK)
    np.testing.assert_allclose(value, np.nansum(x**2) / 2)
    np.testing.assert_array_equal(gradient, np.nan_to_num(x))
    assert losses.l2_loss(np.array([3.0, 4.0])) == 12.5


# Connectionist temporal classification


def all_alignments(labels, logits, blank):
    """-log of the sum over every sequence of classes that collapses to the labels."""
    total = -np.inf
    for path in product(range(logits.shape[1]), repeat=len(logits)):
        kept = [c for i, c in enumerate(path) if i == 0 or c != path[i - 1]]
        if [c for c in kept if c != blank] == list(labels):
            total = np.logaddexp(total, sum(logits[t, c] for t, c in enumerate(path)))
    return -total


CTC = {  # labels, frames; no alignment exists in the last two
    "plain": ([1, 2], 4),
    "repeated": ([2, 2], 4),
    "tight": ([2, 2], 3),
    "empty": ([], 3),
    "nothing": ([], 0),
    "too short": ([1, 2], 1),
    "no room for a blank": ([2, 2], 2),
}


def ctc_batch(blank, fill=0.0, label=0):
    """All of CTC in one batch [7, 5 labels] [7, 6 frames, 3 classes], `fill` in the padding."""
    logits = np.random.default_rng(1).normal(size=(len(CTC), 6, 3))
    labels = np.full((len(CTC), 5), label)
    for i, (row, frames) in enumerate(CTC.values()):
        labels[i, : len(row)] = [{0: blank}.get(c, (c + blank) % 3) for c in row]
        logits[i, frames:] = fill
    lengths = np.array([[len(row), frames] for row, frames in CTC.values()])
    return labels, logits, lengths[:, 0], lengths[:, 1]


@pytest.mark.parametrize("blank", [0, 2])
def test_ctc_is_the_sum_over_all_alignments(blank):
    labels, logits, reads, frames = ctc_batch(blank)
    expected = [
        all_alignments(y[:n], x[:t], blank)
        for y, x, n, t in zip(labels, logits, reads, frames, strict=True)
    ]
    out = jax.jit(partial(ctc_loss, blank_index=blank))(labels, logits, reads, frames)
    np.testing.assert_allclose(out, expected, atol=1e-12)
    assert out.shape == (7,) and np.isinf(out[5:]).all()


def test_ctc_takes_nothing_from_padding():
    @jax.jit
    def step(labels, logits, reads, frames):
        where = np.arange(7) != 1

        def total(x):
            out = ctc_loss(labels, x, reads, frames, where=where)
            return jnp.sum(jnp.where(jnp.isinf(out), 0, out)), out

        return jax.value_and_grad(total, has_aux=True)(logits)

    (_, out), gradient = expected = step(*ctc_batch(0))
    for poison in (np.nan, np.inf, -np.inf, 1e30):
        labels, logits, reads, frames = ctc_batch(0, poison, 999)
        labels[1], logits[1], reads[1], frames[1] = -5, poison, 10**6, -3
        jax.tree.map(np.testing.assert_array_equal, step(labels, logits, reads, frames), expected)
    assert out[1] == 0 and np.isfinite(gradient).all()
    assert not gradient[1].any() and not gradient[5:].any() and not gradient[0, 4:].any()


def test_ctc_gradients_and_zero_probabilities():
    labels, logits, reads, frames = (x[:5] for x in ctc_batch(0))
    lengths = {"label_lengths": reads, "logit_lengths": frames}
    loss = jax.jit(partial(ctc_loss, labels, **lengths, reduction="mean"))
    check_grads(loss, (logits,), 1, modes=["rev"])
    logits[0, 0, 1] = -np.inf  # label 1 has to wait for a later frame
    items = ctc_loss(labels, logits, reads, frames)
    np.testing.assert_allclose(items[0], all_alignments(labels[0, :2], logits[0, :4], 0))
    assert np.isfinite(jax.grad(loss)(logits)).all()


def test_ctc_symbolic_shapes_and_dtypes():
    batch, reads, frames = symbolic_shape("batch, reads, frames")
    struct = jax.ShapeDtypeStruct
    n = struct((batch,), "int32")
    for dtype in ("bfloat16", "float32"):
        x = struct((batch, frames, 5), dtype)
        with jax.numpy_dtype_promotion("strict"):
            out = jax.eval_shape(ctc_loss, struct((batch, reads), "int32"), x, n, n)
        assert out.shape == (batch,) and out.dtype == dtype
