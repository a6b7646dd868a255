"""The programs of a download: the scorer's own, and what they import of this project.

Some lie at the top, the others in the folder `scorer`, from which all import. So drift, names of
columns, limits and words are the project's own, not copies of them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

PROJECT = "automl_core"
ROOT = Path(__file__).parents[2]
FOLDER = "scorer"


@cache
def programs(top: tuple[str, ...]) -> Mapping[str, str]:
    """The text of each program by its name in the download; `top` are the modules at its top."""
    found: dict[str, str] = {}
    waiting = list(top)
    while waiting:
        module = waiting.pop()
        name = _place(module, top).replace(".", "/") + ".py"
        if name not in found:
            text = _file(module).read_text(encoding="utf-8")
            waiting += [origin for node in _imports(text) for _, origin in _origins(node)]
            found[name] = _rewritten(text, top)
    return found | {f"{FOLDER}/__init__.py": '"""Parts of the programs beside this folder."""\n'}


def _place(module: str, top: tuple[str, ...]) -> str:
    """Where a module is imported from in the download."""
    name = module.rpartition(".")[2]
    return name if module in top else f"{FOLDER}.{name}"


def _rewritten(text: str, top: tuple[str, ...]) -> str:
    """A module with its imports of this project's modules as they lie in the download."""
    lines = text.splitlines(keepends=True)
    for node in reversed(list(_imports(text))):
        by_module: dict[str, list[str]] = {}
        for alias, origin in _origins(node):
            by_module.setdefault(origin, []).append(ast.unparse(alias))
        new = [
            f"from {_place(m, top)} import {', '.join(n)}\n" for m, n in sorted(by_module.items())
        ]
        lines[node.lineno - 1 : node.end_lineno] = new
    return "".join(lines)


def _imports(text: str) -> Iterator[ast.ImportFrom]:
    for node in ast.parse(text).body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(PROJECT):
            yield node


def _origins(node: ast.ImportFrom) -> Iterator[tuple[ast.alias, str]]:
    """Each imported name with the module that defines it."""
    module = str(node.module)
    stub = ROOT / module.replace(".", "/") / "__init__.pyi"
    public = ast.parse(stub.read_text(encoding="utf-8")).body if stub.exists() else []
    where = {
        name.name: f"{module}.{line.module}"
        for line in public
        if isinstance(line, ast.ImportFrom)
        for name in line.names
    }
    for alias in node.names:
        yield alias, where.get(alias.name, module)


def _file(module: str) -> Path:
    return ROOT / (module.replace(".", "/") + ".py")
