"""What `fit` needs to know besides the graph and the data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..data.batches import Mappings

if TYPE_CHECKING:
    import optax

_MAPPINGS = ("features", "labels", "feature_masks", "label_masks")


@dataclass(frozen=True)
class TrainingConfig:
    """How to train.

    `updater` is any optax transformation. `features`, `labels` and the mask lists name the
    placeholders that arrays of a batch given as (features, labels[, feature masks, label masks])
    go to, in order, as SameDiff's dataSetFeatureMapping and its kin; batches given as dicts name
    them themselves. `l1` and `l2` add l1 * |w| and l2 * w^2 / 2 of every trainable variable to
    what is minimised; `weight_decay` takes that share off every weight after each update,
    whatever the learning rate. `minimize=False` climbs the loss, and keeps weights small as ever.

    >>> import optax
    >>> config = TrainingConfig(updater=optax.adam(1e-3), features=["x"], labels=["y"])
    >>> config.mappings
    (['x'], ['y'], (), ())
    """

    updater: optax.GradientTransformation
    features: Sequence[str] = ()
    labels: Sequence[str] = ()
    feature_masks: Sequence[str | None] = ()
    label_masks: Sequence[str | None] = ()
    l1: float = 0.0
    l2: float = 0.0
    weight_decay: float = 0.0
    minimize: bool = True

    def __post_init__(self) -> None:
        if not hasattr(self.updater, "init") or not hasattr(self.updater, "update"):
            raise TypeError(f"updater must be an optax transformation, not {self.updater!r}")
        for role in _MAPPINGS:
            names: Any = getattr(self, role)
            if isinstance(names, str):
                raise TypeError(f"{role} is a list of names: [{names!r}]")

    @property
    def mappings(self) -> Mappings:
        """Where the arrays of a batch given as a tuple go."""
        return self.features, self.labels, self.feature_masks, self.label_masks

    def renamed(self, old: str, new: str) -> TrainingConfig:
        """The same for a graph in which one placeholder is called otherwise."""

        def fresh(names: Sequence[str | None]) -> list[Any]:
            return [new if name == old else name for name in names]

        if not any(old in names for names in self.mappings):
            return self
        return replace(self, **dict(zip(_MAPPINGS, map(fresh, self.mappings), strict=True)))

    @property
    def transformation(self) -> optax.GradientTransformationExtraArgs:
        """The updater with the decay behind it; it may ask for the loss (a line search does)."""
        import optax

        if not self.weight_decay:
            return optax.with_extra_args_support(self.updater)
        decay = optax.add_decayed_weights(-self.weight_decay)
        return optax.chain(self.updater, decay)
