"""Figures from plain records: numbers first, then the drawing.

Each file computes a record of numbers from a run's state or from predictions, and draws it with
the shared theme. Knows no Streamlit.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
