"""The rules of the house: one-way imports, heavy libraries in their one place, nothing unsafe.

A rule that fails names the file and line. Mend the file, not the rule.
"""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import source

ROOT = source.ROOT
OURS = source.python_files("app.py", "pages", "automl_core")
CORE = source.python_files("automl_core")
ALL = source.python_files()


def _fail_if(problems: list[str]) -> None:
    assert not problems, "\n  " + "\n  ".join(problems)


def test_functions_take_at_most_7_parameters_and_no_kwargs() -> None:
    functions = [(p, f) for p in OURS for f in source.functions(p)]
    problems = [
        f"{p}:{f.lineno} {f.name}: {len(source.parameters(f))} parameters"
        for p, f in functions
        if len(source.parameters(f)) > 7
    ]
    problems += [f"{p}:{f.lineno} {f.name}: takes **kwargs" for p, f in functions if f.args.kwarg]
    _fail_if(problems)


def test_inheritance_is_at_most_2_deep() -> None:
    bases = {
        c.name: [ast.unparse(b).split(".")[-1] for b in c.bases]
        for p in OURS
        for c in source.classes(p)
    }

    def depth(name: str) -> int:
        return 1 + max(map(depth, bases[name]), default=0) if name in bases else 0

    _fail_if([f"{name}: {depth(name)} deep" for name in bases if depth(name) > 2])


def test_every_file_says_what_it_does() -> None:
    _fail_if([f"{p}: no docstring" for p in ALL if not ast.get_docstring(source.tree(p))])


def test_imports_point_one_way() -> None:
    problems = []
    for path in OURS:
        own = source.layer(source.module_name(path))
        assert own is not None, f"{path} stands on no line of tests/source.py"
        for line, name in source.imports(path):
            other = source.layer(name)
            if other is not None and other < own:
                problems.append(f"{path}:{line} imports {name}, which stands above it")
    _fail_if(problems)


# Their modules are the parts themselves: `automl_core.errors`, `pages.components.shared`.
OPEN_PACKAGES = ("automl_core", "pages", "pages.components")


def test_packages_import_from_each_others_public_names() -> None:
    problems = []
    for path in OURS:
        own = source.package_of(source.module_name(path))
        for line, module, name in source.imported_names(path):
            package = source.package_of(module)
            if package == own or package in OPEN_PACKAGES:
                continue
            if module != package or name not in source.public_names(package):
                problems.append(f"{path}:{line} {name}: {package}/__init__.pyi does not list it")
    _fail_if(problems)


def test_public_names_exist_and_other_packages_use_them() -> None:
    used = {
        (source.package_of(module), name)
        for path in ALL
        for _, module, name in source.imported_names(path)
        if source.package_of(module) != source.package_of(source.module_name(path))
    }
    problems = []
    for package in sorted({source.package_of(source.module_name(p)) for p in OURS} - {""}):
        exported = importlib.import_module(package)
        for name in sorted(source.public_names(package)):
            if not hasattr(exported, name):
                problems.append(f"{package}/__init__.pyi: there is no {name}")
            elif package not in OPEN_PACKAGES and (package, name) not in used:
                problems.append(f"{package}/__init__.pyi: no other package uses {name}")
    _fail_if(problems)


PRIVATE_BUT_PUBLISHED = {
    "os._exit",  # documented by Python: ends a worker at once
}


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def test_nothing_uses_private_parts() -> None:
    problems = []
    for path in OURS:
        for node in ast.walk(source.tree(path)):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            elif isinstance(node, ast.Attribute) and ast.unparse(node.value) not in ("self", "cls"):
                names = [ast.unparse(node)] if _is_private(node.attr) else []
            problems += [
                f"{path}:{node.lineno} uses {name}"
                for name in names
                if any(map(_is_private, name.split("."))) and name not in PRIVATE_BUT_PUBLISHED
            ]
    _fail_if(problems)


def test_the_core_imports_no_streamlit_and_no_tests() -> None:
    _fail_if(
        [
            f"{p}:{line} imports {name}"
            for p in CORE
            for line, name in source.imports(p)
            if name.split(".")[0] in ("streamlit", "pages", "app", "tests")
        ]
    )


