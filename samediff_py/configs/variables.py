"""What a variable of a graph is, in SameDiff's words."""

from __future__ import annotations

from enum import Enum


class VariableType(Enum):
    """VARIABLE is trained, CONSTANT is not, PLACEHOLDER is fed, ARRAY is what an op makes."""

    VARIABLE = "variable"
    CONSTANT = "constant"
    PLACEHOLDER = "placeholder"
    ARRAY = "array"
