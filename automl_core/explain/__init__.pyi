from .permutation_importance import one_repeat as one_repeat
from .permutation_importance import summarise as summarise
