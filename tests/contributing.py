"""CONTRIBUTING.md: its annotated list of folders, brought up to date, and its examples.

    python -m tests.contributing     (or: make tree)

takes annotations from docstrings, of packages those of `__init__.py`, and keeps those of all else.
A folder is one line, whatever is in it, but for the files at the top of each part.
"""

from __future__ import annotations

import ast
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.source import ROOT

GUIDE = ROOT / "CONTRIBUTING.md"
TREE = re.compile(r"(^## The folders\n.*?```\n)(.*?)(```)", re.M | re.S)
EXAMPLE = re.compile(
    r"^```python\n# (\S+)(?:, (after|before) `([^`\n]*)`)?\n(.*?)^```", re.M | re.S
)


@dataclass(frozen=True)
class Example:
    """A block of code of the guide, and where it belongs."""

    path: str
    side: str  # "after" or "before" a line; "": it is a file of its own
    line: str  # without its indent
    code: str


def examples() -> list[Example]:
    """The blocks that belong to a file, in the guide's order."""
    found = EXAMPLE.findall(GUIDE.read_text(encoding="utf-8"))
    return [Example(*parts) for parts in found if "/" in parts[0]]


def programs() -> list[str]:
    """The blocks that are programs on their own."""
    text = GUIDE.read_text(encoding="utf-8")
    return re.findall(r"^```python\n# a program\n(.*?)^```", text, re.M | re.S)


def put_in(example: Example, root: Path) -> None:
    """Write the example's file below `root`, or add its lines to the one that is there.

    Raises ValueError where the line that it goes beside is not there exactly once.
    """
    file = root / example.path
    if not example.side:
        if file.exists():
            raise ValueError(f"{example.path} is there already")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(example.code, encoding="utf-8")
        return
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    places = [i for i, line in enumerate(lines) if line.strip() == example.line]
    if len(places) != 1:
        raise ValueError(f"{example.path} has {len(places)} lines {example.line!r}")
    lines.insert(places[0] + (example.side == "after"), example.code)
    file.write_text("".join(lines), encoding="utf-8")


def entries() -> dict[str, str]:
    """Path (folders end with /) -> annotation, as the guide has them."""
    block = TREE.search(GUIDE.read_text(encoding="utf-8"))
    assert block, "CONTRIBUTING.md has no block under '## The folders'"
    found: dict[str, str] = {}
    parents: list[str] = []
    for line in block[2].splitlines():
        name, _, annotation = line.strip().partition(" ")
        parents[(len(line) - len(line.lstrip())) // 2 :] = [name]
        found["".join(parents)] = annotation.strip()
    return found


def on_disk() -> set[str]:
    """Every file that belongs to the project: tracked, or new and not ignored."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return {
        name
        for name in done.stdout.splitlines()
        if (ROOT / name).is_file() and not name.endswith("__init__.pyi")
    }


def _shown(name: str) -> str:
    """The line that a file is on: its own at the top of a part, else that of its folder."""
    top, *rest = name.split("/")
    if top == "assets":
        return "assets/"
    if top == "tests" and len(rest) > 1:
        return f"tests/{rest[0]}/"
    if top in ("automl_core", "pages") and len(rest) > 1:
        return name.rsplit("/", 1)[0] + "/"
    return name


def expected() -> set[str]:
    """The paths that the tree should have, the folders above them among them."""
    shown = {_shown(name) for name in on_disk()}
    parts = [path.rstrip("/").split("/") for path in shown]
    folders = {"/".join(p[:n]) + "/" for p in parts for n in range(1, len(p))}
    return shown | folders


def _first_line(path: str) -> str:
    """Of the docstring of a file, or of a package's `__init__.py`; "" where there is none."""
    file = ROOT / path / "__init__.py" if path.endswith("/") else ROOT / path
    if file.suffix != ".py" or not file.is_file():
        return ""
    docstring = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return docstring.split("\n")[0]


def tree() -> str:
    """The block: files before folders, each level in order, annotations in one column a level."""
    known, paths = entries(), expected()

    def level(folder: str) -> list[str]:
        here = [
            p
            for p in paths
            if p.startswith(folder) and p != folder and "/" not in p[len(folder) :].rstrip("/")
        ]
        here.sort(key=lambda p: (p.endswith("/"), p))
        width = max((len(p) - len(folder) for p in here), default=0) + 2
        lines = []
        for path in here:
            top = path.endswith("/") and path.count("/") == 1
            annotation = (
                (known.get(path) if top else "") or _first_line(path) or known.get(path, "")
            )
            indent = "  " * path.rstrip("/").count("/")
            lines.append(f"{indent}{path[len(folder) :]:{width}}{annotation}".rstrip())
            lines += level(path) if path.endswith("/") else []
        return lines

    return "\n".join(level("")) + "\n"


def main() -> None:
    """Write the tree into the guide."""
    text, block = GUIDE.read_text(encoding="utf-8"), tree()
    GUIDE.write_text(TREE.sub(lambda found: found[1] + block + found[3], text), encoding="utf-8")


if __name__ == "__main__":
    main()
