"""Two users and a stranger on every page: nothing is seen that is not theirs.

Ann has a run, a table and an upload. Whatever an address names, also with ids that somebody else
could only have guessed, no page sends a word of them to anyone but her, an admin, and the holders
of her links.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from automl_core.errors import AccessError, RunError, StorageError, TableError
from automl_core.people import Person, person_of
from automl_core.runs.record import save_name
from automl_core.runs.record.commands import hold, take_commands
from automl_core.runs.record.folder import RunFolder
from automl_core.runs.record.share_links import add_link, load_links, take_back_link
from automl_core.table.reading import check_allowed, open_server_path, save_upload, upload_path
from pages.components.shared import access, allowed_folder, server_folders, sign_in
from tests import source
from tests.fake_run import make_folder, write_log
from tests.finished_run import make_run
from tests.pages.conftest import FakeManager, open_link

PAGES = ("app.py", *(str(p) for p in source.python_files("pages") if len(p.parts) == 2))
PAGES = tuple(page for page in PAGES if not page.endswith("__init__.py"))
RUN, SHARE = "run-of-ann", "pages/share.py"
NAME, COLUMN = "Anns plan", "income"
"""The name of her run, and of a column of her table, which no page has of itself."""

As = Callable[..., AppTest]


def claims(name: str, domain: str = "example.com") -> dict[str, Any]:
    return {
        "is_logged_in": True,
        "iss": "https://id.example",
        "sub": name,
        "email": f"{name}@{domain}",
        "email_verified": True,
        "name": name.capitalize(),
    }


ANN, BOB, ROOT_ADMIN = claims("ann"), claims("bob"), claims("root")
NOT_LISTED, NOBODY = claims("eve", "elsewhere.org"), {"is_logged_in": False}


@pytest.fixture(autouse=True)
def people(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    del workspace
    monkeypatch.setenv("TORCHLIGHT_USERS", "@example.com")
    monkeypatch.setenv("TORCHLIGHT_ADMINS", "root@example.com")
    monkeypatch.setattr(sign_in, "LIBRARY", "json")  # one that is installed


@pytest.fixture
def ann() -> Person:
    """Ann, with a finished run of a table of hers."""
    person = person_of(ANN)
    save_name(make_run(person.root, RUN).path, NAME)
    return person


@pytest.fixture
def opened_by(fake_manager: FakeManager) -> As:
    """Opens a page as somebody: `opened_by(BOB, "pages/data.py", table=HASH)`."""
    del fake_manager

    def opened(user: dict[str, Any], page: str = "app.py", **query: str) -> AppTest:
        return open_link(page, query, user)

    return opened


def sent(page: AppTest) -> str:
    """All that the browser gets: texts, values of fields, tables, links, names of downloads."""
    elements = [element for root in (page.main, page.sidebar) for element in root]
    return "\n".join(str(getattr(element, "proto", "")) for element in elements)


def addresses(ann: Person) -> Iterator[dict[str, str]]:
    """What somebody could type who had guessed or overheard an id of hers."""
    run = ann.root / "runs" / RUN
    table = RunFolder(run).spec().table.hash
    yield {"run": RUN, "table": table, "model": "lightgbm-1"}
    yield {"run": str(run), "table": table}
    yield {"run": RUN, "of": ann.key, "link": "guessed", "tour": "1"}
    above = f"../{ann.key}"
    yield {"run": f"../{above}/runs/{RUN}", "table": f"{above}/tables/{table}", "of": above}


def names_of_ann(text: str) -> list[str]:
    """Words of hers in what was sent; what the address itself names does not count."""
    return [word for word in (NAME, COLUMN, "customers.csv") if word in text]


@pytest.mark.parametrize("page", PAGES)
def test_nobody_else_sees_a_word_of_what_is_hers(
    ann: Person, opened_by: As, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    monkeypatch.setenv("TORCHLIGHT_DATA_FOLDERS", str(ann.root.parents[1]))  # the whole workspace
    asked = list(addresses(ann))
    if page not in (SHARE, "pages/runs.py", "app.py"):
        assert names_of_ann(sent(opened_by(ANN, page, **asked[0]))) or page == "pages/predict.py"
    for address in asked:
        seen = opened_by(BOB, page, **address)
        assert not seen.exception and names_of_ann(sent(seen)) == []
        assert not seen.get("download_button")
        assert page == SHARE or "Bob" in sent(seen)
    for user, words in ((NOBODY, "Sign in to see"), (NOT_LISTED, "may not use this server")):
        seen = opened_by(user, page, **asked[0])
        assert not seen.exception and names_of_ann(sent(seen)) == []
        assert words in sent(seen) and not seen.sidebar.get("page_link")
        assert next(iter(seen.button)).label.startswith("Sign in")


@pytest.mark.parametrize("page", ["pages/data.py", "pages/train.py", "pages/models.py"])
def test_what_a_session_keeps_of_one_is_not_shown_to_the_next(
    ann: Person, opened_by: As, page: str
) -> None:
    run = RunFolder(ann.root / "runs" / RUN)
    seen = opened_by(ANN, page, run=RUN, table=run.spec().table.hash)
    assert names_of_ann(sent(seen))
    for next_one, words in ((NOBODY, "Sign in to see"), (BOB, "Bob")):
        seen.user = next_one
        seen = seen.run()
        assert not seen.exception and names_of_ann(sent(seen)) == [] and words in sent(seen)
    seen.session_state["_looks_at"] = ann.root  # which an admin's session may have
    assert names_of_ann(sent(seen.run())) == []


def test_no_path_of_the_server_leads_to_what_is_hers(
    ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCHLIGHT_DATA_FOLDERS", str(ann.root.parents[1]))
    stored = next((ann.root / "tables").glob("*.arrow"))
    link = ann.root.parents[1] / "link.db"
    link.symlink_to(stored)
    for path in (stored, link, stored.parent / ".." / "tables" / stored.name):
        with pytest.raises(TableError, match="not in a folder"):
            open_server_path(str(path), server_folders())
        with pytest.raises(TableError, match="not in a folder"):
            check_allowed(f"sqlite:///{path}", (), server_folders())
    with pytest.raises(RunError, match="may not be opened from here"):
        allowed_folder(str(ann.root / "runs" / RUN))


Download = Callable[[], bytes]


@pytest.fixture
def downloads(monkeypatch: pytest.MonkeyPatch) -> dict[str, Download]:
    """What was offered as a download, by the words of its button; made when it is called."""
    offered: dict[str, Download] = {}

    def offer(label: str, data: Download, **_: object) -> bool:
        offered[label] = data
        return False

    monkeypatch.setattr(st, "download_button", offer)
    return offered


def test_a_link_gives_the_report_alone_and_once_taken_back_not_even_that(
    ann: Person, opened_by: As, downloads: dict[str, Download]
) -> None:
    opened_by(ANN, "pages/models.py", run=RUN)
    assert {"Download model", "Download report"} <= {*downloads}
    downloads.clear()
    assert not opened_by(BOB, SHARE, **link_to(ann, steers=True)).exception
    assert {*downloads} == {"Download report", "Data"}  # of the charts that the link shows
    assert downloads["Download report"]().startswith(b"<!doctype html>")
    run = ann.root / "runs" / RUN
    take_back_link(run, load_links(run)[0].id)
    with pytest.raises(AccessError):
        downloads["Download report"]()


def test_what_each_has_is_listed_for_them_and_an_upload_is_theirs(
    ann: Person, opened_by: As
) -> None:
    bob = person_of(BOB)
    make_run(bob.root, "run-of-bob")
    make_folder(ann.root.parents[1], "run-of-before")
    assert list(opened_by(ANN, "pages/runs.py").dataframe[0].value["Name"]) == [NAME]
    assert len(opened_by(BOB, "pages/runs.py").dataframe[0].value) == 1
    with Path(__file__).open("rb") as file:
        upload = save_upload(file, "plan.csv", ann.root)
    assert upload_path(upload.id, ann.root).is_file()
    with pytest.raises(TableError):
        upload_path(upload.id, bob.root)


def test_equal_tables_of_two_people_have_each_their_own_roles(ann: Person, opened_by: As) -> None:
    table = RunFolder(ann.root / "runs" / RUN).spec().table.hash
    make_run(person_of(BOB).root, "run-of-bob")  # the same cells, and so the same hash
    opened_by(ANN, "pages/data.py", table=table)
    assert (ann.root / "tables" / f"{table}.schema.json").is_file()
    assert not (person_of(BOB).root / "tables" / f"{table}.schema.json").exists()


def test_a_run_starts_in_the_workspace_of_whom_it_belongs_to(
    opened_by: As, fake_manager: FakeManager
) -> None:
    page = opened_by(ANN)
    page.button(key=next(b.key for b in page.button if b.key.startswith("demo_"))).click().run()
    assert not page.exception and len(fake_manager.started) == 1
    assert (person_of(ANN).root / "runs" / "run-1" / "spec.json").is_file()
    assert not (person_of(ANN).root.parents[1] / "runs").exists()


def test_an_admin_looks_at_any_workspace(ann: Person, opened_by: As) -> None:
    opened_by(ANN)
    page = opened_by(ROOT_ADMIN, "pages/runs.py")
    assert names_of_ann(sent(page)) == []
    choice = page.selectbox(key="workspace_shown")
    assert choice.options == [
        "My own",
        "ann@example.com",
        "the server, from before anyone signed in",
    ]
    assert not page.info
    page = choice.set_value(ann.root).run()
    assert not page.exception and list(page.dataframe[0].value["Name"]) == [NAME]
    assert "ann@example.com" in page.info[0].value  # on each page
    assert "workspace_shown" not in [s.key for s in opened_by(BOB, "pages/runs.py").selectbox]


def test_of_two_people_with_one_address_an_admin_opens_the_one_that_was_chosen(
    ann: Person, opened_by: As
) -> None:
    opened_by(ANN)
    opened_by({**ANN, "iss": "https://other.example"})
    page = opened_by(ROOT_ADMIN, "pages/runs.py")
    choice = page.selectbox(key="workspace_shown")
    assert len(set(choice.options)) == 4
    page = choice.set_value(ann.root).run()
    assert not page.exception and list(page.dataframe[0].value["Name"]) == [NAME]


def link_to(ann: Person, steers: bool) -> dict[str, str]:
    secret = add_link(ann.root / "runs" / RUN, steers)
    return {"run": RUN, "of": ann.key, "link": secret}


def test_a_link_shows_the_run_until_it_is_taken_back(ann: Person, opened_by: As) -> None:
    link = link_to(ann, steers=False)
    page = opened_by(BOB, SHARE, **link)
    assert not page.exception and not page.error and "matters most" in sent(page)
    page.session_state["share_tab"] = "How it trains"
    page = page.run()
    assert not page.exception and len(page.dataframe) == 1  # the leaderboard
    assert not [button.key for button in page.button]
    for other in ("pages/models.py", "pages/train.py", "pages/runs.py", "pages/data.py"):
        assert names_of_ann(sent(opened_by(BOB, other, **link))) == []  # it opens that page alone
    assert "Sign in to see" in sent(opened_by(NOBODY, SHARE, **link))
    run = ann.root / "runs" / RUN
    take_back_link(run, load_links(run)[0].id)
    page = page.run()
    assert "was taken back" in page.error[0].value and names_of_ann(sent(page)) == []


def test_a_link_that_steers_stops_the_run_until_it_is_taken_back(opened_by: As) -> None:
    ann = person_of(ANN)
    run = make_folder(ann.root, RUN)
    write_log(run, until=5.0)
    with hold(run.path):
        page = opened_by(BOB, SHARE, **link_to(ann, steers=True))
        page.session_state["share_tab"] = "How it trains"
        page = page.run()
        assert page.button(key="stop") and page.button(key="add_1")
        page.button(key="pause").click().run()
        assert take_commands(run.path) == [("pause", "")]
        take_back_link(run.path, load_links(run.path)[0].id)
        page.button(key="stop").click().run()
        assert take_commands(run.path) == [] and "was taken back" in page.error[0].value


def test_an_owner_makes_links_and_takes_them_back(ann: Person, opened_by: As) -> None:
    page = opened_by(ANN, "pages/models.py", run=RUN)
    page.button(key="models_share").click().run()
    page.segmented_control(key="share_what").set_value("See and steer it")
    page.button(key="share_make").click().run()
    assert not page.exception and not page.error
    (link,) = load_links(ann.root / "runs" / RUN)
    address = page.session_state["_share_new"]
    assert link.steers and re.search(rf"share\?run={RUN}&of={ann.key}&model=\S+&link=\S+", address)
    page.button(key="models_share").click().run()
    page.button(key=f"share_back_{link.id}").click().run()
    assert load_links(ann.root / "runs" / RUN) == ()


def test_who_can_be_given_no_workspace_is_told_why(
    opened_by: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: object) -> None:
        raise StorageError("No space is left on the disk.")

    monkeypatch.setattr(access, "remember_person", full)
    page = opened_by(ANN)
    assert not page.exception and "No space is left" in page.error[0].value
    assert not page.sidebar.get("page_link")


def test_where_nobody_can_sign_in_a_list_of_users_lets_nobody_in(opened_by: As) -> None:
    page = opened_by({})  # the secrets have no [auth], or cannot be read
    assert "nobody can sign in" in page.error[0].value and not page.sidebar.get("page_link")
    st.cache_data.clear()
