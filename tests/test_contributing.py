"""CONTRIBUTING.md tells the truth: its list of folders, its links, its examples."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import automl_core
from tests import contributing
from tests.finished_run import make_run
from tests.source import ROOT

TEXT = contributing.GUIDE.read_text(encoding="utf-8")
HEADINGS = re.findall(r"^#+ (.*)$", TEXT, re.M)
COPIED = ("automl_core", "pages", "tests", "assets", ".streamlit")
# Of the contract and of the rules, what an example could break.
CONTRACT = "gated and (fits_predicts or saved_and_loaded)"
RULES = "one_way or public_names or kwargs or says_what"
ALONE = r"^@pytest\.mark\.alone|^pytestmark.*\balone\b"


def test_it_lists_every_folder() -> None:
    entries, expected = contributing.entries(), contributing.expected()
    problems = [f"{path} is not in the list" for path in sorted(expected - set(entries))]
    problems += [f"{path} is in the list only" for path in sorted(set(entries) - expected)]
    problems += [f"{path} has no annotation" for path, text in entries.items() if not text]
    assert not problems, "\n  ".join(["run `make tree`", *problems])


def test_its_links_lead_somewhere() -> None:
    anchors = {re.sub(r"[^\w -]", "", h).lower().replace(" ", "-") for h in HEADINGS}
    for link in re.findall(r"\]\(([^)]+)\)", TEXT):
        path, _, anchor = link.partition("#")
        assert (ROOT / path).exists()
        assert path or anchor in anchors, link


def test_its_files_exist() -> None:
    new = {example.path for example in contributing.examples() if not example.side}
    named = set(re.findall(r"`((?:automl_core|pages|tests)/[\w./]*)`", TEXT)) - new
    assert named
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with all examples put in; what is compiled comes along."""
    root = tmp_path_factory.mktemp("examples")
    ignored = shutil.ignore_patterns("*.pyc.*", "formats", "*.png")
    for name in COPIED:
        shutil.copytree(ROOT / name, root / name, ignore=ignored)
    for name in ("app.py", "pyproject.toml", "requirements.txt"):
        shutil.copy(ROOT / name, root / name)
    for example in contributing.examples():
        contributing.put_in(example, root)
    return root


def _run(root: Path, *words: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_examples_pass_their_tests_and_keep_the_rules(copy: Path) -> None:
    files = [Path(e.path) for e in contributing.examples() if e.path.startswith("tests/")]
    assert len(files) >= 3
    chosen = " or ".join([*(file.stem for file in files), f"({CONTRACT})", f"({RULES})"])
    files += [Path("tests/models/test_contract.py"), Path("tests/test_shape.py")]
    _run(copy, "pytest", "-q", *map(str, files), "-k", chosen)


def test_the_examples_are_formatted(copy: Path) -> None:
    changed = [e.path for e in contributing.examples()]
    _run(copy, "ruff", "check", *changed)
    _run(copy, "ruff", "format", "--check", *changed)


def test_a_run_is_read_from_its_log(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = str(make_run(workspace, "run-a").path)
    what_failed, events_of = contributing.programs()

    def shown(program: str, *words: str) -> str:
        monkeypatch.setattr(sys, "argv", ["program", run, *words])
        exec(program, {})
        return capsys.readouterr().out

    assert re.search(r"4\.0 s  mlp-3: The loss was .*'width': 64", shown(what_failed))
    lines = shown(events_of, "mlp-3").splitlines()
    assert [line.partition("(")[0] for line in lines] == ["TrialStarted", "TrialFailed"]


def test_the_changelog_knows_this_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## (\d+\.\d+\.\d+) - \d{4}-\d{2}-\d{2}$", text, re.M)
    assert versions[0] == automl_core.__version__
    assert versions == sorted(versions, reverse=True)


def test_commits_are_checked_as_make_check_does() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (check,) = re.findall(r"^check:.*\n((?:\t.*\n)+)", makefile, re.M)
    hooks = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    checked = re.findall(r"\$\(PY\) -m (.*?)(?: \.)?$", check, re.M)
    entries = re.findall(r"entry: \.venv/bin/python -m (.*)$", hooks, re.M)
    assert [entry.replace(" --force-exclude", "") for entry in entries] == checked


def test_what_has_the_machine_for_itself_lies_where_it_is_looked_for() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (folders,) = re.findall(r"-m pytest -m alone .*?((?: tests/\w+)+)$", makefile, re.M)
    paths = [path.relative_to(ROOT) for path in (ROOT / "tests").rglob("test_*.py")]
    marked = [path for path in paths if re.search(ALONE, (ROOT / path).read_text("utf-8"), re.M)]
    assert {path.parent.as_posix() for path in marked} == {*folders.split()}
