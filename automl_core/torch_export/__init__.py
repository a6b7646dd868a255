"""Writes trained networks for PyTorch alone: an exported program, and modules with their source."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
