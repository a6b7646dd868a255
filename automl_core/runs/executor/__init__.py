"""The executor protocol, its tasks and messages, and local worker processes.

Tasks go down a pipe as frames, messages come back; `device_placement` says which worker trains
what.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
