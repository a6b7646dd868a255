"""One file out of many: with all that is needed, in an order that works, and nothing else."""

from __future__ import annotations

import ast

import pytest

from automl_core.torch_export.standalone_source import standalone_source


def test_only_what_is_needed_is_there_and_in_order() -> None:
    source = standalone_source(
        [("automl_core.models.nets.input_layer", "vector_length")], "Lengths.", "print(1)\n"
    )
    names = [
        target.id
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign)
        for t in node.targets
        for target in ast.walk(t)
        if isinstance(target, ast.Name)
    ]
    assert names == ["SMALLEST", "LARGEST"]
    assert "torch" not in source and source.endswith("print(1)\n")
    space: dict[str, object] = {}
    exec(source.replace("print(1)", "found = vector_length(9)"), space)
    assert space["found"] == 5


def test_names_that_packages_list_are_found_in_their_files() -> None:
    source = standalone_source([("automl_core.models.nets", "WithPrior")], "Prior.", "")
    assert "class Network(nn.Module):" in source and "class WithPrior(Network):" in source
    assert source.index("class Network(") < source.index("class WithPrior(")


def test_two_definitions_of_one_name_are_an_error() -> None:
    nets = "automl_core.models.nets"
    with pytest.raises(ValueError, match="'build'"):
        standalone_source([(f"{nets}.linear", "build"), (f"{nets}.resnet", "build")], "Both.", "")
