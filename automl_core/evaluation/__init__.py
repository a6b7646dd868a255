"""Judges predictions: calibration, diagnostics, and random against honest splits.

Predictions and targets in, records of numbers out; the metrics themselves are in metrics.py.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
