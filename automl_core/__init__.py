"""Torchlight's public face: start a run, follow it, take a model and predict.

    import automl_core
    run = automl_core.start("adult.csv", "income", budget="60s")
    run.wait()
    run.model().predict("new.csv")

Everything is imported when it is first asked for; `import automl_core` itself imports nothing.
"""

import lazy_loader

__version__ = "0.6.0"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
