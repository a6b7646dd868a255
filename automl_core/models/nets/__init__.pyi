from .input_layer import feature_of as feature_of
from .input_layer import kinds_of as kinds_of
from .migrate_weights import today as today
from .prior_output import WithPrior as WithPrior
