"""The tests that every op of the library passes, for ops of your own: `check(my_op)`.

`case` and `wrong` make the calls that stand beside an op (`@samediff_py.op(cases=[case(...)])`);
`Spec` says what an input of a case holds, where that is not any number:

>>> case((2, 5, 3), axis=1, padded={"x": (0, 1)}).inputs
((2, 5, 3),)
>>> ids = Spec((2, 5), "integer", high=7)
>>> case(ids, gradient=False).inputs[0].high
7
"""

from ..ops.cases import Case as Case
from ..ops.cases import Spec as Spec
from ..ops.cases import case as case
from ..ops.cases import wrong as wrong
from .battery import check_op as check_op
from .battery import checks_of as checks_of
from .check import check as check
from .plain import check_reference as check_reference
from .plain import check_wrong as check_wrong
