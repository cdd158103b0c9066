from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.export import symbolic_shape
from jax.extend.random import threefry2x32_p
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats

from samediff_py.kernels import dropout, random

KEY = jax.random.key(42)
SHAPE = (20, 100, 50)

# draw(key, shape, dtype) and the distribution that it follows
CONTINUOUS = {
    "uniform": (partial(random.uniform, minval=-2.0, maxval=3.0), stats.uniform(-2, 5)),
    "normal": (partial(random.normal, mean=5.0, stddev=3.0), stats.norm(5, 3)),
    "log normal": (
        partial(random.log_normal, mean=1.0, stddev=0.5),
        stats.lognorm(0.5, scale=np.e),
    ),
    "truncated normal": (
        partial(random.truncated_normal, mean=2.0, stddev=3.0),
        stats.truncnorm(-2, 2, 2, 3),
    ),
    "exponential": (
        lambda key, shape, dtype="float32": random.exponential(key, shape, dtype, 4.0),
        stats.expon(scale=0.25),
    ),
}
DISCRETE = {
    "bernoulli": (
        lambda key, shape, dtype="float32": random.bernoulli(key, shape, dtype, p=0.2),
        stats.binom(1, 0.2),
    ),
    "binomial": (
        lambda key, shape, dtype="float32": random.binomial(key, shape, dtype, n_trials=10, p=0.3),
        stats.binom(10, 0.3),
    ),
}
DRAWS = {name: draw for name, (draw, _) in (CONTINUOUS | DISCRETE).items()}


def draw(name: str, shape=SHAPE, dtype="float32", key=KEY) -> np.ndarray:
    return np.asarray(jax.jit(DRAWS[name], static_argnums=(1, 2))(key, shape, dtype))


# ---- positions -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DRAWS)
def test_sizes_do_not_matter(name):
    whole = draw(name, (4, 6, 5))
    for shape in [(2, 6, 2), (4, 3, 5)]:
        assert_array_equal(draw(name, shape), whole[tuple(map(slice, shape))])


@pytest.mark.parametrize("shape", [(), (7,), (3, 5), (2, 3, 4, 5), (3, 0, 2)])
def test_bits_of_any_rank(shape):
    bits = random.positional_bits(KEY, shape)
    assert bits.shape == shape
    assert bits.dtype == jnp.uint32


def test_bits_are_threefrys():
    rows, columns = np.indices((30, 40), dtype=np.uint32)
    for seed in (0, 1, 2**31):
        key = jax.random.key(seed)
        high, low = threefry2x32_p.bind(*jax.random.key_data(key), rows, columns)
        assert_array_equal(random.positional_bits(key, (30, 40)), high ^ low)


def test_typed_and_raw_keys_agree():
    bits = random.positional_bits(KEY, (3, 4))
    assert_array_equal(random.positional_bits(jax.random.key_data(KEY), (3, 4)), bits)
    batch = jax.vmap(lambda key: random.positional_bits(key, (3, 4)))(jax.random.split(KEY, 3))
    assert len(np.unique(batch)) == 36


@pytest.mark.parametrize("shape", [(1, 256, 512), (1, 8, 128, 128), (1, 4, 4, 64, 128)])
def test_positions_of_a_row_do_not_share_a_counter(shape):
    """Two 32-bit words of one position never both return: 64 bits, where chance gives none."""
    high, low = jax.jit(random._words, static_argnums=1)(KEY, shape)
    words = np.asarray(high).astype(np.uint64) << np.uint64(32) | np.asarray(low)
    assert len(np.unique(words)) == words.size


# ---- distributions -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CONTINUOUS)
def test_distribution(name):
    x, law = draw(name).ravel(), CONTINUOUS[name][1]
    assert stats.kstest(x, law.cdf).pvalue > 1e-3
    assert_moments(x, law)
    assert law.support()[0] <= x.min() and x.max() <= law.support()[1]


@pytest.mark.parametrize("name", DISCRETE)
def test_counts(name):
    x, law = draw(name).ravel(), DISCRETE[name][1]
    values, counts = np.unique(x, return_counts=True)
    expected = law.pmf(values) * x.size
    often = expected > 5
    assert_allclose(counts[often], expected[often], atol=5 * np.sqrt(expected[often]).max())
    assert_moments(x, law)


def assert_moments(x, law):
    error = law.std() / np.sqrt(x.size)
    assert abs(x.mean(dtype=np.float64) - law.mean()) < 4 * error
    kurtosis = law.stats(moments="k") + 3
    assert abs(x.var(dtype=np.float64) / law.var() - 1) < 4 * np.sqrt((kurtosis - 1) / x.size)


