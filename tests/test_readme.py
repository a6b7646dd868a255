"""The README tells the truth: its links, commands and program, the settings that it names."""

from __future__ import annotations

import ast
import re
import shlex

import pytest

import automl_core
from automl_core.cli.arguments import build_parser
from automl_core.settings import SETTINGS
from tests import source

TEXT = (source.ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^torchlight (.*)$", TEXT, re.M)
LINKS = re.findall(r"\]\(([^)#:]+)\)|(?:src|srcset)=\"([^\"]+)\"", TEXT)
(PROGRAM,) = re.findall(r"```python\n(.*?)```", TEXT, re.S)
MOST_LINES = 200


def test_it_is_short() -> None:
    assert len(TEXT.splitlines()) <= MOST_LINES


@pytest.mark.parametrize("link", sorted({a or b for a, b in LINKS}))
def test_its_links_lead_somewhere(link: str) -> None:
    assert (source.ROOT / link).exists()


def test_it_shows_every_command() -> None:
    parser = build_parser()
    (commands,) = [a.choices for a in parser._actions if a.dest == "command" and a.choices]
    assert {command.split(maxsplit=1)[0] for command in COMMANDS} == set(commands)


@pytest.mark.parametrize("command", COMMANDS)
def test_its_commands_are_understood(command: str) -> None:
    assert build_parser().parse_args(shlex.split(command)).command == command.split(maxsplit=1)[0]


def test_its_program_uses_names_that_exist() -> None:
    known = {"automl_core": automl_core, "run": automl_core.Run, "model": automl_core.Model}
    used = [
        (node.value.id, node.attr)
        for node in ast.walk(ast.parse(PROGRAM))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    ]
    assert used
    missing = [f"{n}.{a}" for n, a in used if n in known and not hasattr(known[n], a)]
    assert not missing


def test_it_names_settings_that_there_are() -> None:  # all of them are in docs/server.md
    named = set(re.findall(r"TORCHLIGHT_[A-Z_]+", TEXT))
    assert named and named <= {setting.name for setting in SETTINGS}
