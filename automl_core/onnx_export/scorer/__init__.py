"""Programs of a download, beside its model; they need numpy and what runs the model alone."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
