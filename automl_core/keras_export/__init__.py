"""Writes models for Keras 3: their ONNX graph, node by node, in operations of keras.ops."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
