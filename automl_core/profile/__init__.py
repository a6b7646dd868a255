"""A table in depth: columns summarised, by target, associations, missing cells.

A stored table in, plain records for the Profile and Data pages out.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
