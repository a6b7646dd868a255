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
from automl_core.runs import delivered_files, find_run, model_file, write_certified
from automl_core.runs.exchange import TRIAL_FORMATS, trial_files
from automl_core.runs.executor import CERTIFIED_FORMS, PredictionService
from automl_core.types import Files
from automl_core.words import size


def run_export(arguments: argparse.Namespace) -> int:
    """Write the file; RunError where there is no such run or model."""
    if arguments.cluster is not None:
        return _export_on_cluster(arguments)
    if arguments.format in [entry.name for entry in TRIAL_FORMATS]:
        return _export_trials(arguments)
    if arguments.format in CERTIFIED_FORMS:
        return _export_certified(arguments)
    reader, trial = find_model(arguments.run, arguments.model)
    data = model_file(reader.folder, trial, arguments.format)
    write_path(arguments.out, data)
    print(f"{trial.name} written to {arguments.out} ({size(len(data))})")
    return 0


def _export_on_cluster(arguments: argparse.Namespace) -> int:
    """The file of a model of a run, written by a worker on a cluster."""
    form, cluster = arguments.format, arguments.cluster
    if form != "pytorch" and form not in CERTIFIED_FORMS:
        raise SpecError(f"The format {form!r} takes no time on this machine.", "Omit --cluster.")
    reader, trial = find_model(arguments.run, arguments.model)
    folder = reader.folder
    service = PredictionService(workspace_of(folder.path), cluster, limited=False)
    certificate = ""
    try:
        if form in CERTIFIED_FORMS:
            found = write_certified(form, folder, trial.number, service).result()
            files, certificate = found.files, found.certificate.words
        else:
            files = service.write_package(delivered_files(folder, trial.number)).result().files
    finally:
        service.close()
    alone = form == "onnx" and arguments.out.suffix.lower() != ".zip"
    data = files["model.onnx"] if alone else zip_files(files)
    write_path(arguments.out, data)
    print(f"{trial.name} written to {arguments.out} ({size(len(data))})")
    if certificate:
        print(printable(certificate))
    return 0


def _export_certified(arguments: argparse.Namespace) -> int:
    """The file of a model of a run, or of a bundle's, and its certificate in words."""
    from automl_core.runs import file_of, file_of_bundle, written_bytes

    form = arguments.format
    if (opened := opened_bundle(arguments.run, arguments.model)) is not None:
        files, manifest = opened
        name, written = str(manifest.info.get("model")), file_of_bundle(form, files, manifest.info)
    else:
        reader, trial = find_model(arguments.run, arguments.model)
        name, written = trial.name, file_of(form, reader.folder, trial.number)
    data = written_bytes(form, written, arguments.out)
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
