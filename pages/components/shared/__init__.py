"""Parts that several pages share: frame, session state, table input, run picker, safe text."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
