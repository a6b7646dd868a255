"""Parts of Runs: the list of runs, and what can be done with one."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
