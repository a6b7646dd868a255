"""The training loop of all networks: batches, optimiser, schedules, stopping, device.

Tensors and callbacks in, trained weights out; knows no tables and no metrics.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
