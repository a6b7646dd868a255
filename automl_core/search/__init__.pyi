from .distributions import distribution as distribution
from .distributions import is_inside as is_inside
from .neighbours import neighbour as neighbour
from .portfolio import Proposal as Proposal
from .portfolio import families as families
from .portfolio import make_portfolio as make_portfolio
from .study import Study as Study
