"""Parts of Models: how good a model is, where it errs, how it was built, its download."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
