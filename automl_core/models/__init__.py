"""Model families: their specs (catalog, tree_specs), fits, predictions and files.

An encoded fold in, a fitted model and its files out. Networks are built in nets/.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
