"""Reads the project's own source: which files there are, and what they import.

Knows the rules' vocabulary only; the rules themselves are in test_shape.py.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("pages", "automl_core")
IGNORED = {".git", ".venv", "workspace", "__pycache__"}

# From the top down: a file may import from its own line and from lines below it. The longest
# prefix that fits names a file's line.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("app", "pages"),
    ("automl_core", "automl_core.__main__", "automl_core.cli", "automl_core.api"),
    ("automl_core.report",),
    ("automl_core.charts",),
    ("automl_core.runs",),  # its manager, library and bundles
    ("automl_core.runs.coordinator",),
    ("automl_core.runs.worker", "automl_core.runs.schedule"),
    ("automl_core.runs.setup",),
    ("automl_core.runs.executor", "automl_core.runs.record"),
    ("automl_core.keras_export",),
    (
        "automl_core.search",
        "automl_core.feature_selection",
        "automl_core.onnx_export",
        "automl_core.scoring",
        "automl_core.service",
        "automl_core.torch_export",
    ),
    ("automl_core.export", "automl_core.explain", "automl_core.ensemble"),
    ("automl_core.evaluation",),
    ("automl_core.models",),
    ("automl_core.training",),
    ("automl_core.features", "automl_core.profile"),
    ("automl_core.splitting", "automl_core.table.sample_data", "automl_core.table.checks"),
    ("automl_core.table.reading", "automl_core.table.inference"),
    ("automl_core.table.parsing",),
    ("automl_core.table",),
    ("automl_core.metrics", "automl_core.types", "automl_core.people", "automl_core.limits"),
    ("automl_core.records", "automl_core.files"),
    ("automl_core.settings", "automl_core.logs"),
    ("automl_core.errors", "automl_core.words"),
)


def python_files(*folders: str) -> list[Path]:
    """All Python files below the folders (or the files named), relative to the root, sorted."""
    found: list[Path] = []
    for folder in folders or ("app.py", "pages", "automl_core", "tests"):
        path = ROOT / folder
        found += [path] if path.is_file() else path.rglob("*.py")
    return sorted(p.relative_to(ROOT) for p in found if not IGNORED & set(p.parts))


def module_name(path: Path) -> str:
    """`automl_core/table/reading/read.py` -> `automl_core.table.reading.read`."""
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


@cache
def tree(path: Path) -> ast.Module:
    """The parsed file, given relative to the root."""
    return ast.parse((ROOT / path).read_text(encoding="utf-8"), filename=str(path))


def _modules(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
        joined = [f"{node.module}.{alias.name}" for alias in node.names]
        # `from automl_core.runs import events` names a module, `from x import f` does not
        return [
            name if (ROOT / (name.replace(".", "/") + ".py")).is_file() else node.module
            for name in joined
        ]
    return []


@cache
def imports(path: Path) -> tuple[tuple[int, str], ...]:
    """(line, module) of every import, also those inside functions and for types only."""
    return tuple((n.lineno, name) for n in ast.walk(tree(path)) for name in _modules(n))


@cache
def package_of(module: str) -> str:
    """The package that a module stands in; of a package, itself."""
    folder = ROOT / module.replace(".", "/")
    return module if (folder / "__init__.py").is_file() else module.rpartition(".")[0]


@cache
def imported_names(path: Path) -> tuple[tuple[int, str, str], ...]:
    """(line, module, name) of every `from module import name` of the project's own modules."""
    return tuple(
        (node.lineno, node.module, alias.name)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom) and node.module and layer(node.module) is not None
        for alias in node.names
    )


@cache
def public_names(package: str) -> frozenset[str]:
    """Names that a package's `__init__.pyi` lists, modules among them."""
    stub = ROOT / package.replace(".", "/") / "__init__.pyi"
    if not stub.is_file():
        return frozenset()
    nodes = ast.walk(ast.parse(stub.read_text(encoding="utf-8")))
    imported = (n for n in nodes if isinstance(n, ast.ImportFrom))
    return frozenset(a.asname or a.name for n in imported for a in n.names)


def imports_at_import(path: Path) -> list[str]:
    """Modules imported when the file is: not inside functions, not under TYPE_CHECKING."""

    def visit(nodes: list[ast.stmt]) -> Iterator[str]:
        for node in nodes:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                continue
            if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
                yield from visit(node.orelse)
                continue
            yield from _modules(node)
            for part in ("body", "orelse", "handlers", "finalbody"):
                yield from visit(getattr(node, part, []))

    return sorted(set(visit(tree(path).body)))


def layer(module: str) -> int | None:
    """Line of LAYERS that the module stands on, 0 the top; None: not one of the project's."""
    fits = [
        (len(prefix), number)
        for number, prefixes in enumerate(LAYERS)
        for prefix in prefixes
        if module == prefix or module.startswith(prefix + ".")
    ]
    return max(fits)[1] if fits else None


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method of a file, nested ones too."""
    for node in ast.walk(tree(path)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node


def parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    """Names of the parameters, without self and cls, with *args and **kwargs."""
    a = function.args
    named = [*a.posonlyargs, *a.args, *a.kwonlyargs, *filter(None, (a.vararg, a.kwarg))]
    return [p.arg for p in named if p.arg not in ("self", "cls")]


def classes(path: Path) -> Iterator[ast.ClassDef]:
    """Every class of a file."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ClassDef):
            yield node


def requirement_places() -> dict[str, list[str]]:
    """Import name of each line of requirements.txt -> the files and folders its comment names."""
    import_names = {
        "scikit-learn": "sklearn",
        "lazy-loader": "lazy_loader",
        "python-calamine": "python_calamine",
    }
    places = {}
    for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines():
        name, _, comment = line.partition("#")
        package = re.match(r"[A-Za-z0-9_-]+", name)
        if package:
            words = re.findall(r"[\w./]*\w", comment)
            paths = [w for w in words if "/" in w or w.endswith(".py") or w in FOLDERS]
            places[import_names.get(package[0], package[0])] = paths
    return places
