"""Runs tasks in worker processes: the Executor protocol, tasks, results and their transport.

The coordinator calls `submit` with a task (`tasks`) and `poll` for its results (`results`);
a `pool` assigns queued tasks to free workers, on the devices that `device_placement` allows. The
workers of `local` are child processes (`process`), those of `cluster` run on the nodes of a Ray
cluster; `choose` opens the one that a run asks for. Both directions travel as frames (`protocol`).
`prediction_service` is a second executor of one worker, for pages.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