# What opens a workspace, lists runs or steers one; the door asks first who wants that.
DOOR = Path("pages/components/shared/access.py")
BEHIND_THE_DOOR = {
    ("automl_core.files", "workspace"),
    ("automl_core.people", "person_root"),
    ("automl_core.runs", "find_run"),
    ("automl_core.runs", "list_runs"),
    ("automl_core.runs.record", "send_command"),
}
MONITORING = Path("pages/components/server")  # counts, without names, for whoever runs the server


def test_pages_reach_workspaces_and_runs_through_the_door_alone() -> None:
    problems = []
    for path in source.python_files("app.py", "pages"):
        if path == DOOR or MONITORING in path.parents:
            continue
        problems += [
            f"{path}:{line} takes {name} of {module}, not of {DOOR}"
            for line, module, name in source.imported_names(path)
            if (module, name) in BEHIND_THE_DOOR
        ]
        problems += [
            f"{path}:{line} imports {name} whole"
            for line, name in source.imports(path)
            if name == "automl_core.files" and "from automl_core import files" in _text(path)
        ]
    _fail_if(problems)


WHOSE = {"root", "run", "model", "models", "model_id", "path"}
"""Arguments that say whose it is: a workspace, a run or model by its folder, an upload's path."""


def test_what_pages_keep_for_all_sessions_is_kept_apart_by_whose_it_is() -> None:
    problems = []
    for path in source.python_files("app.py", "pages"):
        for node in ast.walk(source.tree(path)):
            if not isinstance(node, ast.FunctionDef) or not node.args.args:
                continue
            if not any("st.cache_" in ast.unparse(d) for d in node.decorator_list):
                continue
            if not WHOSE & {argument.arg for argument in node.args.args}:
                problems.append(f"{path}:{node.lineno} {node.name} has the same key for everyone")
    _fail_if(problems)


def _text(path: Path) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def test_requirements_name_files_that_exist_and_need_the_library() -> None:
    problems = []
    for library, places in source.requirement_places().items():
        if not places:
            problems.append(f"{library}: its comment names no file")
        for place in places:
            if not (ROOT / place).exists():
                problems.append(f"{library}: there is no {place}")
    _fail_if(problems)


def test_every_library_is_required() -> None:
    known = {*sys.stdlib_module_names, "automl_core", "pages", "app", *source.requirement_places()}
    _fail_if(
        [
            f"{p}:{line} imports {name}, which requirements.txt does not list"
            for p in OURS
            for line, name in source.imports(p)
            if name.split(".")[0] not in known | ELSEWHERE.get(p, set())
        ]
    )


# What a program that only runs in a download needs stands in the download's own requirements; what
# an extra of the package brings (`pip install 'torchlight[ray]'`) in pyproject.toml.
ELSEWHERE = {
    Path("automl_core/onnx_export/scorer/service.py"): {"fastapi"},
    Path("automl_core/runs/executor/ray_cluster.py"): {"ray"},
}


@pytest.mark.parametrize("library", sorted(source.requirement_places()))
def test_a_library_is_imported_only_where_requirements_say(library: str) -> None:
    places = [Path(place) for place in source.requirement_places()[library]]
    importers = [
        (p, line) for p in OURS for line, name in source.imports(p) if name.split(".")[0] == library
    ]
    _fail_if(
        [
            f"{p}:{line} imports {library}"
            for p, line in importers
            if not any(p == place or place in p.parents for place in places)
        ]
    )
    if library not in LIBRARIES_OF_LIBRARIES:
        unused = [place for place in places if not _below(place, [p for p, _ in importers])]
        _fail_if([f"{place} does not import {library}" for place in unused])


LIBRARIES_OF_LIBRARIES = {"openpyxl", "orjson"}  # imported by pandas, and by Plotly


def _below(place: Path, paths: list[Path]) -> bool:
    return any(p == place or place in p.parents for p in paths)


