"""The declaration of one option: its name, default, values and words, stated once.

A dataclass declares an option as a field: `folds: int = option(0, "...", "Validation")`. The
command line's flags, the Train page's fields, the range checks and the documentation of `start`
are built from what `options_of` reads there.
"""

from __future__ import annotations

import dataclasses
import math
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal, get_args, get_origin

from automl_core.errors import SpecError, did_you_mean


@dataclass(frozen=True)
class Choice:
    """A value that an option may have, as people read it."""

    label: str  # on the Train page
    meaning: str = ""  # where the label does not say it


@dataclass(frozen=True)
class Range:
    """The numbers that an option may be, both ends included unless `above` is set."""

    lowest: float
    highest: float = math.inf
    above: bool = False  # the lowest is not included

    def __contains__(self, value: float) -> bool:
        low = self.lowest < value if self.above else self.lowest <= value
        return low and value <= self.highest and math.isfinite(value)

    def words(self) -> str:
        """Such as "from 0 to 256" or "above 0"."""
        start = "above" if self.above else "from"
        highest = int(self.highest) if self.highest == self.highest // 1 else self.highest
        return f"{start} {self.lowest:g}" + (f" to {highest}" if highest < math.inf else "")


@dataclass(frozen=True)
class Option:
    """One option, read from the field that declares it."""

    name: str  # of the field
    type: Any  # int, float, str, tuple (of names), or a record's class
    default: Any
    help: str  # a sentence
    label: str  # of its field on the Train page; empty: it has none there
    metavar: str  # what stands for the value in the command line's help
    choices: Mapping[Any, Choice]  # value -> words; all values where `closed`, else suggestions
    closed: bool
    within: Range | None
    automatic: Any  # the value that "auto" on the command line stands for

    @property
    def flag(self) -> str:
        """The flag of the command line."""
        return "--" + self.name.replace("_", "-")

    def explained(self, by_label: bool = False) -> str:
        """The help with the meaning of each value, by the value or by its label."""
        meanings = [
            f"{choice.label if by_label else value}: {choice.meaning}."
            for value, choice in self.choices.items()
            if choice.meaning
        ]
        return " ".join([self.help, *meanings])

    def values(self) -> str:
        """The values that the option may have, in words for a message."""
        if self.closed:
            return "one of " + ", ".join(map(str, self.choices))
        number = "a whole number" if self.type is int else "a number"
        words = f"{number} {self.within.words()}" if self.within else number
        return words if self.automatic is None else f"auto ({self.automatic:g}) or {words}"


def option(
    default: Any,
    help_text: str,
    label: str = "",
    *,
    metavar: str = "",
    choices: Mapping[Any, Choice] | None = None,
    within: Range | None = None,
    automatic: Any = None,
) -> Any:
    """The declaration of an option, as the default of a dataclass's field; see Option.

    `choices` are all values that text may have, and suggestions where it is a number.
    """
    words = {
        "help": help_text,
        "label": label,
        "metavar": metavar,
        "choices": choices or {},
        "within": within,
        "automatic": automatic,
    }
    return field(default=default, metadata=words)


@cache
def options_of(record: type) -> tuple[Option, ...]:
    """The options that a dataclass declares, in its order."""
    hints = typing.get_type_hints(record)
    return tuple(
        Option(
            name=f.name,
            type=_type(hints[f.name]),
            default=f.default,
            closed=get_origin(hints[f.name]) is Literal or _is_text(hints[f.name], f.metadata),
            **f.metadata,
        )
        for f in dataclasses.fields(record)
        if f.metadata
    )


def _is_text(hint: Any, words: Mapping[str, Any]) -> bool:
    """Text with choices, which are all that it may be; those of numbers are suggestions."""
    return hint is str and bool(words["choices"])


def _type(hint: Any) -> Any:
    """The hint without None, without the names of a Literal and without a tuple's content."""
    if get_origin(hint) in (typing.Union, types.UnionType):
        (hint,) = [kind for kind in get_args(hint) if kind is not type(None)]
    origin = get_origin(hint)
    return str if origin is Literal else origin or hint


def check_options(record: Any) -> None:
    """Raises SpecError where an option of the record has a value that it may not have."""
    kind: type = type(record)
    for declared in options_of(kind):
        value = getattr(record, declared.name)
        if declared.closed and value not in declared.choices:
            hint = did_you_mean(str(value), map(str, declared.choices))
        elif declared.within is None or value is None or value == declared.automatic:
            continue
        elif value not in declared.within:
            hint = f"Give {declared.values()}."
        else:
            continue
        raise SpecError(f"The option {declared.name} cannot be {value!r}.", hint)
