"""A sentence model for tests: a library of a few lines whose vectors are counts of letters."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from automl_core.features import sentence_model

LIBRARY = """
import numpy as np

asked = []

class SentenceTransformer:
    def __init__(self, folder, device, local_files_only, model_kwargs):
        assert device == "cpu" and local_files_only and model_kwargs["use_safetensors"]
        if open(folder + "/config.json").read() == "damaged":
            raise OSError("no file named model.safetensors")

    def encode(self, texts, batch_size, normalize_embeddings, show_progress_bar):
        asked.extend(texts)
        found = np.array([[t.count(chr(97 + i)) + 0.01 for i in range(26)] for t in texts])
        return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)
"""


def install(monkeypatch: pytest.MonkeyPatch, at: Path, content: str = "{}") -> None:
    """Make the library importable and name a model's folder, for one test."""
    forget()
    (at / "library").mkdir(exist_ok=True)
    (at / "library" / "sentence_transformers.py").write_text(LIBRARY)
    (at / "tiny").mkdir(exist_ok=True)
    (at / "tiny" / "config.json").write_text(content)
    monkeypatch.syspath_prepend(at / "library")
    monkeypatch.delitem(sys.modules, "sentence_transformers", raising=False)
    monkeypatch.setenv(sentence_model.VARIABLE, str(at / "tiny"))


def forget() -> None:
    """Nothing is remembered of an earlier test's model."""
    sentence_model._known.clear()
    sentence_model._loaded.cache_clear()
    sentence_model._described.cache_clear()


def asked() -> list[str]:
    """The texts that the library was given, in order."""
    found: list[str] = sys.modules["sentence_transformers"].asked
    return found
