"""Parts of dates in a graph: the civil calendar by whole-number arithmetic.

The same steps as features/dates.py; a part's nodes are written when it is first asked for. Whole
days are shifted by full cycles of the calendar, so that every division is of a number that is not
negative: there, ONNX rounds as Python does.
"""

from __future__ import annotations

from functools import cached_property

from automl_core.features import DAY, TURN
from automl_core.onnx_export import GraphBuilder

CYCLE = 146_097  # days of 400 years
CYCLES = 100  # more than the farthest date is away


class Calendar:
    """Parts of dates (rows, k), given in seconds since 1970 without gaps, in float64."""

    def __init__(self, graph: GraphBuilder, seconds: str) -> None:
        self._graph = graph
        self._seconds = seconds

    def part(self, name: str) -> str:
        """A part (rows, k) in float64; all but the age, which counts from a reference."""
        if name == "hour":
            return self._hour
        made = {
            "year": lambda: self._year,
            "month": lambda: self._where(
                self._spring, self._plus(self._month, 3), self._plus(self._month, -9)
            ),
            "day": lambda: self._plus(self._minus(self._day_of_year, self._month_start), 1),
            "weekday": lambda: self._mod(self._plus(self._days, 3), 7),
            "day of year": lambda: self._civil,
            "days to month's end": lambda: self._to_month_end,
            "days from new year": lambda: self._turn,
        }[name]()
        return self._graph.cast(made, "double")

    @cached_property
    def _whole_days(self) -> str:
        days = self._graph.add("Div", [self._seconds, self._graph.constant(DAY)])
        return self._graph.add("Floor", [days])

    @cached_property
    def _hour(self) -> str:
        graph = self._graph
        midnight = graph.add("Mul", [self._whole_days, graph.constant(DAY)])
        left = graph.add("Sub", [self._seconds, midnight])
        return graph.add("Div", [left, graph.constant(3600.0)])

    @cached_property
    def _days(self) -> str:
        return self._graph.cast(self._whole_days, "int64")

    @cached_property
    def _shifted(self) -> str:
        """Days since 0000-03-01, and CYCLES cycles."""
        return self._plus(self._days, 719_468 + CYCLE * CYCLES)

    @cached_property
    def _era(self) -> str:
        return self._over(self._shifted, CYCLE)

    @cached_property
    def _day_of_era(self) -> str:
        return self._minus(self._shifted, self._times(self._era, CYCLE))

    @cached_property
    def _year_of_era(self) -> str:
        day = self._day_of_era
        leaps = self._minus(self._over(day, 1_460), self._over(day, 36_524))
        leaps = self._graph.add("Add", [leaps, self._over(day, 146_096)])
        return self._over(self._minus(day, leaps), 365)

    @cached_property
    def _day_of_year(self) -> str:
        """From 1 March = 0."""
        year = self._year_of_era
        before = self._minus(self._times(year, 365), self._over(year, 100))
        before = self._graph.add("Add", [before, self._over(year, 4)])
        return self._minus(self._day_of_era, before)

    @cached_property
    def _month(self) -> str:
        """From March = 0."""
        return self._over(self._plus(self._times(self._day_of_year, 5), 2), 153)

    @cached_property
    def _month_start(self) -> str:
        return self._over(self._plus(self._times(self._month, 153), 2), 5)

    @cached_property
    def _spring(self) -> str:
        """True where the month is March to December."""
        return self._graph.add("Less", [self._month, self._graph.constant(10)])

    @cached_property
    def _year(self) -> str:
        years = self._plus(self._times(self._era, 400), -400 * CYCLES)
        years = self._graph.add("Add", [self._year_of_era, years])
        return self._where(self._spring, years, self._plus(years, 1))

    @cached_property
    def _leap(self) -> str:
        """1 in leap years, else 0."""
        graph, zero = self._graph, self._graph.constant(0)
        every = [graph.add("Equal", [self._mod(self._year, n), zero]) for n in (4, 100, 400)]
        usual = graph.add("And", [every[0], graph.add("Not", [every[1]])])
        return graph.cast(graph.add("Or", [usual, every[2]]), "int64")

    @cached_property
    def _civil(self) -> str:
        """Day of the year, from 1."""
        late = self._plus(self._day_of_year, -305)
        early = self._graph.add("Add", [self._plus(self._day_of_year, 60), self._leap])
        return self._where(self._spring, early, late)

    @cached_property
    def _to_month_end(self) -> str:
        graph = self._graph
        next_start = self._over(self._plus(self._times(self._month, 153), 155), 5)
        february = graph.add("Equal", [self._month, graph.constant(11)])
        length = self._where(
            february, self._plus(self._leap, 28), self._minus(next_start, self._month_start)
        )
        return self._minus(length, self._plus(self._minus(self._day_of_year, self._month_start), 1))

    @cached_property
    def _turn(self) -> str:
        """Days from the nearest new year, -TURN to TURN."""
        graph = self._graph
        since = self._plus(self._civil, -1)
        until = self._minus(self._plus(self._leap, 366), self._civil)
        nearer = graph.add("LessOrEqual", [since, until])
        turn = self._where(nearer, since, graph.add("Neg", [until]))
        return graph.add("Clip", [turn, graph.constant(-TURN), graph.constant(TURN)])

    def _plus(self, value: str, number: int) -> str:
        return self._graph.add("Add", [value, self._graph.constant(number)])

    def _minus(self, value: str, other: str) -> str:
        return self._graph.add("Sub", [value, other])

    def _times(self, value: str, number: int) -> str:
        return self._graph.add("Mul", [value, self._graph.constant(number)])

    def _over(self, value: str, number: int) -> str:
        return self._graph.add("Div", [value, self._graph.constant(number)])

    def _mod(self, value: str, number: int) -> str:
        return self._graph.add("Mod", [value, self._graph.constant(number)])

    def _where(self, condition: str, one: str, other: str) -> str:
        return self._graph.add("Where", [condition, one, other])
