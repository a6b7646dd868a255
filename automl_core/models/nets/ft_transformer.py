"""The FT-Transformer: attention among the columns of a row.

Gorishniy, Rubachev, Khrulkov, Babenko 2021, "Revisiting Deep Learning Models for Tabular Data",
section 3.3. Its time grows with the square of the columns: a network for GPUs and small tables.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from automl_core.models.nets.base import Architecture, DataInfo
from automl_core.models.nets.layers import Dropout
from automl_core.models.nets.piecewise_embedding import Tokens
from automl_core.training import Network, ParameterGroup

HEAD = 8
"""Length of a head's vectors."""


@dataclass(frozen=True)
class FTTransformerConfig:
    """Settings of the network."""

    width: int  # length of a token, a multiple of HEAD
    layers: int  # >= 1
    expansion: float  # units of a token's own network, as a multiple of the width, > 0
    dropout: float  # share of these units, 0 to 1
    bins: int  # of a number's piecewise-linear embedding, at most


class Attention(nn.Module):
    """Multi-head attention (Vaswani et al. 2017) of all tokens of a row, or of the first alone.

    **Shape**

    - Input: `(n, tokens, length)`
    - Output: the same, or `(n, 1, length)`
    """

    def __init__(self, length: int) -> None:
        super().__init__()
        self.query = nn.Linear(length, length)
        self.key_value = nn.Linear(length, 2 * length)
        self.out = nn.Linear(length, length)

    def forward(self, x: Tensor, first_only: bool) -> Tensor:
        query = self._heads(self.query(x[:, :1] if first_only else x))
        key, value = (self._heads(part) for part in self.key_value(x).chunk(2, dim=2))
        mixed = scaled_dot_product_attention(query, key, value)
        out: Tensor = self.out(mixed.transpose(1, 2).flatten(2))
        return out

    @staticmethod
    def _heads(x: Tensor) -> Tensor:
        """(n, tokens, length) -> (n, heads, tokens, HEAD)."""
        return x.view(*x.shape[:2], x.shape[2] // HEAD, HEAD).transpose(1, 2)


class TransformerLayer(nn.Module):
    """Attention, then a gated network for each token; both normalise first and are added.

    **Shape**

    - Input: `(n, tokens, length)`
    - Output: the same, or `(n, 1, length)`
    """

    def __init__(self, length: int, hidden: int, dropout: float, norm_first: bool) -> None:
        """`norm_first` False: the tokens come normalised, as the first layer's do."""
        super().__init__()
        self.norm = nn.LayerNorm(length) if norm_first else nn.Identity()
        self.attention = Attention(length)
        self.norm_hidden = nn.LayerNorm(length)
        self.widen = nn.Linear(length, 2 * hidden)
        self.dropout = Dropout(dropout)
        self.narrow = nn.Linear(hidden, length)

    def forward(self, x: Tensor, first_only: bool) -> Tensor:
        attended = self.attention(self.norm(x), first_only)
        x = (x[:, :1] if first_only else x) + attended
        value, gate = self.widen(self.norm_hidden(x)).chunk(2, dim=2)  # ReGLU (Shazeer 2020)
        out: Tensor = x + self.narrow(self.dropout(value * gate.relu()))
        return out


class FTTransformer(Network):
    """A token for every column and one more, layers, and a head on what that one gathered.

    **Shape**

    - Input: `(n, d)`
    - Output: `(n, outputs)`
    """

    # NOTE[DIFF] Numbers become tokens through bins (Gorishniy et al. 2022), not by a scale and
    # a shift alone; in the last layer only the gathering token asks, as only it is read.

    def __init__(self, tokens: Tokens, layers: list[TransformerLayer], outputs: int) -> None:
        super().__init__()
        length = tokens.length
        self.tokens = tokens
        self.gathering = nn.Parameter(torch.empty(1, 1, length).uniform_(-1, 1))
        self.layers = nn.ModuleList(layers)
        self.norm = nn.LayerNorm(length)
        self.head = nn.Linear(length, outputs)

    def fit_to(self, x: Tensor) -> None:
        """Take the bins of the training matrix (n, d)."""
        self.tokens.fit_to(x)

    def parameter_groups(self) -> list[ParameterGroup]:
        """Weights of linear layers decay; tokens, norms and biases do not."""
        decaying = {id(m.weight) for m in self.modules() if isinstance(m, nn.Linear)}
        return [
            ParameterGroup([p for p in self.parameters() if id(p) in decaying]),
            ParameterGroup([p for p in self.parameters() if id(p) not in decaying], decay=False),
        ]

    def forward(self, x: Tensor) -> Tensor:
        columns = self.tokens(x).transpose(0, 1)
        row = torch.cat([self.gathering.expand(x.shape[0], -1, -1), columns], dim=1)
        for number, layer in enumerate(self.layers, 1):
            row = layer(row, first_only=number == len(self.layers))
        out: Tensor = self.head(self.norm(row[:, 0]).relu())
        return out


def build(config: FTTransformerConfig, data: DataInfo) -> Network:
    """The network with random first weights."""
    hidden = max(1, round(config.width * config.expansion))
    layers = [
        TransformerLayer(config.width, hidden, config.dropout, norm_first=number > 0)
        for number in range(config.layers)
    ]
    return FTTransformer(Tokens(data.features, config.bins, config.width), layers, data.outputs)


ARCHITECTURE = Architecture(FTTransformerConfig, build)
