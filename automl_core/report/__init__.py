"""The report on a model of a run: what it says as records, then one HTML file of them, or slides.

content -> sections, a file each -> build, and page or story. Nothing here changes a run.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
