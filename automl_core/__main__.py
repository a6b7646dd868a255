"""`python -m automl_core`: the command line."""

from __future__ import annotations

import sys

from automl_core.cli import run_cli

if __name__ == "__main__":
    sys.exit(run_cli())
