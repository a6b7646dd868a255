from . import limits as limits
from . import policy as policy
from .end_reason import EndReason as EndReason
from .fold_race import FoldRace as FoldRace
from .fold_race import RaceTime as RaceTime
from .proposer import Proposer as Proposer
from .time_budget import TimeBudget as TimeBudget