def test_neighbours_and_keys_are_independent():
    first, second = jax.random.split(KEY)
    x, other = draw("normal", key=first), draw("normal", key=second)
    pairs = [(x, other)]
    for axis in range(3):
        n = x.shape[axis]
        for lag in (1, 2, n // 2):
            pairs.append((np.take(x, range(n - lag), axis), np.take(x, range(lag, n), axis)))
    for a, b in pairs:
        for f in (np.asarray, np.abs, np.square):
            correlation = np.corrcoef(f(a).ravel(), f(b).ravel())[0, 1]
            assert abs(correlation) < 4.5 / np.sqrt(a.size)


def test_every_bit_is_fair():
    bits = np.asarray(random.positional_bits(KEY, SHAPE)).ravel()
    ones = np.unpackbits(bits.view(np.uint8)).reshape(bits.size, 32).mean(0)
    assert_allclose(ones, 0.5, atol=5 * 0.5 / np.sqrt(bits.size))


def test_edges_of_probabilities():
    p = jnp.array([0.0, 0.5, 1.0])
    trials = np.asarray(jax.jit(lambda p: random.binomial(KEY, (4000, 3), n_trials=4, p=p))(p))
    assert_array_equal(trials[:, [0, 2]], np.tile([0, 4], (4000, 1)))
    assert_allclose(trials[:, 1].mean(), 2, atol=0.08)


def test_gradients_of_parameters():
    def total(mean, stddev):
        return random.normal(KEY, (5, 3), mean=mean, stddev=stddev).sum()

    p = jnp.array([0.0, 0.5, 1.0])
    mean, stddev = jax.jit(jax.grad(total, (0, 1)))(p, 2.0)
    assert_array_equal(mean, [5, 5, 5])
    assert_allclose(stddev, random.normal(KEY, (5, 3)).sum(), rtol=1e-5)
    with pytest.raises(ValueError, match="broadcast"):
        random.normal(KEY, (4, 2), mean=p)


@pytest.mark.parametrize("name", DRAWS)
def test_types_and_shapes(name):
    batch, time = symbolic_shape("b, t")
    with jax.numpy_dtype_promotion("strict"):
        types = ("float32", "float16", "bfloat16")
        results = jax.jit(lambda key: [DRAWS[name](key, SHAPE, dtype) for dtype in types])(KEY)
        for dtype, x in zip(types, results, strict=True):
            assert x.dtype == dtype
            assert_allclose(np.asarray(x, float), results[0], rtol=1e-2, atol=1e-2)
        with jax.enable_x64(True):
            x = draw(name, dtype="float64")
            assert x.dtype == np.float64
            assert name in DISCRETE or len(np.unique(x)) == x.size
            inferred = jax.eval_shape(lambda key: DRAWS[name](key, (batch, time, 4)), KEY)
            assert (inferred.shape, inferred.dtype) == ((batch, time, 4), jnp.float32)
    with pytest.raises(ValueError, match="floating"):
        draw(name, dtype="int32")


# ---- dropout -------------------------------------------------------------------------------------

X = jnp.linspace(1.0, 2.0, 100_000).reshape(20, 50, 100)
DROPOUTS = {
    "dropout": (partial(dropout.dropout, rate=0.3, training=True), 1 / 0.7),
    "java": (partial(dropout.dropout_java, keep_probability=0.7), 1.0),
    "inverted": (partial(dropout.dropout_inverted_java, keep_probability=0.7), 1 / 0.7),
}


@pytest.mark.parametrize("name", DROPOUTS)
def test_dropout(name):
    dropout, scale = jax.jit(DROPOUTS[name][0]), DROPOUTS[name][1]
    result, pull = jax.vjp(partial(dropout, key=KEY), X)
    kept = np.asarray(result) != 0
    assert abs(kept.mean() - 0.7) < 4 * np.sqrt(0.21 / X.size)
    assert_allclose(result, np.where(kept, X * scale, 0), rtol=1e-6)
    assert_allclose(pull(jnp.ones_like(X))[0], np.where(kept, scale, 0), rtol=1e-6)
    assert_array_equal(dropout(X[:3, :7], key=KEY), result[:3, :7])
    assert not np.array_equal(dropout(X, key=jax.random.key(1)), result)
    assert dropout(X.astype(jnp.bfloat16), key=KEY).dtype == jnp.bfloat16


def test_dropout_at_rest_and_at_the_ends():
    assert dropout.dropout(X, rate=0.3) is X
    assert dropout.dropout(X, rate=0.3, training=False, key=KEY) is X
    assert dropout.dropout(X, rate=0.0, training=True) is X
    nothing = jax.value_and_grad(
        lambda x: dropout.dropout(x, rate=1.0, training=True, key=KEY).sum()
    )
    value, grad = nothing(X)
    assert value == 0 and not grad.any()
    for java in (dropout.dropout_java, dropout.dropout_inverted_java):
        assert_array_equal(java(X, keep_probability=1.0, key=KEY), X)
        assert not java(X, keep_probability=0.0, key=KEY).any()


def test_dropped_poison_is_gone():
    x = jnp.full((50,), jnp.nan)
    result, pull = jax.vjp(lambda x: dropout.dropout(x, rate=0.5, training=True, key=KEY), x)
    dropped = ~np.isnan(result)
    assert dropped.any() and not dropped.all()
    assert_array_equal(pull(jnp.ones(50))[0], np.where(dropped, 0, 2))


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: dropout.dropout(X, rate=0.5, training=True), "key"),
        (lambda: dropout.dropout(X, rate=1.5, training=True, key=KEY), "probability"),
        (lambda: dropout.dropout_java(X, keep_probability=-0.1, key=KEY), "probability"),
    ],
)
def test_refusals(call, text):
    with pytest.raises(ValueError, match=text):
        call()
