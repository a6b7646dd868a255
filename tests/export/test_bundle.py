"""A bundle comes back as it was written; a hostile or damaged one is one ModelError."""

from __future__ import annotations

import hashlib
import io
import json
import re
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import automl_core
from automl_core.cli.arguments import build_parser
from automl_core.errors import ModelError
from automl_core.export import bundle
from automl_core.export.bundle import open_bundle, read_bundle, write_bundle

FILES = {
    "model.json": b'{"name": "mlp-3"}',
    "schema.json": b"{}",
    "members/0/weights.safetensors": bytes(range(256)) * 50,
    "members/0/encoder.json": b'{"a": 1}',
}
INFO = {"model": "mlp-3", "metric": "roc_auc", "score": 0.91}


def _unpack(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _pack(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def _with_manifest(change: Callable[[dict[str, Any]], None]) -> bytes:
    files = _unpack(write_bundle(FILES, INFO))
    manifest = json.loads(files["manifest.json"])
    change(manifest)
    files["manifest.json"] = json.dumps(manifest).encode()
    return _pack(files)


def _with_files(**changed: bytes | None) -> bytes:
    files = _unpack(write_bundle(FILES, INFO))
    for name, content in changed.items():
        if content is None:
            del files[name.replace("__", ".")]
        else:
            files[name.replace("__", ".")] = content
    return _pack(files)


def _listed(name: str, content: bytes) -> bytes:
    """A bundle whose manifest also names `name`, with the right checksum."""
    files = _unpack(write_bundle(FILES, INFO))
    manifest = json.loads(files["manifest.json"])
    digest = hashlib.sha256(content).hexdigest()
    manifest["files"][name] = {"bytes": len(content), "sha256": digest}
    files["manifest.json"] = json.dumps(manifest).encode()
    files[name] = content
    return _pack(files)


def test_round_trip_from_memory_and_disk(tmp_path: Path) -> None:
    data = write_bundle(FILES, INFO)
    assert read_bundle(data) == FILES
    path = tmp_path / "model.zip"
    path.write_bytes(data)
    assert read_bundle(path) == FILES
    assert write_bundle(dict(reversed(FILES.items())), INFO) == data
    assert [p.name for p in tmp_path.iterdir()] == ["model.zip"]


def test_manifest_and_readme_say_what_it_is() -> None:
    data = write_bundle(FILES, INFO)
    manifest = open_bundle(data)[1]
    assert manifest.info == INFO
    assert {"python", "torch", "numpy", "scikit-learn"} <= set(manifest.versions)
    assert set(manifest.files) == set(FILES)
    readme = _unpack(data)["README.md"].decode()
    command = re.search(r"^ +torchlight (.*)$", readme, re.M)
    assert command and build_parser().parse_args(command[1].split()).command == "predict"
    assert "automl_core.load(" in readme and callable(automl_core.load)
    assert "roc_auc" in readme


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "not a zip": (lambda: b"\x89PNG not a zip at all" * 20, "not a Torchlight model"),
    "empty file": (lambda: b"", "not a Torchlight model"),
    "another zip": (lambda: _pack({"a.csv": b"1,2"}), "manifest.json is missing"),
    "wrong checksum": (lambda: _with_files(schema__json=b"[]"), "checksum"),
    "wrong size": (lambda: _with_files(schema__json=b"{ }"), "wrong size"),
    "missing file": (lambda: _with_files(model__json=None), "incomplete"),
    "file not listed": (lambda: _with_files(extra__json=b"{}"), "does not belong"),
    "newer version": (lambda: _with_manifest(lambda m: m.update(format_version=99)), "newer"),
    "unknown key": (lambda: _with_manifest(lambda m: m.update(virus=1)), "virus"),
    "missing key": (lambda: _with_manifest(lambda m: m.pop("files")), "files"),
    "wrong type": (lambda: _with_manifest(lambda m: m.update(files=[])), "files"),
    "foreign kind": (lambda: _with_manifest(lambda m: m.update(kind="other")), "other"),
    "manifest no json": (lambda: _with_files(manifest__json=b"\xff{"), "manifest.json"),
    "manifest a list": (lambda: _with_files(manifest__json=b"[1]"), "manifest.json"),
    "deep json": (lambda: _with_files(manifest__json=b"[" * 100_000), "manifest.json"),
    "parent path": (lambda: _listed("../evil.json", b"x"), "unsafe"),
    "inner parent path": (lambda: _listed("members/../../evil", b"x"), "unsafe"),
    "absolute path": (lambda: _listed("/etc/passwd", b"x"), "unsafe"),
    "backslash": (lambda: _listed("members\\..\\evil", b"x"), "unsafe"),
    "drive": (lambda: _listed("C:evil", b"x"), "unsafe"),
    "hidden file": (lambda: _listed("members/.evil", b"x"), "unsafe"),
    "folder entry": (lambda: _listed("members/", b""), "unsafe"),
    "bomb": (lambda: _listed("members/0/zeros", bytes(80 * 2**20)), "unpack"),
    "cut short": (lambda: write_bundle(FILES, INFO)[:-30], "not a Torchlight model"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_bundle_is_one_model_error(case: str) -> None:
    make, words = HOSTILE[case]
    with pytest.raises(ModelError, match=words):
        read_bundle(make())


def test_two_entries_of_one_name() -> None:
    buffer = io.BytesIO(write_bundle(FILES, INFO))
    with zipfile.ZipFile(buffer, "a") as archive, pytest.warns(UserWarning):
        archive.writestr("model.json", b"{}")
    with pytest.raises(ModelError, match="same name"):
        read_bundle(buffer.getvalue())


def test_declared_size_that_lies() -> None:
    big = _listed("members/0/zeros", bytes(8 * 2**20))
    lying = big.replace(struct.pack("<I", 8 * 2**20), struct.pack("<I", 10))
    assert lying != big
    with pytest.raises(ModelError):
        read_bundle(lying)


def test_every_single_byte_damaged_or_cut_is_never_another_error() -> None:
    data = write_bundle({"model.json": b"{}", "schema.json": b"[]"}, INFO)
    for i in range(0, len(data), 7):
        damaged = bytearray(data)
        damaged[i] ^= 0xFF
        for candidate in (bytes(damaged), data[:i]):
            try:
                read_bundle(candidate)
            except ModelError:
                continue


def test_too_many_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "MAX_FILES", 3)
    with pytest.raises(ModelError, match="entries"):
        read_bundle(write_bundle(FILES, INFO))


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="There is no model file"):
        read_bundle(tmp_path / "absent.zip")
    with pytest.raises(ModelError):
        read_bundle(tmp_path)
