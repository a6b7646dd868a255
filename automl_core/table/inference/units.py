"""Units and magnitudes that people write behind numbers, and what they are worth.

A dimension is a table of suffixes in lower case with factors to one unit of it; units of
two dimensions have nothing in common. Knows nothing of columns.
"""

from __future__ import annotations

from collections.abc import Mapping

Units = tuple[tuple[str, float], ...]

_DAY = 86_400.0
_MONTH, _YEAR = 30.4375 * _DAY, 365.25 * _DAY  # averages of the Julian calendar


def _table(*rows: tuple[str, float]) -> dict[str, float]:
    """Every word of a row is worth the row's factor; "_" stands for a space."""
    return {word.replace("_", " "): factor for words, factor in rows for word in words.split()}


MAGNITUDES = _table(
    ("k thousand thsd tsd tys тыс 千", 1e3), ("万 萬 만", 1e4), ("lac lacs lakh lakhs", 1e5),
    ("m mm mn mio mln million millions млн 百万", 1e6), ("cr crore crores", 1e7),
    ("亿 億 억", 1e8), ("b bn bln mrd billion billions млрд", 1e9),
    ("t tn trn trillion trillions", 1e12),
)  # fmt: skip
"""Not units but factors: 1.5M is 1,500,000."""

_UNCLEAR = ("m", "mm", "b", "t")  # alone and in small letters: metres, bytes, tonnes

DIMENSIONS: dict[str, dict[str, float]] = {
    "time": _table(
        ("ms msec", 1e-3), ("s sec secs second seconds", 1.0),
        ("m min mins minute minutes", 60.0), ("h hr hrs hour hours std", 3600.0),
        ("d day days tag tage", _DAY), ("w wk wks week weeks", 7 * _DAY),
        ("mo mos month months", _MONTH), ("y yr yrs year years", _YEAR),
    ),
    "mass": _table(
        ("µg μg ug mcg", 1e-9), ("mg", 1e-6), ("g gr gram grams", 1e-3),
        ("kg kgs kilo kilos kilogram kilograms", 1.0), ("t tonne tonnes", 1e3),
        ("lb lbs pound pounds", 0.45359237), ("oz ounce ounces", 0.028349523125),
    ),
    "length": _table(
        ("nm", 1e-9), ("µm μm um", 1e-6), ("mm", 1e-3), ("cm", 1e-2), ("dm", 0.1),
        ("m meter meters metre metres", 1.0), ("km kms kilometer kilometers", 1e3),
        ("in inch inches \" ″", 0.0254), ("ft foot feet ' ′", 0.3048), ("yd yard yards", 0.9144),
        ("mi mile miles", 1609.344),
    ),
    "volume": _table(
        ("ml cc", 1e-3), ("cl", 1e-2), ("dl", 0.1), ("l lt ltr liter liters litre litres", 1.0),
        ("hl", 100.0), ("m3 m³", 1e3),
    ),
    "area": _table(
        ("m2 m² sqm sq_m", 1.0), ("sqft sq_ft ft2 ft²", 0.09290304), ("ha hectare hectares", 1e4),
        ("acre acres ac", 4046.8564224), ("km2 km²", 1e6),
    ),
    "storage": _table(  # as the standard has it: 1 kB is 1,000 bytes, 1 KiB is 1,024
        ("b byte bytes", 1.0), ("kb", 1e3), ("mb", 1e6), ("gb", 1e9), ("tb", 1e12),
        ("kib", 2.0**10), ("mib", 2.0**20), ("gib", 2.0**30), ("tib", 2.0**40),
    ),
    "power": _table(("w", 1e-3), ("kw", 1.0), ("hp bhp", 0.745699872), ("ps", 0.73549875)),
    "speed": _table(("km/h kmh kph", 1.0), ("mph mi/h", 1.609344), ("m/s", 3.6), ("kn kt", 1.852)),
    "fuel": _table(
        ("km/l kmpl kml km/ltr km/lt km/liter km/litre kms/l km_per_l km_per_litre", 1.0),
        ("mpg mi/gal", 0.4251437075),
    ),
    "frequency": _table(("hz", 1.0), ("khz", 1e3), ("mhz", 1e6), ("ghz", 1e9)),
}  # fmt: skip


def common_units(units: Mapping[str, int], capitals: frozenset[str] = frozenset()) -> Units:
    """Factors for the suffixes (lower case, with their rows) that have one meaning together.

    Several of one dimension count in the most frequent of them, magnitudes in ones, and a
    suffix that nothing is known of is a constant. `capitals` are the suffixes written in
    capitals: "5M" alone is five million, "5m" is not. Units without this meaning are left out.
    """
    if not units:
        return ()
    first = max(units, key=lambda unit: units[unit])
    same = [unit for unit in units if unit.rstrip("s.") == first.rstrip("s.")]
    tables = [("magnitude", MAGNITUDES), *DIMENSIONS.items()]
    reach = [sum(rows for unit, rows in units.items() if unit in table) for _, table in tables]
    best = max(range(len(tables)), key=lambda i: reach[i])  # the first of equal ones
    name, table = tables[best]
    if reach[best] <= sum(units[unit] for unit in same):
        alone = MAGNITUDES.get(first, 1.0)
        factor = alone if first in capitals or first not in _UNCLEAR else 1.0
        return tuple((unit, factor) for unit in sorted(same))
    members = sorted(unit for unit in units if unit in table)
    worth = {
        table[unit]: sum(units[u] for u in members if table[u] == table[unit]) for unit in members
    }
    base = 1.0 if name == "magnitude" else max(worth, key=lambda factor: worth[factor])
    return tuple((unit, table[unit] / base) for unit in members)


def is_magnitude(units: Units) -> bool:
    """True if these are factors such as k and M rather than units of measure."""
    return any(factor != 1.0 for _, factor in units) and all(
        MAGNITUDES.get(unit) == factor for unit, factor in units
    )
