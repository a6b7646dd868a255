"""Decides a run's next step: the budget's reserve (policy), proposals, their order.

Pure functions of the run's state and the clock; nothing here starts or waits.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
