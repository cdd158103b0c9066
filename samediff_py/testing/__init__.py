"""The battery of tests that every op passes, for ops of your own."""

from .battery import check_op as check_op
from .battery import check_reference as check_reference
from .battery import check_wrong as check_wrong
from .battery import checks_of as checks_of
