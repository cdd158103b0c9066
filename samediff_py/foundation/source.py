"""The user's own line: the innermost caller outside the package."""

from __future__ import annotations

import linecache
import os
import sys
import warnings
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import TracebackType

import jax

_PACKAGE = str(Path(__file__).resolve().parents[1]) + os.sep
# Programs that ship with the package are users of it: their lines are worth naming.
_USERS_INSIDE = (_PACKAGE + f"examples{os.sep}",)
# What stands between the user and the library on the stack: context managers, JAX's tracing.
_STANDARD = str(Path(os.__file__).parent) + os.sep
_JAX = str(Path(jax.__file__).parent) + os.sep


@dataclass(frozen=True, slots=True)
class Source:
    """A file and a line; the text is read only when an error is printed."""

    file: str
    line: int

    @property
    def text(self) -> str:
        return linecache.getline(self.file, self.line).strip()

    @property
    def short(self) -> str:
        """Without the folders, which differ from machine to machine."""
        return self._at(_cell_name(self.file) or Path(self.file).name)

    def _at(self, place: str) -> str:
        text = self.text
        return f"{place}, line {self.line}: {text}" if text else f"{place}, line {self.line}"

    def __str__(self) -> str:
        return self._at(_cell_name(self.file) or self.file)


def user_source() -> Source | None:
    """Source of the innermost frame that belongs neither to the library nor to what it calls."""
    frame = sys._getframe(1)
    while frame is not None and _internal(frame.f_code.co_filename):
        frame = frame.f_back
    return Source(frame.f_code.co_filename, frame.f_lineno) if frame is not None else None


def warn_user(message: str) -> None:
    """A warning at the line that `user_source` would name."""
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and _internal(frame.f_code.co_filename):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, stacklevel=level)


def source_in(traceback: TracebackType | None) -> Source | None:
    """The innermost line of somebody else's program in a traceback."""
    found = None
    while traceback is not None:
        file = traceback.tb_frame.f_code.co_filename
        if not _internal(file):
            found = Source(file, traceback.tb_lineno)
        traceback = traceback.tb_next
    return found


@cache
def _internal(file: str) -> bool:
    if file.startswith(_STANDARD):
        return f"-packages{os.sep}" not in file  # what is installed below it is somebody's program
    return file.startswith((_PACKAGE, _JAX)) and not file.startswith(_USERS_INSIDE)


def _cell_name(file: str) -> str | None:
    """`Cell In[3]` where IPython compiled the line, None elsewhere."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is None:
        return None
    name = shell.compile.format_code_name(file)
    return " ".join(name) if name else None
