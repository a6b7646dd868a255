"""What the README says is true: its file tree, its links, its commands."""

from __future__ import annotations

import ast
import re
import shlex

import pytest

import automl_core
from automl_core.cli.arguments import build_parser
from tests import readme

TEXT = readme.README.read_text(encoding="utf-8")
COMMANDS = re.findall(r"^python -m automl_core (.*)$", TEXT, re.M)
(PROGRAM,) = re.findall(r"```python\n(.*?)```", TEXT, re.S)


def test_it_lists_every_file() -> None:
    entries, expected = readme.entries(), readme.expected()
    problems = [f"{path} is not in the README's tree" for path in sorted(expected - set(entries))]
    problems += [f"{path} is in the tree only" for path in sorted(set(entries) - expected)]
    problems += [f"{path} has no annotation" for path, text in entries.items() if not text]
    assert not problems, "\n  ".join(["run `python -m tests.readme`", *problems])


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)]+)\)", TEXT))
def test_its_links_lead_somewhere(link: str) -> None:
    assert (readme.ROOT / link).exists()


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
