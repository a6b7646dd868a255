"""`export`: a model of a run, or the run's trials, as a file that other programs read."""

from __future__ import annotations

import argparse
from pathlib import Path

from automl_core.cli.models import find_model, opened_bundle
from automl_core.cli.tables import write_path
from automl_core.cli.text import printable
from automl_core.errors import SpecError
from automl_core.export import zip_files
from automl_core.files import workspace, workspace_of
from automl_core.runs import delivered_files, find_run, model_file, write_onnx
from automl_core.runs.exchange import TRIAL_FORMATS, trial_files
from automl_core.runs.executor import PredictionService
from automl_core.types import Files
from automl_core.words import size


def run_export(arguments: argparse.Namespace) -> int:
    """Write the file; RunError where there is no such run or model."""
    if arguments.cluster is not None:
        return _export_on_cluster(arguments)
    if arguments.format in [entry.name for entry in TRIAL_FORMATS]:
        return _export_trials(arguments)
    if arguments.format == "onnx":
        return _export_onnx(arguments)
    reader, trial = find_model(arguments.run, arguments.model)
    data = model_file(reader.folder, trial, arguments.format)
    write_path(arguments.out, data)
    print(f"{trial.name} written to {arguments.out} ({size(len(data))})")
    return 0


def _export_on_cluster(arguments: argparse.Namespace) -> int:
    """The file of a model of a run, written by a worker on a cluster."""
    form, cluster = arguments.format, arguments.cluster
    if form not in ("onnx", "pytorch", "keras"):
        raise SpecError(f"The format {form!r} takes no time on this machine.", "Omit --cluster.")
    reader, trial = find_model(arguments.run, arguments.model)
    folder, root = reader.folder, workspace_of(reader.folder.path)
    service = PredictionService(root, cluster, limited=False)
    certificate = ""
    try:
        if form == "onnx":
            found = write_onnx(folder, trial.number, root, service).result()
            files, certificate = found.files, found.certificate.words
        else:
            delivered = delivered_files(folder, trial.number)
            files = service.write_package(form, delivered).result().files
    finally:
        service.close()
    alone = form == "onnx" and arguments.out.suffix.lower() != ".zip"
    data = files["model.onnx"] if alone else zip_files(files)
    write_path(arguments.out, data)
    print(f"{trial.name} written to {arguments.out} ({size(len(data))})")
    if certificate:
        print(printable(certificate))
    return 0


def _export_onnx(arguments: argparse.Namespace) -> int:
    """The file of a model of a run, or of a bundle's, and its certificate in words."""
    from automl_core.runs import onnx_bytes, onnx_of, onnx_of_bundle

    if (opened := opened_bundle(arguments.run, arguments.model)) is not None:
        files, manifest = opened
        name, written = str(manifest.info.get("model")), onnx_of_bundle(files, manifest.info)
    else:
        reader, trial = find_model(arguments.run, arguments.model)
        name, written = trial.name, onnx_of(reader.folder, trial.number)
    data = onnx_bytes(written, arguments.out)
    write_path(arguments.out, data)
    print(f"{printable(name)} written to {arguments.out} ({size(len(data))})")
    print(printable(written.certificate.words))
    return 0


def _export_trials(arguments: argparse.Namespace) -> int:
    if arguments.model is not None:
        raise SpecError(
            f"The format {arguments.format!r} holds all trials of a run.", "Leave --model out."
        )
    files = trial_files(find_run(arguments.run, workspace()), arguments.format)
    _write_all(arguments.out, files)
    (entry,) = [entry for entry in TRIAL_FORMATS if entry.name == arguments.format]
    print(f"{entry.title} written to {arguments.out} ({size(sum(map(len, files.values())))})")
    return 0


def _write_all(out: Path, files: Files) -> None:
    """One file as it is; several into a folder, or into a zip where the name ends so."""
    if len(files) == 1:
        write_path(out, next(iter(files.values())))
    elif out.suffix.lower() == ".zip":
        write_path(out, zip_files(files))
    else:
        for name, content in files.items():
            write_path(out / name, content)
