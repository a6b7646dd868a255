from .base import Architecture as Architecture
from .base import DataInfo as DataInfo
from .migrate_weights import migrate_weights as migrate_weights
from .prior_output import WithPrior as WithPrior
