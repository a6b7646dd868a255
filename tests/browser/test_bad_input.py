"""Hostile files in the browser: one clear message each, and the app goes on."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.server import Server

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8


def climbing_zip() -> bytes:
    """A zip without a table, whose file would lie outside the folder it is unpacked in."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("../picture.csv", PICTURE)
    return buffer.getvalue()


FILES = {
    "empty.csv": b"",
    "header.csv": b"a,b,c\n",
    "picture.csv": PICTURE,
    "nothing.parquet": b"",
    "climbing.zip": climbing_zip(),
}


def test_a_bad_file_gets_one_message_and_a_good_one_still_works(
    shared_server: Server, page: Page, tmp_path: Path
) -> None:
    steps.visit(page, shared_server.url)
    steps.settled(page)
    for name, content in FILES.items():
        file = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
        steps.key(page, "upload").locator("input[type=file]").set_input_files([file])  # type: ignore[list-item]
        expect(page.get_by_test_id("stAlert")).to_have_count(1, timeout=steps.PATIENCE)
        steps.settled(page)
        steps.visit(page, shared_server.url)  # anew: the next message must be the next file's
        steps.settled(page)  # a file that comes before the page has run is lost
        expect(page.get_by_test_id("stAlert")).to_have_count(0)
    good = tmp_path / "good.csv"
    good.write_text("a,b\n" + "".join(f"{i},{i % 3}\n" for i in range(50)))
    steps.upload(page, good)
    outside = {path.name for path in shared_server.workspace.parent.iterdir()}
    assert outside == {"workspace", "server.log"}


HOSTILE = ("<img src=x onerror=alert(1)>", "**bold** :red[x]", "a|b`c", "$x$ ünï 🦄", 'say "no"')


@pytest.mark.parametrize("target", [HOSTILE[0], HOSTILE[1]])
def test_names_from_a_file_are_shown_as_they_are(
    shared_server: Server, page: Page, tmp_path: Path, target: str
) -> None:
    alerts: list[str] = []
    page.on("dialog", lambda dialog: (alerts.append(dialog.message), dialog.dismiss()))
    header = ",".join('"' + name.replace('"', '""') + '"' for name in HOSTILE)
    rows = "".join(f"{i % 2},{i % 3},{i},{i % 5},{i % 7}\n" for i in range(120))
    table = tmp_path / "<b>bold<b>.csv"
    table.write_text(header + "\n" + rows)
    steps.visit(page, shared_server.url)
    steps.upload(page, table)
    expect(page.get_by_role("heading", name="<b>bold<b>.csv")).to_be_visible()
    steps.press(page, "choose_target")
    steps.choose(page, "train_target", target)
    expect(steps.key(page, "train_go")).to_contain_text(target, timeout=steps.PATIENCE)
    expect(page.locator("img[src=x]")).to_have_count(0)
    assert not alerts
