"""Explains a model: importance, effects and interactions of columns, contributions to one row."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
