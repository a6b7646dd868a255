"""Fitted encoders as parts of a graph, one kind a file; equal to `Encoder.encode`."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
