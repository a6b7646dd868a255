"""Chooses the columns, and pairs of columns, that models need.

Training rows in; ranked columns (shuffle_importance), short lists compared (list_length) and
useful pairs (pair_search) out, as one outcome.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
