"""A run from start to final model; the manager starts runs, the library lists those on disk.

record -> setup -> schedule -> coordinator, which hands tasks to an executor; its workers answer
with messages that become events in the run's log. `delivered` gives a model of a run as it is
used outside of it, `bundle` packs it.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
