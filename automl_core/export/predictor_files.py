"""A predictor's files, put together and taken apart without loading a single model.

    model.json schema.json members/<i>/{member.json, encoder.json, files of the model}
    encoders/<n>.json     instead of members/<i>/encoder.json, where members share encoders
    answer.json           where a threshold or intervals go with the model
    selftest.json         rows and their predictions, checked when the model is loaded
    reference.json        what the training rows were like, for comparing new ones

So a process that loads no model library can assemble the files that workers sent, and models
of different trials into one. Of a member only its encoder's file is read.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from automl_core.errors import ModelError
from automl_core.evaluation import COLDEST, HOTTEST
from automl_core.export.answer import ANSWER_FILE
from automl_core.export.safe_reading import FORMAT_VERSION, read_record
from automl_core.features import TargetCoder
from automl_core.files import dump_json
from automl_core.records import to_plain
from automl_core.table import NOTHING_SET, Column, ReadOptions, SourceFormat, source_format_of
from automl_core.types import Files, Task

MODEL_FILE, SCHEMA_FILE = "model.json", "schema.json"
MEMBER_FILE, ENCODER_FILE = "member.json", "encoder.json"
SELF_TEST_FILE, REFERENCE_FILE = "selftest.json", "reference.json"
BESIDE = (MODEL_FILE, SCHEMA_FILE, ANSWER_FILE, SELF_TEST_FILE, REFERENCE_FILE)  # the members
ENSEMBLE_FAMILY = "ensemble"


@dataclass(frozen=True)
class ModelRecord:
    """model.json"""

    name: str
    family: str
    task: Task
    metric: str
    members: int
    weights: tuple[float, ...] = ()  # one a member, sum 1; none: all equal
    temperature: float = 1.0  # of the averaged probabilities
    encoders: tuple[int, ...] = ()  # number in encoders/ for each member; none: each has its own
    format_version: int = FORMAT_VERSION


@dataclass(frozen=True)
class SchemaRecord:
    """schema.json: the columns that the model reads, and the target that it predicts."""

    columns: tuple[Column, ...]
    target_name: str
    target: TargetCoder
    encoding: str = ""  # of the file that the rows came from, where it was text
    reading: ReadOptions = NOTHING_SET  # what a person set for reading that file
    format_version: int = FORMAT_VERSION

    @cached_property
    def content(self) -> bytes:
        """The content of the file."""
        return dump_json(to_plain(self))


def assemble_files(model: ModelRecord, schema: SchemaRecord, members: Sequence[Files]) -> Files:
    """The files of a predictor whose members are files already.

    Each keeps its own encoder.json; `share_encoders` stores those that are equal once.
    """
    return _assembled(model, schema.content, members)


def _assembled(model: ModelRecord, schema: bytes, members: Sequence[Files]) -> Files:
    assert model.members == len(members) and not model.encoders
    files = {MODEL_FILE: dump_json(to_plain(model)), SCHEMA_FILE: schema}
    for i, member in enumerate(members):
        files |= {f"members/{i}/{name}": data for name, data in member.items()}
    return files


def training_format(files: Files) -> SourceFormat:
    """The format of the model's training file, for reading rows to score.

    Raises ModelError where the files are damaged.
    """
    schema = read_record(SchemaRecord, files, SCHEMA_FILE)
    return source_format_of(schema.columns, schema.encoding, schema.reading)


def share_encoders(files: Files) -> Files:
    """The same predictor with equal encoders stored once; unchanged where none are equal."""
    model = read_record(ModelRecord, files, MODEL_FILE)
    names = [f"members/{i}/{ENCODER_FILE}" for i in range(model.members)]
    if model.encoders or not all(name in files for name in names):
        return files
    numbers: dict[bytes, int] = {}
    places = tuple(numbers.setdefault(files[name], len(numbers)) for name in names)
    if len(numbers) == len(names):
        return files
    own = set(names)
    kept = {name: data for name, data in files.items() if name not in own}
    kept[MODEL_FILE] = dump_json(to_plain(replace(model, encoders=places)))
    return kept | {_shared(number): data for data, number in numbers.items()}


def split_members(files: Files) -> list[Files]:
    """The files of each member, its encoder.json among them, wherever that is stored.

    Raises ModelError where a file is missing, or does not belong to the model.
    """
    model = read_record(ModelRecord, files, MODEL_FILE)
    if model.members < 1 or model.members > len(files):
        raise ModelError("The model is incomplete: files of a member are missing.")
    parts: list[Files] = [{} for _ in range(model.members)]
    shared = {_shared(number) for number in model.encoders}
    for name, data in files.items():
        if name in BESIDE or name in shared:
            continue
        number, inner = _place(name)
        if number is None or number >= model.members or (shared and inner == ENCODER_FILE):
            raise ModelError(f"The model has a file that does not belong to it: {name!r}.")
        parts[number][inner] = data
    if not all(parts):
        raise ModelError("The model is incomplete: files of a member are missing.")
    if model.encoders:
        if len(model.encoders) != model.members or min(model.encoders) < 0:
            raise ModelError(f"The model cannot be read: {MODEL_FILE} is damaged (encoders).")
        for part, number in zip(parts, model.encoders, strict=True):
            if _shared(number) not in files:
                raise ModelError(f"The model is incomplete: {_shared(number)} is missing.")
            part[ENCODER_FILE] = files[_shared(number)]
    return parts


def encoder_files(files: Files) -> Iterator[str]:
    """Names of all files that hold an encoder, each of them once."""
    for name in sorted(files):
        folder, _, _ = name.partition("/")
        if folder == "encoders" or (folder == "members" and name.endswith(f"/{ENCODER_FILE}")):
            yield name


def combine_files(
    parts: Sequence[tuple[Files, float]], name: str, temperature: float = 1.0
) -> Files:
    """One predictor that averages several: its members are theirs, nothing is loaded.

    Each part comes with its weight (>= 0, not all 0; they are scaled to sum 1), which its
    members share as they did before. `temperature` is that of the average. Raises ModelError
    where the parts read other columns, or predict another target, or are damaged.
    """
    used = [(files, weight) for files, weight in parts if weight > 0]
    if not used:
        raise ModelError("There is no model to average.")
    first = read_record(ModelRecord, used[0][0], MODEL_FILE)
    total = math.fsum(weight for _, weight in used)
    members: list[Files] = []
    weights: list[float] = []
    for files, weight in used:
        model = read_record(ModelRecord, files, MODEL_FILE)
        same = (model.task, model.metric) == (first.task, first.metric)
        if not same or not _equal_schemas(used[0][0], files):
            raise ModelError(f"{first.name} and {model.name} were trained on different columns.")
        if model.temperature != 1.0:
            raise ModelError(f"{model.name} is calibrated as a whole: it cannot be a part.")
        members += split_members(files)
        weights += [share * weight / total for share in member_weights(model)]
    weights = [weight / math.fsum(weights) for weight in weights]
    record = ModelRecord(
        name, ENSEMBLE_FAMILY, first.task, first.metric,
        len(members), tuple(weights), temperature,
    )  # fmt: skip
    return share_encoders(_assembled(record, used[0][0][SCHEMA_FILE], members))


def _equal_schemas(one: Files, other: Files) -> bool:
    """True where two models read the same columns and predict the same; files of equal content,
    as those of one run, are not read."""
    if SCHEMA_FILE in one and one[SCHEMA_FILE] == other.get(SCHEMA_FILE):
        return True
    schema, others = (read_record(SchemaRecord, files, SCHEMA_FILE) for files in (one, other))
    return replace(others, encoding=schema.encoding) == schema


def with_members(files: Files, name: str, change: Callable[[Files], Files]) -> Files:
    """The predictor by another name, with its members' files changed; raises as `split_members`."""
    record = replace(read_record(ModelRecord, files, MODEL_FILE), name=name, encoders=())
    members = [*map(change, split_members(files))]
    return share_encoders(_assembled(record, files[SCHEMA_FILE], members))


def member_weights(model: ModelRecord) -> tuple[float, ...]:
    """The weight of each member; ModelError where weights or temperature make no sense."""
    weights = model.weights or (1.0 / model.members,) * model.members
    fits = len(weights) == model.members and all(0 <= weight <= 1 for weight in weights)
    fits = fits and abs(math.fsum(weights) - 1.0) < 1e-9
    fits = fits and 0.5 * COLDEST <= model.temperature <= 2.0 * HOTTEST
    if not fits or (model.task == "regression" and model.temperature != 1.0):
        raise ModelError(f"The model cannot be read: {MODEL_FILE} is damaged (weights).")
    return weights


def _shared(number: int) -> str:
    return f"encoders/{number}.json"


def _place(name: str) -> tuple[int | None, str]:
    """Member and file of `members/<i>/<file>`; None for any other name."""
    folder, _, rest = name.partition("/")
    number, _, inner = rest.partition("/")
    if folder != "members" or not inner or not (number.isascii() and number.isdecimal()):
        return None, ""
    if len(number) > 9 or str(int(number)) != number:
        return None, ""
    return int(number), inner
