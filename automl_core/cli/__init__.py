"""The command line: one command a file, the same words as the pages.

Arguments become a request or a path; the work is done below, in runs, table and export.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
