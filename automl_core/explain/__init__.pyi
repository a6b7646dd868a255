from .contributions import Contributions as Contributions
from .contributions import estimate_contributions as estimate_contributions
from .contributions import single_players as single_players
from .hybrid_rows import HybridRows as HybridRows
from .permutation_importance import one_repeat as one_repeat
from .permutation_importance import summarise as summarise
