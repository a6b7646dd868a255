"""A model behind HTTP: `/predict`, `/health`, `/schema` and `/openapi.json`.

The app (http_app) knows a small protocol only and imports nothing of this project, so that another
predictor can stand behind it; model_rows is Torchlight's own.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
