"""Every column as a vector of its own: numbers through bins, codes from a table.

What TabM and the FT-Transformer begin with. A network that sees a number through bins learns
steps and bumps of a single column at once, which it hardly does from the number alone
(Gorishniy et al. 2022, "On Embeddings for Numerical Features in Tabular Deep Learning").
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from automl_core.features import Feature
from automl_core.models.nets.input_layer import Bag, Vectors, term_columns

NARROWEST = 1e-3
"""Of a column's range: edges closer than this are one, or values would jump by rounding."""

SMALLEST_RANGE = 1e-6
"""A column of a smaller range gets no bins."""

ROWS_A_BIN = 10
"""Fewer rows in a bin on average would be learned by heart."""

LOOKED_AT = 50_000
"""Rows that the bins are made from, at most."""

MOST_BINNED = 200
"""Numbers that get a vector each, at most. Of more, most are the words of a text column: a
vector for each of so many bundles of them does."""

BUNDLES = 64

BAG_TOKENS = 2
"""Vectors that the terms of a text or list become."""

MOST_BINS, FEWEST_BINS = 3_200, 8
"""Bins of all columns together, at most, so that many columns do not take most of the time; and
bins that a column has all the same."""


def bin_edges(column: Tensor, bins: int) -> list[float]:
    """Edges of at most `bins` bins of the values (n,): quantiles; none where it is constant.

    A value that takes up more than a bin's share of the rows counts for no more than that:
    plain quantiles of a column that is zero in nine rows of ten would spend nine bins of ten
    on that zero.
    """
    values, counts = torch.unique(column[torch.isfinite(column)], return_counts=True)
    bins = min(bins, max(2, len(column) // ROWS_A_BIN))
    if len(values) > bins + 1:
        share = counts.double().clamp(max=len(column) / bins)
        middle = torch.cumsum(share, 0) - share / 2
        wanted = torch.linspace(0, 1, bins + 1, dtype=middle.dtype, device=middle.device)
        wanted = middle[0] + wanted * (middle[-1] - middle[0])
        values = values[torch.searchsorted(middle, wanted).clamp(max=len(values) - 1)]
    edges: list[float] = values.tolist()
    if not edges or edges[-1] - edges[0] < SMALLEST_RANGE:
        return []
    apart = NARROWEST * (edges[-1] - edges[0])
    kept = edges[:1]
    for edge in edges[1:]:
        if edge - kept[-1] >= apart:
            kept.append(edge)
    return kept


class PiecewiseLinear(nn.Module):
    """A vector of each number that bends at the edges of its column's bins.

    The sum of a linear part and of one vector a bin, times how far the number has gone through
    the bin, 0 to 1; these start at 0 (version B of the package rtdl_num_embeddings, without
    activation). `fit_to` makes the bins; without it there are none.

    **Shape**

    - Input: `(n, columns)`
    - Output: `(columns, n, length)`
    """

    # NOTE[DIFF] Beyond the outer edges the bins stay 0 or 1, where the paper goes on: a number
    # as none before moves the output by the linear part alone.

    def __init__(self, columns: int, bins: int, length: int) -> None:
        super().__init__()
        self.slope: Tensor
        self.offset: Tensor
        self.register_buffer("slope", torch.zeros(columns, bins))  # 0: a bin that is not used
        self.register_buffer("offset", torch.zeros(columns, bins))
        self.straight = nn.Parameter(torch.empty(columns, 1, length).uniform_(-1, 1))
        self.bent = nn.Parameter(torch.zeros(columns, bins, length))
        self.bias = nn.Parameter(torch.empty(columns, 1, length).uniform_(-1, 1))

    def fit_to(self, x: Tensor) -> None:
        """Take the bins of the training rows (n, columns)."""
        step = math.ceil(len(x) / LOOKED_AT)
        for number, column in enumerate(x[::step].T):
            edges = x.new_tensor(bin_edges(column, self.slope.shape[1]), dtype=torch.float64)
            widths = edges.diff()
            self.slope[number, : len(widths)] = 1 / widths
            self.offset[number, : len(widths)] = -edges[:-1] / widths

    def forward(self, x: Tensor) -> Tensor:
        numbers = x.T[:, :, None]
        filled = torch.addcmul(self.offset[:, None], numbers, self.slope[:, None]).clamp(0, 1)
        return torch.baddbmm(torch.addcmul(self.bias, numbers, self.straight), filled, self.bent)


class Bundles(nn.Module):
    """A vector for each of 64 bundles of numbers.

    **Shape**

    - Input: `(n, columns)`
    - Output: `(64, n, length)`
    """

    def __init__(self, columns: int, length: int) -> None:
        super().__init__()
        self.each = math.ceil(columns / BUNDLES)
        self.empty = self.each * BUNDLES - columns
        bound = 1 / math.sqrt(self.each)
        self.weight = nn.Parameter(torch.empty(BUNDLES, self.each, length).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.zeros(BUNDLES, 1, length))

    def forward(self, x: Tensor) -> Tensor:
        numbers = nn.functional.pad(x, (0, self.empty)).view(x.shape[0], BUNDLES, self.each)
        return torch.baddbmm(self.bias, numbers.transpose(0, 1), self.weight)


class Tokens(nn.Module):
    """The encoded matrix as one vector a column: those of numbers, then of terms, then of codes.

    **Shape**

    - Input: `(n, d)` floating point; code columns hold integers
    - Output: `(count, n, length)`
    """

    def __init__(self, features: tuple[Feature, ...], bins: int, length: int) -> None:
        super().__init__()
        numbers = [i for i, f in enumerate(features) if f.kind == "number"]
        codes = [(i, f.codes) for i, f in enumerate(features) if f.kind == "code"]
        self.columns: Tensor
        self.register_buffer("columns", torch.tensor(numbers, dtype=torch.int64), persistent=False)
        self.length = length
        self.numbers: PiecewiseLinear | Bundles | None = None
        if len(numbers) > MOST_BINNED:
            self.numbers = Bundles(len(numbers), length)
        elif numbers:
            bins = min(bins, max(FEWEST_BINS, MOST_BINS // len(numbers)))
            self.numbers = PiecewiseLinear(len(numbers), bins, length)
        terms = term_columns(features)
        self.bags = nn.ModuleList(Bag(group, BAG_TOKENS * length) for group in terms)
        self.codes = Vectors(codes, length) if codes else None
        self.count = min(len(numbers), BUNDLES if len(numbers) > MOST_BINNED else MOST_BINNED)
        self.count += BAG_TOKENS * len(terms) + len(codes)

    def fit_to(self, x: Tensor) -> None:
        """Take the bins of the training matrix (n, d)."""
        if isinstance(self.numbers, PiecewiseLinear):
            self.numbers.fit_to(x.index_select(1, self.columns))

    def forward(self, x: Tensor) -> Tensor:
        parts = [] if self.numbers is None else [self.numbers(x.index_select(1, self.columns))]
        wide = [*self.bags] if self.codes is None else [*self.bags, self.codes]
        parts += [part(x).unflatten(1, (-1, self.length)).transpose(0, 1) for part in wide]
        return torch.cat(parts) if len(parts) > 1 else parts[0]
