"""What the server answers beside pages: its health, its metrics, and how it begins."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
