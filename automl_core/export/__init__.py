"""Models as files, and scoring new tables with them.

A fitted predictor becomes files (predictor_files), files become a zip (bundle), a zip scores a
table (scoring); whatever is read is verified first (safe_reading).
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
