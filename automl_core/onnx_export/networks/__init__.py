"""The networks of models/nets as ONNX: for each file there a file here."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
