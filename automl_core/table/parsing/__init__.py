"""Raw cells to numbers, dates, lists and text, by the rules of the schema.

Pure functions of arrays.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
