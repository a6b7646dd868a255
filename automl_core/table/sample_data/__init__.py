"""Sample tables for trying the app: from scikit-learn, and one that is generated."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
