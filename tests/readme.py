"""The annotated file tree of the README: read it, or bring it up to date.

    python -m tests.readme

keeps every annotation that is there, drops what is gone, and gives a new file the first line of
its docstring. Folders in WHOLE are one line each, whatever is in them.
"""

from __future__ import annotations

import ast
import re
import subprocess

from tests.source import ROOT

README = ROOT / "README.md"
BLOCK = re.compile(r"(^## The files\n.*?```\n)(.*?)(```)", re.M | re.S)
WHOLE = ("assets/", "tests/")  # of tests, the files at its top are listed nevertheless


def entries() -> dict[str, str]:
    """Path (folders end with /) -> annotation, as the README has them."""
    block = BLOCK.search(README.read_text(encoding="utf-8"))
    assert block, "README.md has no block of files under '## The files'"
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
    return {name for name in done.stdout.splitlines() if (ROOT / name).is_file()}


def expected() -> set[str]:
    """The paths that the tree should have: files and, where they stand for all in them, folders."""
    found = set()
    for name in on_disk():
        parts = name.split("/")
        whole = [w for w in WHOLE if name.startswith(w) and w != name]
        depth = 2 if whole == ["tests/"] and len(parts) > 2 else 1
        shown = "/".join(parts[:depth]) + "/" if whole and len(parts) > depth else name
        if whole == ["tests/"] and len(parts) == 2:
            shown = name
        found.add(shown)
        found.update("/".join(parts[:n]) + "/" for n in range(1, shown.rstrip("/").count("/") + 1))
    return found


def _first_line(path: str) -> str:
    if not path.endswith(".py"):
        return ""
    docstring = ast.get_docstring(ast.parse((ROOT / path).read_text(encoding="utf-8"))) or ""
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
            annotation = known.get(path) or _first_line(path)
            indent = "  " * path.rstrip("/").count("/")
            lines.append(f"{indent}{path[len(folder) :]:{width}}{annotation}".rstrip())
            lines += level(path) if path.endswith("/") else []
        return lines

    return "\n".join(level("")) + "\n"


def main() -> None:
    """Write the tree into the README."""
    text, block = README.read_text(encoding="utf-8"), tree()
    README.write_text(BLOCK.sub(lambda found: found[1] + block + found[3], text), encoding="utf-8")


if __name__ == "__main__":
    main()
