"""Writes a predictor as one ONNX file: typed columns in, the answer out."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
