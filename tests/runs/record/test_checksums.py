"""Damage of any file of a run folder is said in words; it never changes what a model is."""

from __future__ import annotations

import random
import re
import shutil
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from automl_core.errors import AutoMLError, RunError
from automl_core.runs import bundle_of
from automl_core.runs.record import (
    ENSEMBLE,
    HeldOutScore,
    Outcome,
    RefitRecord,
    RunFolder,
    RunReader,
    save_outcome,
    save_refit,
)
from automl_core.runs.record.checksums import FILE
from automl_core.runs.record.folder import save_model, trial_files
from automl_core.splitting import SplitConfig, make_folds
from automl_core.types import Files
from tests.finished_run import make_run

FLIPS = 8  # a file
UNVERIFIED = {"events.jsonl"}  # each line has a checksum of its own


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A finished run with each kind of file."""
    folder = make_run(tmp_path_factory.mktemp("workspace"), "run-a")
    oof = folder.out_of_fold(1)
    folder.save_folds(make_folds(oof.y, oof.rows, "binary", SplitConfig(2, 1, 0.1, 0)))
    save_model(folder, 1, trial_files(folder, 1), refit=True)
    save_refit(folder, RefitRecord(ENSEMBLE, (1,), 200))
    return folder


def _all_of(folder: RunFolder) -> dict[str, object]:
    """Everything that is read of a run folder."""
    models = RunReader(folder).refresh().models
    found: dict[str, object] = {str(n): folder.model_files(n) for n in models}
    found |= {f"oof {n}": folder.out_of_fold(n).prediction.tobytes() for n in models}
    found["folds"] = [part.tobytes() for part in folder.folds().train]
    return found | {"spec": folder.spec(), "schema": folder.schema()}


def _files(folder: RunFolder) -> list[str]:
    found = [p.relative_to(folder.path).as_posix() for p in folder.path.rglob("*") if p.is_file()]
    return sorted(set(found) - UNVERIFIED)


def test_a_flipped_bit_in_any_file_is_found(whole: RunFolder, tmp_path: Path) -> None:
    expected, draw = _all_of(whole), random.Random(0)
    folder = RunFolder(tmp_path / "run-a")
    shutil.copytree(whole.path, folder.path)
    for name in _files(whole):
        path = folder.path / name
        data = path.read_bytes()
        refused = 0
        for _ in range(FLIPS):
            damaged = bytearray(data)
            damaged[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
            path.write_bytes(damaged)
            try:
                assert _all_of(RunFolder(folder.path)) == expected, name
            except AutoMLError:
                refused += 1
        assert refused == FLIPS or name == FILE, name
        path.write_bytes(data)
    assert _all_of(folder) == expected


@pytest.mark.parametrize("content", [b"", None])
def test_an_emptied_or_missing_file_of_a_model_is_found(
    whole: RunFolder, tmp_path: Path, content: bytes | None
) -> None:
    folder = RunFolder(tmp_path / "run-a")
    shutil.copytree(whole.path, folder.path)
    path = next((folder.path / "trials" / "2" / "model").rglob("*.safetensors"))
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    with pytest.raises(RunError, match=rf"The model of trial 2 is damaged.*{path.name}.*another"):
        folder.model_files(2)
    with pytest.raises(RunError, match=r"The ensemble lacks a part\. The model of trial 2"):
        folder.model_files(ENSEMBLE)
    assert folder.model_files(0)


def test_a_model_on_all_rows_is_not_replaced_by_the_one_before(
    whole: RunFolder, tmp_path: Path
) -> None:
    folder = RunFolder(tmp_path / "run-a")
    shutil.copytree(whole.path, folder.path)
    save_outcome(folder, Outcome(ENSEMBLE, "ensemble", HeldOutScore(None, None, None), (1,)))
    assert folder.model_files(ENSEMBLE)
    (folder.path / "final" / "refit.json").unlink()
    with pytest.raises(RunError, match=r"final/refit\.json of the run .* is missing"):
        folder.model_files(ENSEMBLE)
    assert folder.model_files(2)


def test_damage_is_not_exported(whole: RunFolder, tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run-a")
    shutil.copytree(whole.path, folder.path)
    trial = RunReader(folder).refresh().trials[2]
    path = next((folder.path / "trials" / "2" / "model").rglob("*.safetensors"))
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(RunError, match="trial 2 is damaged"):
        bundle_of(folder, trial)


def test_a_line_that_a_crash_tore_spoils_no_other(tmp_path: Path) -> None:
    RunFolder(tmp_path).write({"one.bin": b"one", "two.bin": b"two"})
    path = tmp_path / FILE
    path.write_bytes(path.read_bytes()[:-9])
    RunFolder(tmp_path).write({"three.bin": b"three"})
    assert RunFolder(tmp_path)._checksums.below("") == {"one.bin", "three.bin"}


def test_a_file_that_is_written_again_fits_and_so_does_the_one_before(workspace: Path) -> None:
    folder = make_run(workspace, "run-a")
    before: Files = {"ensemble.json": folder.read("ensemble.json")}
    folder.write({"ensemble.json": before["ensemble.json"] + b" "})
    assert folder.read("ensemble.json").endswith(b" ")
    (folder.path / "ensemble.json").write_bytes(before["ensemble.json"])
    assert folder.read("ensemble.json") == before["ensemble.json"]


def _lose_all(checksums: Path) -> None:
    checksums.unlink()


def _lose_content(checksums: Path) -> None:
    checksums.write_bytes(b"")


def _lose_a_line(checksums: Path) -> None:
    lines = checksums.read_bytes().splitlines(keepends=True)
    checksums.write_bytes(b"".join(line for line in lines if b"trials/2/oof.npz" not in line))


def _damage_a_line(checksums: Path) -> None:
    checksums.write_bytes(checksums.read_bytes().replace(b'{"file":"ensemble', b'{"file:"ensemble'))


@pytest.mark.parametrize(
    ("lose", "words"),
    [
        (_lose_all, r"files of this run, such as ensemble\.json, have lost their checksums"),
        (_lose_content, r"files of this run, such as ensemble\.json, have lost their checksums"),
        (
            _lose_a_line,
            r"^trials/2/oof\.npz of this run has lost its checksum and cannot be verified",
        ),
        (
            _damage_a_line,
            r"^ensemble\.json of this run has lost its checksum and cannot be verified",
        ),
    ],
)
def test_a_run_that_lost_checksums_is_used_with_a_warning(
    whole: RunFolder, tmp_path: Path, lose: Callable[[Path], None], words: str
) -> None:
    folder = RunFolder(tmp_path / "run-a")
    shutil.copytree(whole.path, folder.path)
    assert RunReader(folder).refresh().damage is None
    lose(folder.path / FILE)
    folder = RunFolder(folder.path)
    assert _all_of(folder) == _all_of(whole)
    damage = RunReader(folder).refresh().damage
    assert damage is not None and re.search(words, damage.message)


def test_a_run_of_a_version_without_checksums_is_read_as_it_is(
    whole: RunFolder, tmp_path: Path
) -> None:
    folder = RunFolder(tmp_path / "run-a")
    shutil.copytree(whole.path, folder.path)
    (folder.path / FILE).unlink()
    first, *lines = folder.log_path.read_bytes().splitlines(keepends=True)
    older = first[: first.index(b',"checksums":true')] + b',"crc":"'
    crc = zlib.crc32(older.removesuffix(b',"crc":"'))
    folder.log_path.write_bytes(older + b'%08x"}\n' % crc + b"".join(lines))
    state = RunReader(folder).refresh()
    assert state.started is not None and not state.started.checksums
    assert state.damage is None
    assert folder.model_files(ENSEMBLE) == whole.model_files(ENSEMBLE)
