"""The data checks: one kind of problem a file, and what one click does about it.

`run` calls them all on a shared sample; `apply_fix` turns a chosen fix into a changed schema.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
