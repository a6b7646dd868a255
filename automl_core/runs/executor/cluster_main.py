"""The child that joins a Ray cluster: `python -m automl_core.runs.executor.cluster_main`.

Started by ClusterBridge with an address and a folder's name. Takes the pipes before any import can
print; `ray_cluster.py` does the rest.
"""

from __future__ import annotations

import sys

from automl_core.runs.executor.protocol import take_pipes


def main() -> None:
    """Serve the parent until it closes the pipe."""
    incoming, outgoing = take_pipes()
    from automl_core.runs.executor.ray_cluster import serve

    address, root = sys.argv[1:]
    serve(incoming, outgoing, address, root)


if __name__ == "__main__":
    main()
