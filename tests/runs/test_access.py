"""What a person may do with a run: its owner, an admin, the holder of a link, anyone else."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from automl_core.errors import AccessError, RunError
from automl_core.people import Person
from automl_core.runs.access import Action, check_may, may
from automl_core.runs.record import share_links
from automl_core.runs.record.share_links import (
    LINKS_FILE,
    add_link,
    link_of_secret,
    load_links,
    take_back_link,
)
from tests.fake_run import make_folder

ANN, BOB = Person("a" * 32, "ann@x.org", "Ann"), Person("b" * 32, "bob@x.org", "Bob")
ALL, NOTHING = set(Action), set[Action]()


def allowed(person: Person | None, run: Path, secret: str = "") -> set[Action]:
    return {action for action in Action if may(person, action, run, secret)}


@pytest.mark.usefixtures("workspace")
def test_a_run_is_its_owners_and_of_those_who_have_a_link() -> None:
    run, other = (make_folder(ANN.root, name).path for name in ("run-a", "run-b"))
    assert allowed(ANN, run) == ALL and allowed(None, run) == ALL
    assert allowed(BOB, run) == NOTHING
    assert allowed(replace(BOB, admin=True), run) == ALL
    see, steer = add_link(run, steers=False), add_link(run, steers=True)
    assert allowed(BOB, run, see) == {Action.SEE}
    assert allowed(BOB, run, steer) == {Action.SEE, Action.STEER}
    for wrong in ("", "x", see[:-1], load_links(run)[0].digest, load_links(run)[0].id):
        assert allowed(BOB, run, wrong) == NOTHING
    assert allowed(BOB, other, steer) == NOTHING
    take_back_link(run, load_links(run)[1].id)
    assert allowed(BOB, run, steer) == NOTHING and allowed(BOB, run, see) == {Action.SEE}
    with pytest.raises(AccessError, match="There is no run 'run-a'"):
        check_may(BOB, Action.STEER, run, see)


def test_runs_of_before_anyone_signed_in_are_for_admins_and_those_elsewhere_for_all(
    workspace: Path, tmp_path: Path
) -> None:
    before = make_folder(workspace, "run-old").path
    assert allowed(ANN, before) == NOTHING and allowed(replace(ANN, admin=True), before) == ALL
    assert allowed(ANN, tmp_path / "elsewhere" / "run") == ALL  # its path is on the owner's list


def test_a_link_that_is_taken_back_does_not_come_again_with_one_that_is_made_meanwhile(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_folder(workspace, "run-a").path
    add_link(run, steers=False)
    (old,) = load_links(run)
    read, go_on = threading.Event(), threading.Event()

    def first_slowly(folder: Path) -> tuple[share_links.ShareLink, ...]:
        found = load_links(folder)
        if not read.is_set():
            read.set()
            go_on.wait(10)
        return found

    monkeypatch.setattr(share_links, "load_links", first_slowly)
    maker = threading.Thread(target=add_link, args=(run, True))
    taker = threading.Thread(target=take_back_link, args=(run, old.id))
    maker.start()
    assert read.wait(10)
    taker.start()
    taker.join(0.1)
    go_on.set()
    maker.join(10)
    taker.join(10)
    (left,) = load_links(run)
    assert left.steers and left.id != old.id


def test_a_secret_is_not_kept_and_a_damaged_file_opens_nothing(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_folder(workspace, "run-a").path
    assert load_links(run) == ()
    secret = add_link(run, steers=True)
    assert len(secret) >= 32 and secret not in (run / LINKS_FILE).read_text()
    assert link_of_secret(run, secret) == load_links(run)[0]
    monkeypatch.setattr(share_links, "MOST_LINKS", 1)
    with pytest.raises(RunError, match="has 1 links"):
        add_link(run, steers=False)
    for damaged in (b"", b"{}", b'{"links": [{"id": "x"}]}', b"\xff"):
        (run / LINKS_FILE).write_bytes(damaged)
        assert link_of_secret(run, secret) is None
