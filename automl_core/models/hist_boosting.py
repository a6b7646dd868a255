"""Reads models of histogram gradient boosting, which versions up to 0.5.0 trained.

Runs and bundles of those versions still predict with it; no run trains it any more.
"""

from __future__ import annotations

from automl_core.models.boosting import BoostedTrees, load_boosted
from automl_core.models.trees import unpack_trees
from automl_core.types import Files


def load(files: Files) -> BoostedTrees:
    """The model from its files; ModelError where they are damaged."""
    return load_boosted(files, unpack_trees)
