from . import limits as limits
from . import policy as policy
from .budget import TimeBudget as TimeBudget
from .proposer import Proposer as Proposer
