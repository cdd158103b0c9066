"""The closed family of mask rules. A rule is a small function from a site to a verdict."""

from . import claims as claims
from .attends import attends as attends
from .attends import attends_by_head as attends_by_head
from .claims import drops_mask as drops_mask
from .claims import fills_padding as fills_padding
from .claims import with_mask as with_mask
from .contracts import contracts as contracts
from .decomposes import decomposes as decomposes
from .elementwise import chooses as chooses
from .elementwise import creates as creates
from .elementwise import grows as grows
from .elementwise import opaque as opaque
from .elementwise import pointwise as pointwise
from .elementwise import pointwise_first as pointwise_first
from .losses import losses as losses
from .measures import measures as measures
from .moves import moves as moves
from .picks import picks as picks
from .ragged import ragged as ragged
from .recurs import recurs as recurs
from .reduces import normalises as normalises
from .reduces import normalises_batch as normalises_batch
from .reduces import reduces as reduces
from .reduces import scans as scans
from .reduces import tallies as tallies
from .windows import windows as windows
