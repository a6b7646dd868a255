"""A run folder that cannot be read costs its own line only, on every page, whatever is in it."""

from __future__ import annotations

import json
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from automl_core.files import workspace as current_workspace
from automl_core.runs import library
from automl_core.types import RunStatus
from tests.finished_run import make_run
from tests.pages.conftest import Open

PAGES = ("app.py", *(f"pages/{name}.py" for name in ("data", "train", "models", "predict", "runs")))
BROKEN = "Something went wrong"
DEEP = b"[" * 100_000
Damage = Callable[[Path], object]


def _in_place(name: str, content: bytes) -> Damage:
    return lambda run: (run / name).write_bytes(content)


def _folder_instead(name: str) -> Damage:
    def damage(run: Path) -> None:
        (run / name).unlink()
        (run / name).mkdir()

    return damage


def _loop(name: str) -> Damage:
    def damage(run: Path) -> None:
        (run / name).unlink()
        (run / name).symlink_to(run / name)

    return damage


def _without_line(number: int) -> Damage:
    def damage(run: Path) -> None:
        lines = (run / "events.jsonl").read_bytes().splitlines(True)
        (run / "events.jsonl").write_bytes(b"".join(lines[:number] + lines[number + 1 :]))

    return damage


def _field(name: str, value: object) -> Damage:
    def damage(run: Path) -> None:
        spec = json.loads((run / "spec.json").read_bytes())
        (run / "spec.json").write_text(json.dumps(spec | {name: value}))

    return damage


def _flipped(seed: int) -> Damage:
    def damage(run: Path) -> None:
        chance = random.Random(seed)
        for name in ("spec.json", "events.jsonl", "schema.json", "ensemble.json"):
            data = bytearray((run / name).read_bytes())
            for _ in range(3):
                data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
            (run / name).write_bytes(bytes(data))

    return damage


FILES = ("spec.json", "events.jsonl", "schema.json")
DAMAGES: tuple[Damage, ...] = (
    *(_in_place(name, data) for name in FILES for data in (b"", b"{}", b"null", b"\xff", DEEP)),
    *(_in_place("spec.json", data) for data in (b"7", b'{"table":1e400}', b'{"table":NaN}')),
    *(_folder_instead(name) for name in FILES),
    *(_loop(name) for name in FILES[:2]),
    *(_without_line(number) for number in (0, 2, 5, 9)),
    *(_field(name, 1) for name in ("table", "task", "metric", "options", "target")),
    *(_field("metric", name) for name in ("unknown", "<b>x</b>\n`")),
    *(_field(name, None) for name in ("table", "options")),
    *(_flipped(seed) for seed in range(6)),
    lambda run: (run / "spec.json").unlink(),
    lambda run: shutil.rmtree(run / "trials"),
    lambda run: os.truncate(run / "events.jsonl", 700),
)


@pytest.fixture
def damaged(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A sound run and some forty that are damaged, each otherwise; their names."""
    monkeypatch.setattr(library, "_over", {})
    sound = make_run(workspace, "sound").path
    names = [f"run-{number}" for number in range(len(DAMAGES))]
    for name, damage in zip(names, DAMAGES, strict=True):
        damage(Path(shutil.copytree(sound, sound.with_name(name))))
    return names


def _ills(page: AppTest) -> list[str]:
    return [e.message for e in page.exception] + [e.value for e in page.error if BROKEN in e.value]


def test_every_page_opens(open_page: Open, damaged: list[str]) -> None:
    assert len(damaged) >= 40
    for name in PAGES:
        page = open_page(name)
        assert not _ills(page), name
        assert not page.error, name
    runs = open_page("pages/runs.py").dataframe[0].value
    assert len(runs) == len(damaged) + 1
    unreadable = [run for run in library.list_runs(current_workspace()) if run.trouble]
    assert 15 <= len(unreadable) < len(damaged)
    assert all(run.status == RunStatus.DAMAGED and run.trouble.endswith(".") for run in unreadable)


def test_each_opens_by_its_address_or_says_what_is_wrong(
    open_page: Open, damaged: list[str]
) -> None:
    for number, name in enumerate(damaged[::2]):
        page = open_page(
            ("pages/train.py", "pages/models.py", "pages/runs.py")[number % 3], run=name
        )
        assert not _ills(page), name


def test_a_folder_of_runs_that_may_not_be_read_is_said_on_home_and_the_rest_stays(
    open_page: Open, workspace: Path
) -> None:
    (workspace / "runs").write_text("no folder")
    page = open_page()
    assert not page.exception
    assert len(page.error) == 1 and "folder of the runs cannot be read" in page.error[0].value
    assert page.file_uploader and page.button(key="demo_customer_churn")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (PermissionError(13, "Permission denied", "/x/y"), "may not use a file"),
        (OSError(30, "Read-only file system"), "may not use a file"),
        (OSError(28, "No space left on device"), "disk is full"),
        (FileNotFoundError(2, "No such file", "/x/y"), "is gone"),
    ],
)
def test_a_disk_that_refuses_is_told_in_words(
    open_page: Open, monkeypatch: pytest.MonkeyPatch, error: OSError, words: str
) -> None:
    def refuse(*_: object) -> None:
        raise error

    page = open_page()
    monkeypatch.setattr("pages.components.shared.table_input.save_upload", refuse)
    page.file_uploader[0].upload("t.csv", b"a,b\n1,2\n", "text/csv").run()
    assert not page.exception
    assert words in page.error[0].value
    assert "/x/y" not in page.error[0].value
