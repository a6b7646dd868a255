"""Splits rows into training, validation and test rows.

`folds` makes the test part and the folds; `splitters` deal rows by class, group or time.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
