"""The record of a run: spec, events, log, folder, and the state and leaderboard that follow.

Events are appended to the log; the state is a fold over them; everything shown is computed from
it.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
