"""Java's spelling: positional order, overloads by argument type, varargs, an optional leading name.

`patterns`: the orders as data. `calls`: a call read by them. `spelling`: methods by Java's names.
"""

from ..types import is_operand as is_operand
from .calls import Name as Name
from .calls import read_call as read_call
from .patterns import patterns_of as patterns_of
from .spelling import JavaSpelling as JavaSpelling
from .spelling import camel as camel
from .spelling import composite as composite
from .spelling import composites as composites
from .spelling import differing as differing
from .spelling import java_methods as java_methods
from .spelling import overloads as overloads
from .spelling import spelled as spelled
from .spelling import spelled_on as spelled_on
