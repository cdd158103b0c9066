"""Every error the library raises. Each docstring shows a failing program and its repair."""

from __future__ import annotations

from .source import user_source


class SameDiffError(Exception):
    """Base of all errors of this library. `source`: the user's line that was running."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason, self.source = reason, user_source()

    def __str__(self) -> str:
        """The reason, and the user's line where it does not name it itself."""
        if self.source is None or str(self.source) in self.reason:
            return self.reason
        at = "called at" if "\n  at " in self.reason else "at"
        return f"{self.reason}\n  {at} {self.source}"


def reason_of(error: Exception) -> str:
    """What was wrong, without the line: for an error that is raised again with more to say."""
    return error.reason if isinstance(error, SameDiffError) else str(error)


class GraphError(SameDiffError, ValueError):
    """A graph was put together wrongly: shapes, dtypes or arguments that do not fit.

    Fails::

        sd.placeholder("x", ("batch", 4)) @ sd.var("w", (3, 2))

    Repair: give ``w`` four rows. The message lists every input with its dims.
    """


class NameTakenError(GraphError):
    """Two variables were given one name.

    Fails::

        sd.var("w", (2, 2)); sd.var("w", (3, 3))

    Repair: choose another name, open a ``sd.name_scope``, or fetch the first with ``sd["w"]``.
    """


class MaskError(GraphError):
    """An operation cannot keep the promise that padding does not change an answer.

    Fails::

        sd.call(jnp.fft.fft, x)        # x is padded along time, and no rule is known

    Repair: reduce over the padded axis first, give the rule, state a value for padded slots with
    ``x.fill_padding(0.0)``, or say ``x.drop_mask()`` where padding is meant to count.
    """


class FeedError(SameDiffError, ValueError):
    """What was fed does not fit the placeholders.

    Fails::

        sd.output({"tokens": array}, "logits")     # tokens declares mask="tokens_mask"

    Repair: feed the mask beside the array, pass a list of rows of their own lengths, or feed
    ``"tokens_mask": True`` to say that every position is real.
    """


class LossError(SameDiffError, ValueError):
    """The loss is missing, is not a scalar, is not floating point, or is fed by a softmax.

    Fails::

        sd.loss.softmax_cross_entropy(labels, sd.nn.softmax(logits))

    Repair: hand the loss the logits; it applies the softmax by itself.
    """


class TrainingError(SameDiffError, RuntimeError):
    """Training cannot start or go on; parameters are those of the last completed step.

    Fails::

        sd.fit(batches)                # without sd.training_config

    Repair: set ``sd.training_config = TrainingConfig(updater=optax.adam(1e-3))``.
    """


class NotANumberError(SameDiffError, ArithmeticError):
    """A NaN arose; names the first variable that holds one and the line that made it.

    Fails::

        with sd.debug(): sd.output({"x": -ones}, sd.math.log(x))

    Repair: keep the argument of ``log`` positive.
    """


class PaddingLeakError(SameDiffError, AssertionError):
    """``verify_padding`` found an answer that padding changes; names the first leaking variable.

    Fails::

        sd.verify_padding(feeds).raise_if_leaking()   # a model with attention(masked=False)

    Repair: remove the opt-out on the line that is named.
    """
