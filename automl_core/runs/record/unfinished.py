"""What is kept of trials that are being trained, in case that the run is interrupted.

    unfinished/<trial>-<fold>.fit              a fold that is fitted, of a trial that is not
    unfinished/<trial>-<fold>[-<fold>].state   a training's state: of a fold, or of several as one

Each file begins with a checksum of the rest, and has no line in checksums.jsonl: it is written
again every few seconds, and is gone when the run ends. Knows nothing of what is in it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from automl_core.errors import RunError
from automl_core.files import storage_errors, write_atomic

FOLDER = "unfinished"
_DIGEST = 16  # bytes


class Unfinished:
    """The kept parts of one run's trials; the coordinator alone reads and writes them."""

    def __init__(self, run: Path) -> None:
        self._folder = run / FOLDER
        self._names = {path.name for path in self._folder.glob("[0-9]*.*")}

    def save_fit(self, trial: int, fold: int, data: bytes) -> None:
        """Keep a fold that is fitted. Raises StorageError."""
        self._save(_name(trial, (fold,), "fit"), data)

    def save_state(self, trial: int, folds: tuple[int, ...], data: bytes) -> None:
        """Keep the state of a training, in place of its last one. Raises StorageError."""
        self._save(_name(trial, folds, "state"), data)

    def fitted(self, trial: int) -> list[int]:
        """The folds of a trial that are kept as fitted."""
        mine = [name for name in self._of(trial) if name.endswith(".fit")]
        return sorted(fold for name in mine for fold in _folds(name))

    def fit(self, trial: int, fold: int) -> bytes:
        """What `save_fit` was given; RunError where it is damaged, and it is gone then."""
        return self._load(_name(trial, (fold,), "fit"))

    def state(self, trial: int, folds: tuple[int, ...]) -> bytes:
        """What `save_state` was given last; b"" where there is none, RunError as `fit`."""
        name = _name(trial, folds, "state")
        return self._load(name) if name in self._names else b""

    def forget_states(self, trial: int, fold: int) -> None:
        """The fold is fitted: no state of its training is of use any more."""
        self._remove(n for n in self._of(trial) if n.endswith(".state") and fold in _folds(n))

    def forget(self, trial: int) -> None:
        """The trial has ended."""
        self._remove(self._of(trial))

    def clear(self) -> None:
        """The run has ended."""
        self._remove(self._names)
        with storage_errors(self._folder):
            if self._folder.is_dir():
                for path in self._folder.iterdir():  # of a write that was interrupted
                    path.unlink()
                self._folder.rmdir()

    def _of(self, trial: int) -> list[str]:
        return [name for name in self._names if name.startswith(f"{trial}-")]

    def _save(self, name: str, data: bytes) -> None:
        with storage_errors(self._folder):
            self._folder.mkdir(exist_ok=True)
        write_atomic(self._folder / name, _digest(data) + data, durable=False)
        self._names.add(name)

    def _load(self, name: str) -> bytes:
        try:
            content = (self._folder / name).read_bytes()
        except OSError:
            content = b""
        data = content[_DIGEST:]
        if len(content) < _DIGEST or _digest(data) != content[:_DIGEST]:
            self._remove([name])
            raise RunError("What was kept of its training is damaged.")
        return data

    def _remove(self, names: Iterable[str]) -> None:
        for name in list(names):
            with storage_errors(self._folder / name):
                (self._folder / name).unlink(missing_ok=True)
            self._names.discard(name)


def _name(trial: int, folds: tuple[int, ...], kind: str) -> str:
    return f"{trial}-{'-'.join(map(str, folds))}.{kind}"


def _folds(name: str) -> list[int]:
    return [int(part) for part in name.partition(".")[0].split("-")[1:]]


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=_DIGEST).digest()
