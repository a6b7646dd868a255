"""Prepares a run: request to spec, test set apart, targets, validation plan, folds.

A request and a stored table in, a checked RunSpec and the run's data out.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
