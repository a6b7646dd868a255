"""Chooses the trials to average, their weights, and the models statistically tied with the best.

Out-of-fold predictions in, weights and temperature out.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
