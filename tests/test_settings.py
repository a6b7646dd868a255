"""The settings: the code reads no other, the documentation has all of them, wrong ones are told."""

from __future__ import annotations

import ast
import re

import pytest

from automl_core import settings
from automl_core.errors import SpecError
from automl_core.settings import KEEP_DAYS, LOG_FORMAT, SETTINGS, WEBHOOK_PRIVATE, Setting
from tests import source

ROW = re.compile(r"^\| `(TORCHLIGHT_\w+)` \| (.+) \| (.+) \|$", re.M)
DOCUMENTED = (source.ROOT / "docs" / "server.md").read_text(encoding="utf-8")
INTERNAL = {"TORCHLIGHT_DEVICE"}  # from the app to its workers


def test_the_table_has_each_setting_as_it_is_declared() -> None:
    declared = [(s.name, s.meaning, s.default) for s in SETTINGS]
    assert ROW.findall(DOCUMENTED) == declared


def test_each_setting_is_in_the_list() -> None:
    assert {value for value in vars(settings).values() if isinstance(value, Setting)} == {*SETTINGS}


def test_settings_are_read_in_one_place() -> None:
    elsewhere = [
        f"{path}: {node.value}"
        for path in source.python_files("app.py", "automl_core", "pages")
        if path.name != "settings.py"
        for node in ast.walk(source.tree(path))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(r"TORCHLIGHT_[A-Z_]+", node.value)
        and node.value not in INTERNAL
    ]
    assert not elsewhere


def test_values_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    assert KEEP_DAYS.number(30.0, "a number") == 30.0 and not WEBHOOK_PRIVATE.is_on()
    assert LOG_FORMAT.one_of("text", "json") == "text"
    monkeypatch.setenv(KEEP_DAYS.name, " 2.5 ")
    monkeypatch.setenv(WEBHOOK_PRIVATE.name, "Yes")
    monkeypatch.setenv(LOG_FORMAT.name, "JSON")
    monkeypatch.setenv(settings.WEBHOOK_HOSTS.name, "a.example, ,b.example ")
    assert KEEP_DAYS.number(30.0, "a number") == 2.5 and WEBHOOK_PRIVATE.is_on()
    assert LOG_FORMAT.one_of("text", "json") == "json"
    assert settings.WEBHOOK_HOSTS.entries() == ("a.example", "b.example")


def test_what_cannot_be_read_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for setting in (KEEP_DAYS, WEBHOOK_PRIVATE, LOG_FORMAT):
        monkeypatch.setenv(setting.name, "perhaps")
    with pytest.raises(SpecError, match=r"KEEP_DAYS is 'perhaps'\. Give a number"):
        KEEP_DAYS.number(30.0, "a number")
    with pytest.raises(SpecError, match="Give 1 to switch it on, or 0"):
        WEBHOOK_PRIVATE.is_on()
    with pytest.raises(SpecError, match="Give one of: text, json"):
        LOG_FORMAT.one_of("text", "json")
