"""Runs tasks in worker processes: the Executor protocol, tasks, results and their transport.

The coordinator calls `submit` with a task (`tasks`) and `poll` for its results (`results`);
`local` keeps the processes (`process`) and assigns queued tasks to free ones, on the devices
that `device_placement` allows. Both directions travel as frames (`protocol`) on a child's stdin
and stdout. `prediction_service` is a second executor of one worker, for pages.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
