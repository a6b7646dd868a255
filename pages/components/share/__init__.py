"""Parts of Share: the summary of one model, and its story in slides."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
