"""`pip install .` gives the command `torchlight`, with all that it needs, in any folder."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pyarrow.csv
import pytest

import automl_core
from tests import small
from tests.browser.server import free_port
from tests.source import ROOT

SOURCE = ("automl_core", "pages", "assets", ".streamlit")
FILES = ("app.py", "pyproject.toml", "setup.py", "requirements.txt", "README.md")
BUNDLE = ROOT / "tests" / "formats" / "v0_5_0" / "binary-linear.zip"
NEW_ROWS = BUNDLE.with_name("new.csv")
PAGES = """
from streamlit.testing.v1 import AppTest
from automl_core.cli.app import app_script
app = AppTest.from_file(str(app_script()), default_timeout=30)
for page in ("app.py", "pages/train.py"):
    app.switch_page(page).run()
    print([error.message for error in app.exception], app.title[0].value)
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that pip installed the package into; the libraries are those of the tests."""
    folder = tmp_path_factory.mktemp("install")
    for name in SOURCE:  # built from a copy: pip leaves a `build` folder where it builds
        shutil.copytree(
            ROOT / name, folder / "source" / name, ignore=shutil.ignore_patterns("__pycache__")
        )
    for name in FILES:
        shutil.copy(ROOT / name, folder / "source" / name)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    offline = ["--no-deps", "--no-index", "--no-build-isolation", "--no-compile"]
    done = subprocess.run(
        [*pip, *offline, "--target", str(folder / "site"), str(folder / "source")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "site"


def _environment(site: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(site), "PYTHONWARNINGS": "error"}


def _run(site: Path, folder: Path, *words: object) -> str:
    """Output of a command that is run in `folder`; fails where the command does."""
    done = subprocess.run(
        [*map(str, words)],
        cwd=folder, env=_environment(site), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_only_its_own_names_are_installed(site: Path) -> None:
    names = {path.name for path in site.iterdir()} - {"bin", "__pycache__"}
    assert names == {
        "automl_core", "torchlight_app", f"torchlight-{automl_core.__version__}.dist-info",
    }  # fmt: skip
    app = {path.name for path in (site / "torchlight_app").iterdir()} - {"__pycache__"}
    assert app == {".streamlit", "app.py", "assets", "pages"}
    for package in ("automl_core", "pages"):
        installed = site / "torchlight_app" if package == "pages" else site
        source = {p.relative_to(ROOT) for p in (ROOT / package).rglob("*.py*")}
        copied = {p.relative_to(installed) for p in (installed / package).rglob("*.py*")}
        assert {p for p in source ^ copied if p.suffix != ".pyc"} == set()


def test_it_needs_what_requirements_name(site: Path) -> None:
    (metadata,) = site.glob("*.dist-info/METADATA")
    lines = re.findall(r"^Requires-Dist: (.+)", metadata.read_text("utf-8"), re.M)
    needed = [re.match(r"[\w.-]+", line)[0] for line in lines if "extra ==" not in line]
    named = re.findall(r"^([\w.-]+)", (ROOT / "requirements.txt").read_text("utf-8"), re.M)
    assert needed == named


def test_the_command_works_in_an_empty_folder(site: Path, tmp_path: Path) -> None:
    torchlight = site / "bin" / "torchlight"
    assert "usage: torchlight" in _run(site, tmp_path, torchlight, "--help")
    version = _run(site, tmp_path, torchlight, "--version")
    assert version.strip() == f"Torchlight {automl_core.__version__}"
    pyarrow.csv.write_csv(small.table(), tmp_path / "customers.csv")
    shown = _run(site, tmp_path, torchlight, "inspect", "customers.csv", "--target", "churned")
    assert shown.startswith("240 rows")
    rows = len(NEW_ROWS.read_text("utf-8").splitlines())
    _run(site, tmp_path, torchlight, "predict", BUNDLE, NEW_ROWS, "--out", "predictions.csv")
    assert len((tmp_path / "predictions.csv").read_text("utf-8").splitlines()) == rows


@pytest.fixture
def app_log(site: Path, tmp_path: Path) -> Iterator[Path]:
    """The output of `torchlight app` in an empty folder, once it answers."""
    port, log = free_port(), tmp_path / "app.log"
    command = [str(site / "bin" / "torchlight"), "app", "--port", str(port)]
    (tmp_path / "empty").mkdir()
    environment = _environment(site) | {"PYTHONWARNINGS": "", "HOME": str(tmp_path)}
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=tmp_path / "empty", env=environment, stdout=out, stderr=out
        )
    try:
        _wait_until_healthy(process, f"http://127.0.0.1:{port}/_stcore/health", log)
        yield log
    finally:
        process.terminate()
        process.wait(15)


def _wait_until_healthy(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                assert answer.read() == b"ok"
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"The app did not start:\n{log.read_text('utf-8', 'replace')}")


def test_the_app_starts_with_its_settings(app_log: Path) -> None:
    text = app_log.read_text("utf-8")
    assert text.startswith("Torchlight: http://localhost:")
    assert "usage statistics" not in text  # Streamlit says so unless config.toml turns it off


def test_the_installed_pages_draw(site: Path, tmp_path: Path) -> None:
    shown = _run(site, tmp_path, sys.executable, "-P", "-c", PAGES)
    assert shown == "[] Train models you can watch\n[] Train\n"
