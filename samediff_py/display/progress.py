"""One line that tells how far a long job is: in a terminal, a notebook or a log."""

from __future__ import annotations

import sys
import time
from typing import TextIO


class ProgressLine:
    """Rewrites its line in a terminal or notebook; elsewhere only finished lines are printed."""

    def __init__(self, enabled: bool = True, stream: TextIO | None = None, every: float = 0.2):
        self._stream = stream or sys.stdout
        self._live = enabled and (self._stream.isatty() or _in_notebook())
        self._enabled, self._every = enabled, every
        self._next = 0.0
        self._width = 0

    def due(self) -> bool:
        """Whether it is time to show something new: looking costs a wait for the device."""
        return self._live and time.monotonic() >= self._next

    def show(self, text: str) -> None:
        self._next = time.monotonic() + self._every
        self._write("\r" + text.ljust(self._width))
        self._width = len(text)

    def finish(self, text: str) -> None:
        if self._enabled:
            start = "\r" if self._live else ""
            self._write(start + text.ljust(self._width if self._live else 0) + "\n")
        self._width = 0

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


def _in_notebook() -> bool:
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    kinds = {kind.__name__ for kind in type(shell).__mro__}  # hosts of notebooks derive their own
    return "ZMQInteractiveShell" in kinds


def bar(done: int, total: int | None, width: int = 24) -> str:
    """`[######......] 12/80`, or the count alone where the end is not known."""
    if total is None:
        return f"{done} batches"
    full = width * done // max(total, 1)
    return f"[{'#' * full}{'.' * (width - full)}] {done}/{total}"
