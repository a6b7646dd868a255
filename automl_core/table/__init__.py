"""The table: schema, typed columns, store, findings and fixes.

reading (files to Arrow) -> inference (roles and formats) -> checks (problems); parsing turns raw
cells into typed columns, at training and at prediction alike.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
