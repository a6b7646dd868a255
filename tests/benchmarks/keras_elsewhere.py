"""Processes that have Keras or TensorFlow and nothing of Torchlight, asked by keras_parity.py."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl_core.errors import ModelError
from automl_core.onnx_export.encoders import feeds
from automl_core.table import Column, TypedTable

CHILD = Path(__file__).with_name("keras_child.py")


class Elsewhere:
    """A process that opens downloads and runs rows; ends with the block that it is made for."""

    def __init__(self, python: str, library: str, backend: str) -> None:
        """`library`: "keras", or "tensorflow" for SavedModels."""
        more = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "", "KERAS_BACKEND": backend}
        if python != sys.executable:
            more["PYTHONPATH"] = ""  # it has its own libraries
        self._process = subprocess.Popen(
            [python, "-W", "ignore", str(CHILD), library],
            env=os.environ | more,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip

    def __enter__(self) -> Elsewhere:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with contextlib.suppress(BrokenPipeError):
            self._process.communicate(timeout=60)  # which closes its input

    def ask(self, request: dict[str, str]) -> None:
        """Have a request of keras_child.py answered; ModelError where it failed."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None and stdout is not None
        try:
            stdin.write(json.dumps(request) + "\n")
            stdin.flush()
            answer = json.loads(stdout.readline() or "{}")
        except BrokenPipeError:
            answer = {}
        problem = answer.get("error", "") if answer else "The process has ended."
        if answer.get("loaded"):
            problem = f"It has loaded {answer['loaded']}."
        if problem:
            raise ModelError(problem)


@dataclass(frozen=True, eq=False)
class Opened:
    """A download that is open in a process."""

    process: Elsewhere
    columns: Sequence[Column]  # that the model reads
    classes: Sequence[str]

    def run(self, rows: TypedTable) -> dict[str, NDArray[Any]]:
        """The outputs by name, labels as they are spelled."""
        with tempfile.TemporaryDirectory() as folder:
            cells, out = Path(folder, "cells.json"), Path(folder, "out.npz")
            plain = {name: x.tolist() for name, x in feeds(self.columns, rows).items()}
            cells.write_text(json.dumps(plain), encoding="utf-8")
            self.process.ask({"cells": str(cells), "out": str(out)})
            with np.load(out) as found:
                outputs = dict(found)
        if "label" in outputs:
            outputs["label"] = np.array(self.classes, object)[outputs["label"]]
        return outputs
