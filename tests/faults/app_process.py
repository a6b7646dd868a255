"""A process that conducts a run as the app's does: by the manager, in a thread.

python -m tests.faults.app_process start FOLDER TABLE TARGET SECONDS
python -m tests.faults.app_process resume FOLDER
"""

from __future__ import annotations

import sys

import automl_core


def main() -> int:
    """Start or resume the run, and wait for its end."""
    what, folder, *rest = sys.argv[1:]
    if what == "start":
        table, target, seconds = rest
        run = automl_core.start(table, target, budget=float(seconds), out=folder)
    else:
        run = automl_core.open_run(folder)
        run.resume()
    return 0 if run.wait().finished is not None else 1


if __name__ == "__main__":
    sys.exit(main())
