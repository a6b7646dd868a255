"""The source of a network in one file that needs PyTorch and safetensors, and not Torchlight.

It is made of our own definitions: those that a network needs, found by the names that they use,
each as it stands in its file. So there is one source of a network, wherever it runs.
"""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

OURS = "automl_core"


@dataclass(frozen=True, eq=False)
class _Module:
    """A parsed file: its definitions, and what it imports, by name."""

    text: str
    definitions: dict[str, list[ast.stmt]]
    ours: dict[str, tuple[str, str]]  # name here -> module, name there
    others: dict[str, str]  # name here -> the line that imports it


@dataclass(eq=False)
class _Parts:
    """What has been collected, in the order in which a file has to define it."""

    names: dict[str, str] = field(default_factory=dict)  # name -> the text that defines it
    begun: set[str] = field(default_factory=set)  # texts, some of which define several names
    imports: set[str] = field(default_factory=set)
    texts: list[str] = field(default_factory=list)


def standalone_source(wanted: list[tuple[str, str]], docstring: str, ending: str) -> str:
    """One file with the definitions `wanted`, (module, name) each, and all that they need.

    `docstring` opens the file, `ending` closes it. Raises ValueError where two definitions that
    are needed have one name.
    """
    parts = _Parts()
    for module, name in wanted:
        _collect(*_home(module, name), parts)
    imports = "\n".join(["from __future__ import annotations", *sorted(parts.imports)])
    return "\n\n\n".join([f'"""{docstring}"""', imports, *parts.texts, ending.strip()]) + "\n"


def _collect(module: str, name: str, parts: _Parts) -> None:
    """Add a definition after all that it needs."""
    parsed = _parsed(module)
    nodes = parsed.definitions[name]
    text = "\n".join(_text_of(parsed.text, node) for node in nodes)
    if parts.names.setdefault(name, text) != text:
        raise ValueError(f"{name!r} is defined in {module} and elsewhere")
    if text in parts.begun:
        return
    parts.begun.add(text)
    for used in _names_in(nodes):
        if used in parsed.ours:
            _collect(*_home(*parsed.ours[used]), parts)
        elif used in parsed.definitions:
            _collect(module, used, parts)
        elif used in parsed.others:
            parts.imports.add(parsed.others[used])
    parts.texts.append(text)


def _names_in(nodes: list[ast.stmt]) -> Iterator[str]:
    for node in nodes:
        for inner in ast.walk(node):
            if isinstance(inner, ast.Name):
                yield inner.id


def _text_of(text: str, node: ast.stmt) -> str:
    """The source of a statement, decorators and all."""
    decorators = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(d.lineno for d in decorators)])
    assert node.end_lineno is not None
    return "\n".join(text.splitlines()[first - 1 : node.end_lineno])


def _home(module: str, name: str) -> tuple[str, str]:
    """The file that defines a name which a package lists in its `__init__.pyi`."""
    path = _path(module)
    stub = path.with_suffix(".pyi")
    if path.name != "__init__.py" or not stub.exists():
        return module, name
    for node in ast.parse(stub.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom) and any(alias.name == name for alias in node.names):
            return f"{module}.{node.module}", name
    raise ValueError(f"{module} does not list {name!r}")


@cache
def _parsed(module: str) -> _Module:
    text = _path(module).read_text(encoding="utf-8")
    found = _Module(text, {}, {}, {})
    last: list[ast.stmt] = []
    for node in ast.parse(text).body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(OURS):
            for alias in node.names:
                found.ours[alias.asname or alias.name] = (str(node.module), alias.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                known = (alias.asname or alias.name).split(".")[0]
                found.others[known] = _import_line(node, alias)
        elif isinstance(node, ast.Expr):
            last.append(node)  # the docstring of a constant
        else:
            last = [node]
            for name in _defined(node):
                found.definitions[name] = last
    return found


def _import_line(node: ast.Import | ast.ImportFrom, alias: ast.alias) -> str:
    if isinstance(node, ast.ImportFrom):
        return ast.unparse(ast.ImportFrom(node.module, [alias], 0))
    return ast.unparse(ast.Import([alias]))


def _defined(node: ast.stmt) -> list[str]:
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else []
    if isinstance(node, ast.AnnAssign):
        targets = [node.target]
    return [inner.id for t in targets for inner in ast.walk(t) if isinstance(inner, ast.Name)]


@cache
def _path(module: str) -> Path:
    spec = importlib.util.find_spec(module)
    assert spec is not None and spec.origin is not None, module
    return Path(spec.origin)
