"""Files and databases to tables of plain cells: type of file, encoding, dialect, sheets, archives.

`ingest` leads a file straight into the store; `read` decides how a file is read.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
