"""Functions and ops of a user's module, as tests/test_user_ops.py takes them."""

import jax
import jax.numpy as jnp

import samediff_py
from samediff_py import rules
from samediff_py.testing import Spec, case, wrong


def doubled(x, by=2.0):
    return by * x


def mean_over(x, axis, *, where=None):
    return jnp.mean(x, axis, where=where)


@samediff_py.op(
    mask=rules.reduces("axis"),
    cases=[case((2, 5, 3), axis=1, padded={"x": (0, 1)}), case((4,), axis=0)],
    raises=[wrong((4,), axis=3, match="axis 3")],
)
def log_mean(x: jax.Array, axis: int = 1, *, where=None):
    """log(mean(exp(x)))."""
    return jnp.log(jnp.mean(jnp.exp(x), axis, where=where))


@samediff_py.op(mask=rules.reduces(1), cases=[case((2, 5, 3), padded={"x": (0, 1)})])
def energy(x, *, where=None):
    """The sum of squares over axis 1."""
    return jnp.sum(x * x, 1, where=where)


@samediff_py.op(mask="normalises", cases=[case((2, 5), axis=1, padded={"x": (0, 1)})])
def shares(x, axis: int, *, where=None):
    """|x| / sum |x|."""
    return jnp.abs(x) / jnp.sum(jnp.abs(x), axis, keepdims=True, where=where)


@samediff_py.op(mask="scans", cases=[case((2, 5), axis=1, padded={"x": (0, 1)})])
def running_sum(x, axis: int, *, where=None):
    """Sums of all elements up to here."""
    return jnp.cumsum(x if where is None else jnp.where(where, x, 0), axis)


@samediff_py.op(mask=rules.whole(-1), cases=[case((2, 5, 3), padded={"x": (0, 1)})])
def unit(x):
    """x / |x| along the features."""
    return x / jnp.linalg.norm(x, axis=-1, keepdims=True)


@samediff_py.op(
    mask=rules.contracts("btd,btf->bdf"),
    cases=[case((2, 5, 3), (2, 5, 2), padded={"x": (0, 1), "y": (0, 1)})],
)
def outer(x, y):
    """Sums of x_t y_t'."""
    return jnp.einsum("btd,btf->bdf", x, y)


@samediff_py.op(
    mask=rules.moves("batch time (h f) -> batch h time f"),
    cases=[case((2, 5, 6), heads=2, padded={"x": (0, 1)})],
)
def by_head(x, heads: int):
    """[batch, time, features] as [batch, heads, time, features]."""
    return x.reshape(x.shape[0], x.shape[1], heads, -1).swapaxes(1, 2)


@samediff_py.op(
    mask="pointwise",
    cases=[case((2, 5), (2, 5), padded={"x": (0, 1), "y": (0, 1)}), case((3,), (3,))],
)
def sum_and_log(x, y):
    """x + y, log(x^2)."""
    return x + y, jnp.log(x * x)


@samediff_py.op(
    mask="pointwise",
    cases=[case([(2, 5), (2, 5)], Spec((2, 5), "positive"), padded={"xs": (0, 1), "p": (0, 1)})],
)
def power_sum(xs: list[jax.Array], p: jax.Array):
    """Sum of |x|^p over the inputs."""
    return sum(jnp.abs(x) ** p for x in xs)


@samediff_py.op(mask="pointwise", cases=[case((2, 5, 3), axis=1, padded={"x": (0, 1)})])
def centred(x, axis: int = 1):
    """x minus its mean: no pointwise op."""
    return x - jnp.mean(x, axis, keepdims=True)


@samediff_py.op(mask="pointwise")
def noisy(x, *, key=None, training=False):
    """x plus noise in training."""
    return x + jax.random.normal(key, x.shape) if training and key is not None else x


@samediff_py.op(cases=[case((4, 3))])
def spectrum(x):
    """|FFT|: nothing is known of what it does to padding."""
    return jnp.abs(jnp.fft.fft(x, axis=0))
