"""`app`: opens the pages, from a checkout or from an installed copy.

Runs Streamlit's own command line in this process, so that Ctrl-C and signals reach it. The core
does not import Streamlit; it is started by name.
"""

from __future__ import annotations

import argparse
import runpy
import sys
from pathlib import Path

from automl_core.errors import AutoMLError

PACKAGES = Path(__file__).resolve().parents[2]  # the folder that holds automl_core


def app_script() -> Path:
    """`app.py` with its pages beside it; AutoMLError where this copy has none."""
    # An installed copy first: beside it in site-packages, an app.py would be somebody else's.
    for folder in (PACKAGES / "torchlight_app", PACKAGES):
        if (folder / "app.py").is_file() and (folder / "pages").is_dir():
            return folder / "app.py"
    raise AutoMLError("This copy of Torchlight has no pages.", "Install it again: `pip install .`")


def run_app(arguments: argparse.Namespace) -> int:
    """Serve the pages on this machine only, until Ctrl-C."""
    script = app_script()
    print(f"Torchlight: http://localhost:{arguments.port}   (end it with Ctrl-C)", flush=True)
    flags = ["--server.address", "127.0.0.1", "--server.port", str(arguments.port)]
    sys.argv = ["streamlit", "run", str(script), *flags]
    # Streamlit finds `.streamlit/config.toml` beside the script, and takes it before the one of
    # the current folder.
    runpy.run_module("streamlit", run_name="__main__")
    return 0
