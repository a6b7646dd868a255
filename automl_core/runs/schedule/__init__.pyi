from . import limits as limits
from . import policy as policy
from .budget import TimeBudget as TimeBudget
from .end_reason import EndReason as EndReason
from .proposer import Proposer as Proposer
