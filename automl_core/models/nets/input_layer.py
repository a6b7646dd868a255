"""The first layer of networks on tables: codes become small learned vectors, numbers pass.

Numbers may get a small vector each as well, their periodic embedding: networks learn steps and
bumps of a single column far sooner from it.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from automl_core.features import Feature
from automl_core.models.nets.periodic_embedding import PeriodicEmbedding
from automl_core.training import FastLayer

SMALLEST, LARGEST = 4, 12
"""Length of a category's vector."""

BAG, BAG_SCALE = 32, 1.0
"""Length of the vector of a text or list, and deviation of its terms' vectors at first."""

MOST_PERIODIC = 200
"""Numbers that get periodic embeddings, at most: of more, most are the words of a text."""


def vector_length(codes: int) -> int:
    """Half as long as there are codes, between 4 and 12."""
    return max(SMALLEST, min(LARGEST, (codes + 1) // 2))


class Places(nn.Module):
    """Positions of the codes of some columns in one list of all their codes.

    **Shape**

    - Input: `(n, d)`, the encoded matrix
    - Output: `(n, columns)` int64
    """

    def __init__(self, columns: list[tuple[int, int]]) -> None:
        """`columns`: number of the matrix' column, how many codes it has."""
        super().__init__()
        counts = torch.tensor([codes for _, codes in columns])
        self.total = sum(codes for _, codes in columns)
        self.columns: Tensor
        self.last: Tensor
        self.start: Tensor
        # made anew from the features, so no part of a model's file
        self.register_buffer("columns", torch.tensor([i for i, _ in columns]), persistent=False)
        self.register_buffer("last", counts - 1, persistent=False)
        self.register_buffer("start", counts.cumsum(0) - counts, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        # a code that was never seen would be a place of another column
        codes = x.index_select(1, self.columns).long().clamp(min=0)
        return torch.minimum(codes, self.last).add_(self.start)


class Vectors(nn.Module):
    """Learned vectors of one length for the codes of some columns, in one table.

    **Shape**

    - Input: `(n, d)`, the encoded matrix
    - Output: `(n, columns * length)`
    """

    def __init__(self, columns: list[tuple[int, int]], length: int) -> None:
        super().__init__()
        self.places = Places(columns)
        self.table = nn.Embedding(self.places.total, length)
        nn.init.normal_(self.table.weight, std=0.3)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.table(self.places(x))
        return out.flatten(1)


class OneHot(FastLayer):
    """A 1 at each column's code, 0 elsewhere.

    **Shape**

    - Input: `(n, d)`, the encoded matrix
    - Output: `(n, codes of all columns)`
    """

    def __init__(self, columns: list[tuple[int, int]]) -> None:
        super().__init__()
        self.places = Places(columns)

    def forward(self, x: Tensor) -> Tensor:
        zeros = x.new_zeros(x.shape[0], self.places.total)
        if self.vmap_safe:
            return zeros.scatter(1, self.places(x), 1.0)
        return zeros.scatter_(1, self.places(x), 1.0)


class Bag(nn.Module):
    """The terms of one text or list as one learned vector: the sum of a vector each, weighted.

    Terms come weighted (TF-IDF), so the product is an embedding bag over the stored vocabulary
    (as in fastText, Joulin et al. 2017), trained from scratch with the rest.

    **Shape**

    - Input: `(n, d)`, the encoded matrix
    - Output: `(n, length)`
    """

    def __init__(self, columns: list[int], length: int) -> None:
        """`columns`: numbers of the matrix' columns."""
        super().__init__()
        self.columns: Tensor
        self.register_buffer("columns", torch.tensor(columns), persistent=False)
        self.vectors = nn.Parameter(BAG_SCALE * torch.randn(len(columns), length))

    def forward(self, x: Tensor) -> Tensor:
        return x.index_select(1, self.columns) @ self.vectors


def term_columns(features: tuple[Feature, ...]) -> list[list[int]]:
    """The columns of the terms of each text or list."""
    groups: dict[str, list[int]] = {}
    for i, f in enumerate(features):
        if f.kind == "term":
            groups.setdefault(f.source, []).append(i)
    return list(groups.values())


class Inputs(nn.Module):
    """Encoded matrix to features of a network.

    **Shape**

    - Input: `(n, d)` floating point; code columns hold integers
    - Output: `(n, width)`: numbers, their embeddings, bags of terms, codes as vectors or one-hot
    """

    def __init__(
        self,
        features: tuple[Feature, ...],
        frequencies: int = 0,
        sigma: float = 1.0,
        one_hot: int = 0,
        bags: bool = True,
    ) -> None:
        """Columns of at most `one_hot` codes become one-hot, those of more get vectors.

        `frequencies` 0, or more numbers than `MOST_PERIODIC`: numbers only pass. Without `bags`
        terms are numbers.
        """
        super().__init__()
        passing = ("number",) if bags else ("number", "term")
        numbers = [i for i, f in enumerate(features) if f.kind in passing]
        self.all_numbers = len(numbers) == len(features)
        self.numbers: Tensor
        self.register_buffer("numbers", torch.tensor(numbers, dtype=torch.int64), persistent=False)
        columns = len(numbers)
        self.waves: PeriodicEmbedding | None = None  # named so in model files
        if frequencies and 0 < columns <= MOST_PERIODIC:
            self.waves = PeriodicEmbedding(columns, frequencies, sigma)
        self.width = columns * (1 + (PeriodicEmbedding.VECTOR if self.waves else 0))
        terms = term_columns(features) if bags else []
        self.bags = nn.ModuleList(Bag(group, BAG) for group in terms)
        self.width += BAG * len(terms)
        codes = [(i, f.codes) for i, f in enumerate(features) if f.kind == "code"]
        small = [column for column in codes if column[1] <= one_hot]
        by_length: dict[int, list[tuple[int, int]]] = {}
        for column in codes:
            if column[1] > one_hot:
                by_length.setdefault(vector_length(column[1]), []).append(column)
        self.codes = nn.ModuleList([OneHot(small)] if small else [])
        self.width += sum(count for _, count in small)
        for length, group in sorted(by_length.items()):
            self.codes.append(Vectors(group, length))
            self.width += length * len(group)

    def forward(self, x: Tensor) -> Tensor:
        numbers = x if self.all_numbers else x.index_select(1, self.numbers)
        parts = [numbers]
        if self.waves is not None:
            parts.append(self.waves(numbers))
        parts += [part(x) for part in (*self.bags, *self.codes)]
        if self.waves is not None:  # which has a column's rows together
            return torch.cat([part.t() for part in parts]).t()
        return torch.cat(parts, dim=1) if len(parts) > 1 else numbers
