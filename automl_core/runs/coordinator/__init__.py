"""One run while it goes on: hands out tasks, turns messages into events, ends with a final model.

`coordinator` is the loop; trackers and schedulers beside it remember trials, the ensemble,
feature importance, column selection and refits; `finalize` ends the run.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
