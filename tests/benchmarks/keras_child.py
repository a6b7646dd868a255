"""Runs the downloads of keras_parity.py; started by the file's path, where Torchlight is not.

    python keras_child.py keras|tensorflow

Each line on its input is a request in JSON, answered by a line in JSON, with `error` where it
failed: {"open": FOLDER} opens a download, with "saved" beside it the SavedModel in that folder;
{"save": FOLDER} writes a SavedModel; {"cells": FILE, "out": FILE} runs rows.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

sys.path.pop(0)  # this folder, whose modules are not meant
ABSENT = "automl_core", "tests", "onnx", "onnxruntime"


class Child:
    """What is open."""

    def __init__(self, library: str) -> None:
        self.library = importlib.import_module(library)
        self.model: Any = None
        self.inputs: list[dict[str, Any]] = []

    def open(self, request: dict[str, str]) -> None:
        """Open a download."""
        folder = Path(request["open"])
        sys.path[:] = [*(p for p in sys.path if p != str(folder)), str(folder)]
        self.inputs = json.loads((folder / "model.json").read_text(encoding="utf-8"))["inputs"]
        if "saved" in request:
            self.model = self.library.saved_model.load(request["saved"])
        else:
            self.model = self.library.saving.load_model(folder / "model.keras")

    def save(self, request: dict[str, str]) -> None:
        """Write what is open as a SavedModel."""
        self.model.export(request["save"], verbose=False)

    def run(self, request: dict[str, str]) -> None:
        """Run rows, given as cells in JSON, and write the outputs as arrays."""
        import arrays

        cells = json.loads(Path(request["cells"]).read_text(encoding="utf-8"))
        given = arrays.arrays(self.inputs, cells)
        if self.library.__name__ == "keras":
            found = self.model(given)
            outputs = {n: self.library.ops.convert_to_numpy(x) for n, x in found.items()}
        else:
            tensors = [self.library.constant(given[one["name"]]) for one in self.inputs]
            outputs = {n: x.numpy() for n, x in self.model.serve(tensors).items()}
        np.savez(request["out"], **outputs)


def main() -> None:
    """Answer requests until there are no more."""
    child = Child(sys.argv[1])
    answers = sys.stdout
    sys.stdout = sys.stderr  # what libraries print is no answer
    acts: dict[str, Callable[[dict[str, str]], None]] = {
        "open": child.open, "save": child.save, "cells": child.run,
    }  # fmt: skip
    for line in sys.stdin:
        request = json.loads(line)
        answer = {"loaded": [name for name in ABSENT if name in sys.modules]}
        try:
            acts[next(iter(request))](request)
        except Exception as error:
            answer["error"] = f"{type(error).__name__}: {str(error)[:300]}"
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
