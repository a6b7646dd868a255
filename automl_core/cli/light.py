"""`light`: lighter models of a run that has ended, and the best one within limits as a file."""

from __future__ import annotations

import argparse

from automl_core.cli.awaited_job import awaited
from automl_core.cli.models import find_model
from automl_core.cli.tables import write_path
from automl_core.cli.text import printable, text_table
from automl_core.errors import RunError
from automl_core.files import dump_json
from automl_core.records import to_plain
from automl_core.runs import (
    LightLimits,
    LightModel,
    LightModels,
    best_within,
    find_light_model,
    light_bundle,
    light_words,
    load_light_models,
    search_light_models,
)
from automl_core.runs.record import RunFolder
from automl_core.words import score_text, size


def run_light(arguments: argparse.Namespace) -> int:
    """Look for lighter models where none are known, print them, write the chosen one.

    Raises RunError where the run goes on, has no model of that name, or none within the limits.
    """
    reader, final = find_model(arguments.run, None)
    found = load_light_models(reader.folder, final.number)
    if found is None or not found.done:
        found = _searched(reader.folder)
    chosen = _chosen(arguments, reader.folder, final.number, found)
    if arguments.json:
        name = None if chosen is None else chosen.name
        print(dump_json({"chosen": name} | to_plain(found)).decode())
    else:
        print(printable(_table(found)))
        if chosen is not None:
            print(printable(light_words(found, chosen)))
    if chosen is None:
        raise RunError(
            "No model keeps within these limits.", "Allow more, or train with --max-predict-ms."
        )
    if arguments.out is not None:
        data = light_bundle(reader.folder, final, chosen)
        write_path(arguments.out, data)
        if not arguments.json:
            print(f"{chosen.name} written to {arguments.out} ({size(len(data))})")
    return 0


def _chosen(
    arguments: argparse.Namespace, folder: RunFolder, final: int, found: LightModels
) -> LightModel | None:
    if arguments.model is not None:
        return find_light_model(folder, final, arguments.model)
    most_bytes = None if arguments.max_mb is None else round(arguments.max_mb * 1e6)
    return best_within(found, LightLimits(arguments.max_ms, most_bytes, not arguments.bundle))


def _searched(folder: RunFolder) -> LightModels:
    return awaited(lambda root, service: search_light_models(folder, root, service))


def _table(found: LightModels) -> str:
    header = ("model", found.metric, "tied", "ms for one row", "ms/row", "size")
    lines = [
        (
            model.name,
            score_text(model.compared.score),
            "yes" if model.compared.tied else "no",
            f"{model.costs.row_ms:.3g}",
            f"{model.costs.ms_per_row:.3g}",
            size(model.costs.size_bytes),
        )
        for model in found.models
    ]
    return text_table(header, lines, right=(1, 3, 4, 5))
