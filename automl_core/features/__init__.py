"""Typed columns to one float32 matrix; the target to numbers.

`encode` picks an encoder for each column; every other file is one encoder, or what several share.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
