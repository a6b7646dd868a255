"""Infers each column's role, and its number, date, list or missing-value format.

Column statistics in, a schema out; `schema_inference` is the way in, `column_role` decides one
column.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
