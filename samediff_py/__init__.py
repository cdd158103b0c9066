"""Declarative graphs in which padding cannot change an answer, compiled to JAX."""

from . import rules as rules
from .foundation.dtypes import DataType as DataType
from .own.op import op as op
from .samediff import SameDiff as SameDiff
from .train.config import TrainingConfig as TrainingConfig
from .variable import SDVariable as SDVariable

__version__ = "0.1.0"
