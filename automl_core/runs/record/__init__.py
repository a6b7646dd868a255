"""The record of a run: spec, events, log, folder, and the state and leaderboard that follow.

`options` declares the choices that a person makes. `run_log` writes each event (`events`) through
`log`, which encodes a line with its checksum, and folds it into the `state`; everything shown is
computed from that.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
