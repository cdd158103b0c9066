"""What happened in each epoch."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class History:
    """Curves by epoch. Losses are per real item over the whole epoch; those with reduction="sum"
    per batch."""

    loss: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    validation_accuracy: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    @property
    def epochs(self) -> int:
        return len(self.loss)

    def __str__(self) -> str:
        if not self.loss:
            return "no epoch yet"
        return "\n".join(self.row(i) for i in range(self.epochs))

    __repr__ = __str__

    def row(self, i: int) -> str:
        """One epoch in words."""
        parts = [f"epoch {i + 1}", f"loss {self.loss[i]:.4f}"]
        if i < len(self.validation_loss):
            parts.append(f"validation loss {self.validation_loss[i]:.4f}")
        if i < len(self.validation_accuracy):
            parts.append(f"accuracy {self.validation_accuracy[i]:.1%}")
        return "  ".join([*parts, f"{self.seconds[i]:.1f} s"])
