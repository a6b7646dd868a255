"""A run's trials in the formats of other tools: Optuna, TensorBoard, MLflow, and plain tables."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
