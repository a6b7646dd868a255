"""Decides a run's next step, by its state and its clock; nothing here starts or waits.

`time_budget` says what is left and what is reserved for the end, by the constants that stand in
`limits`; `policy` which fits are worth starting or continuing; `proposer` the next
configuration, in the order of `ordering` and with the `repeats` of the leading models.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
