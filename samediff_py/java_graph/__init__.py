"""SameDiff's own graph methods in Java's names, so that a Java program ports line by line.

They hand over to the methods in Python's names; where Java has overloads, the types of the
arguments decide.
"""

from __future__ import annotations

from .arrays import Arrays
from .changing import Changing
from .gradients import Gradients
from .leaves import Leaves
from .looking import Looking
from .naming import Naming
from .running import Running
from .training import TrainingMethods


class JavaGraphMethods(
    Leaves, Arrays, Naming, Looking, Changing, Gradients, Running, TrainingMethods
):
    """`placeHolder`, `setLossVariables`, `outputSingle` and their kin: a part of `SameDiff`."""
