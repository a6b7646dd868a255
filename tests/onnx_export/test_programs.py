"""The programs of the download need what its requirements name, and nothing else."""

from __future__ import annotations

import ast
import re
import sys

import pytest

from automl_core.keras_export.package import PROGRAMS as FOR_KERAS
from automl_core.onnx_export.package import PROGRAMS, TEST
from automl_core.onnx_export.package_service import service_requirements
from automl_core.onnx_export.programs import programs
from tests.source import ROOT


def _imported(text: str) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(str(node.module))
    return {name.split(".")[0] for name in names}


SERVICE = {line.split("==")[0] for line in service_requirements().splitlines()}


@pytest.mark.parametrize(
    ("top", "needed"),
    [((*PROGRAMS, TEST), SERVICE), ((*FOR_KERAS, TEST), {"numpy"})],
    ids=["onnx", "keras"],
)
def test_they_import_each_other_and_what_they_are_said_to_need(
    top: tuple[str, ...], needed: set[str]
) -> None:
    own = {name.removesuffix(".py").split("/")[0] for name in programs(top)}
    for_types = {"pyarrow"}  # below TYPE_CHECKING
    for name, text in programs(top).items():
        assert _imported(text) <= {*sys.stdlib_module_names, *needed, *own, *for_types}, name
        assert "automl_core" not in text
    assert not own & sys.stdlib_module_names


def test_its_versions_are_those_that_are_tested() -> None:
    tested = (ROOT / "tests" / "requirements.txt").read_text(encoding="utf-8")
    (pinned,) = re.findall(r"^fastapi==[\d.]+", service_requirements(), re.M)
    assert re.search(rf"^{re.escape(pinned)}\s", tested, re.M)
    assert "absent" not in service_requirements()
