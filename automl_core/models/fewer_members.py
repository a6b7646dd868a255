"""TabM with the first of its members only: from files to files, no network is loaded.

Members start out at random and are trained on the same rows, so none is better than another by
more than chance: the first ones need no rows to be chosen on, and their score flatters nobody.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import safetensors
import safetensors.numpy
from numpy.typing import NDArray

from automl_core.errors import ModelError
from automl_core.files import dump_json
from automl_core.models.model_files import read_file, read_json
from automl_core.models.network_record import RECORD_FILE, WEIGHTS_FILE, NetworkRecord
from automl_core.records import to_plain
from automl_core.types import Files

TABM = "tabm"
OF_MEMBERS = ("net.weights", "net.head", "net.bias")
"""Weights whose first dimension is the members; all others are shared."""


def member_count(files: Files) -> int:
    """The members of a TabM's files. Raises ModelError where they are none, or of another kind."""
    return len(_weights(files)[OF_MEMBERS[0]])


def with_fewer_members(files: Files, members: int) -> Files:
    """The files of the same TabM with its first members; raises as `member_count`."""
    weights = _weights(files)
    kept = {
        name: np.ascontiguousarray(values[:members]) if name in OF_MEMBERS else values
        for name, values in weights.items()
    }
    record = read_json(files, RECORD_FILE, NetworkRecord)
    record = replace(record, config=record.config | {"members": members})
    return files | {
        RECORD_FILE: dump_json(to_plain(record)),
        WEIGHTS_FILE: safetensors.numpy.save(kept),
    }


def _weights(files: Files) -> dict[str, NDArray[np.float32]]:
    try:
        weights: dict[str, NDArray[np.float32]] = safetensors.numpy.load(
            read_file(files, WEIGHTS_FILE)
        )
    except (ValueError, KeyError, TypeError, safetensors.SafetensorError) as error:
        raise ModelError("The network's weights are damaged.", "Train it again.") from error
    sizes = {len(weights.get(name, np.zeros(0))) for name in OF_MEMBERS}
    if len(sizes) != 1 or sizes == {0}:
        raise ModelError("The network has no members that could be left out.")
    return weights