def test_nothing_loads_a_pickle() -> None:
    loads = re.compile(r"\b(pickle|joblib|cloudpickle|dill|marshal|shelve)\b|torch\.load\(")
    allowing = re.compile(r"allow_pickle\s*=\s*True|weights_only\s*=\s*False")
    problems = []
    for path in OURS:
        problems += [
            f"{path}:{line} imports {name}"
            for line, name in source.imports(path)
            if loads.match(name.split(".")[0])
        ]
        for node in ast.walk(source.tree(path)):
            if isinstance(node, ast.Call):
                text = ast.unparse(node)
                if re.match(r"torch\.load\(", text) or allowing.search(text):
                    problems.append(f"{path}:{node.lineno} {text[:60]}")
    _fail_if(problems)


def test_no_broad_except_without_a_log() -> None:
    problems = []
    for path in OURS:
        for node in ast.walk(source.tree(path)):
            if isinstance(node, ast.ExceptHandler):
                caught = ast.unparse(node.type) if node.type else "everything"
                body = ast.unparse(node)
                logged = "log" in body or "traceback" in body or "raise" in body
                if caught in ("everything", "Exception", "BaseException") and not logged:
                    problems.append(f"{path}:{node.lineno} catches {caught} and logs nothing")
    _fail_if(problems)


# `85%`, Plotly's and Python's own formats of it, and units joined to a number. Style sheets and
# the cells of a workbook are no sentences.
STYLE = re.compile(r"style=|\{[^}]*;")
JOINED = re.compile(r"\d%(?!\w)|\.\d%|\d(kB|MB|GB)\b")


def test_percent_and_bytes_are_written_by_one_helper() -> None:
    problems = []
    for path in OURS:
        if path.name == "words.py" or "reading" in path.parts:
            continue
        nodes = list(ast.walk(source.tree(path)))
        statements = {id(n.value) for n in nodes if isinstance(n, ast.Expr)}  # docstrings
        for node in nodes:
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                is_text = id(node) not in statements and not STYLE.search(node.value)
                if is_text and JOINED.search(node.value):
                    problems.append(f"{path}:{node.lineno} {node.value[:60]}")
            elif isinstance(node, ast.keyword) and node.arg == "format":  # Streamlit's own: 5.1MB
                words = ast.unparse(node.value)
                problems += [f"{path} {words}"] if words in ("'bytes'", "'percent'") else []
            elif isinstance(node, ast.JoinedStr):
                problems += [f"{path}:{node.lineno} {words}" for words in _by_hand(node)]
    _fail_if(problems)


def _by_hand(text: ast.JoinedStr) -> list[str]:
    """Numbers of an f-string that are put before `%`, `MB` and the like without the helper."""
    found = []
    for value, after in zip(text.values, [*text.values[1:], None], strict=True):
        if not isinstance(value, ast.FormattedValue) or value.format_spec is None:
            continue
        follows = after.value if isinstance(after, ast.Constant) else ""
        unit = re.match(r" ?(%(?![{\w])|[kMG]B\b)", str(follows))
        if ast.unparse(value.format_spec).endswith("%'") or unit:
            found.append(ast.unparse(value))
    return found


def _loaded_after(code: str) -> set[str]:
    """Top-level modules that a fresh interpreter has loaded after running `code`."""
    code += "\nimport sys\nprint('MODULES', *{m.split('.')[0] for m in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split("MODULES", 1)[1].split())


def test_importing_the_core_is_light() -> None:
    heavy = {"torch", "sklearn", "optuna", "pandas", "scipy", "plotly", "streamlit", "pyarrow"}
    assert not _loaded_after("import automl_core") & heavy


def test_importing_what_pages_use_loads_no_torch() -> None:
    pages = source.python_files("app.py", "pages")
    names = {(m, name) for p in pages for _, m, name in source.imported_names(p)}
    lines = [f"from {m} import {name}" for m, name in sorted(names) if m.startswith("automl_core")]
    assert lines
    loaded = _loaded_after("\n".join(lines))
    assert not loaded & {"torch", "sklearn", "optuna"}
