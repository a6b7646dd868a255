"""Scores files of any size, and says what in them is unlike the training data, and why it matters.

A table is scored piece by piece (batch); a row gets what is unusual in it (row_extras); a file is
compared with what the model keeps of its training rows (reference): drift, and reasons for a fall
of the score. Knows nothing of runs or pages.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
