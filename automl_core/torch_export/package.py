"""A model of networks as files for PyTorch: program, modules, weights, description."""

from __future__ import annotations

from typing import Any

import torch

from automl_core.errors import ModelError
from automl_core.export import Member, Predictor, library_version
from automl_core.features import Encoder
from automl_core.files import dump_json
from automl_core.models import LogTargetModel, NetworkModel, model_spec
from automl_core.torch_export.program import Average, program_bytes
from automl_core.torch_export.standalone_source import standalone_source
from automl_core.torch_export.trained_network import TrainedNetwork
from automl_core.types import Files

PROGRAM, DESCRIPTION, EXAMPLE, README = "model.pt2", "model.json", "example.json", "README.md"

READER = "automl_core.torch_export.trained_network"

LOAD = '''
def load(folder: str | Path) -> TrainedNetwork:
    """The trained network in a folder, ready to predict."""
    return read_network(folder, ARCHITECTURE)
'''


def torch_package(predictor: Predictor) -> Files:
    """The files of a model of networks, for programs with PyTorch and without Torchlight.

    model.pt2 is the whole average, `networks/<i>` has the weights of each network, and
    `<family>.py` the source of its module. Raises ModelError where a member is no network.
    """
    networks = [_network(member) for member in predictor.members]
    encoders = [member.encoder for member in predictor.members]
    different = list({id(encoder): encoder for encoder in encoders}.values())
    matrices = [[id(d) for d in different].index(id(encoder)) for encoder in encoders]
    average = Average(networks, matrices, predictor.weights, predictor.temperature).eval()
    widths = [len(encoder.features) for encoder in different]
    files = {
        PROGRAM: program_bytes(average, widths),
        DESCRIPTION: dump_json(_description(predictor, matrices, different)),
        EXAMPLE: dump_json(_example(average, widths)),
        README: _readme(predictor).encode(),
    }
    for number, member in enumerate(predictor.members):
        files |= {f"networks/{number}/{n}": data for n, data in member.model.files().items()}
        files[f"{member.family}.py"] = network_source(member.family).encode()
    return files


def network_source(family: str) -> str:
    """A Python file with the family's network, which loads its weights with `load(folder)`."""
    entry = model_spec(family)
    wanted = [(entry.module, "ARCHITECTURE"), (READER, "read_network")]
    return standalone_source(
        wanted,
        f"{entry.title}: a network that Torchlight trained, as a plain PyTorch module.\n\n"
        "It needs torch and safetensors. `load(folder)` reads the trained weights.\n",
        LOAD,
    )


def _network(member: Member) -> TrainedNetwork:
    whole = member.model
    model, log = whole, None
    if isinstance(whole, LogTargetModel):
        model, log = whole.inner, whole.record
    if not isinstance(model, NetworkModel):
        raise ModelError(
            f"Only networks can be exported for PyTorch; this model has {member.family!r} in it.",
            "Choose a network of the leaderboard with --model, or another format.",
        )
    return TrainedNetwork(model.net, model.record, log)


def _description(
    predictor: Predictor, matrices: list[int], encoders: list[Encoder]
) -> dict[str, Any]:
    networks = [
        {
            "folder": f"networks/{number}",
            "family": member.family,
            "source": f"{member.family}.py",
            "matrix": matrix,
            "weight": weight,
        }
        for number, (member, matrix, weight) in enumerate(
            zip(predictor.members, matrices, predictor.weights, strict=True)
        )
    ]
    return {
        "name": predictor.name,
        "task": predictor.task,
        "target": predictor.target_name,
        "classes": list(predictor.target.names),
        "temperature": predictor.temperature,
        "networks": networks,
        "matrices": [[feature.name for feature in encoder.features] for encoder in encoders],
        "versions": {name: library_version(name) for name in ("torch", "safetensors")},
    }


def _example(average: Average, widths: list[int]) -> dict[str, Any]:
    """Three rows of each matrix, all 0, 1 and -1, and what the model answers."""
    matrices = [torch.tensor([[0.0], [1.0], [-1.0]]).repeat(1, width) for width in widths]
    with torch.inference_mode():
        answer = average(matrices)
    return {"matrices": [m.tolist() for m in matrices], "answer": answer.tolist()}


def _readme(predictor: Predictor) -> str:
    family = predictor.members[0].family
    answer = "probabilities (n, classes)" if predictor.target.classes else "values (n,)"
    return f"""# {predictor.name}: networks that Torchlight trained, for PyTorch

They read encoded matrices, float32 of shape (n, features): numbers about centred and scaled,
categories as codes. `model.json` lists the features of each matrix in order. The export
`--format onnx` has the encoding of the table's columns in it, too.

The whole model, an average of {len(predictor.members)}, needs torch alone:

    import torch
    model = torch.export.load("model.pt2").module()
    answer = model([torch.zeros(2, {len(predictor.members[0].encoder.features)}), ...])  # {answer}

It takes a list with one matrix for each entry of `matrices` in `model.json`. `example.json` has
three rows of each, and the answer.

One network as a module, to look into or to train further, needs torch and safetensors:

    import {family}
    network = {family}.load("networks/0")

The model's answer is the average of its networks by `weight`; probabilities are then taken to the
power 1 / `temperature` and divided by their sum.
"""
