"""TabM: many networks in one, which share nearly all their weights.

Gorishniy, Kotelnikov, Babenko 2025, "TabM: Advancing Tabular Deep Learning with Parameter-
Efficient Ensembling"; the variant here is TabM-mini with piecewise-linear embeddings.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from automl_core.models.nets.autograd_functions import dropout_mask, member_relu_dropout
from automl_core.models.nets.base import Architecture, DataInfo
from automl_core.models.nets.layers import Dropout
from automl_core.models.nets.piecewise_embedding import Tokens
from automl_core.training import FastLayer, Network, ParameterGroup

MEMBERS, MEMBERS_MANY, MANY_ROWS = 12, 8, 60_000
"""How many networks where nobody said: more rows leave less to average out, and less time."""

MOST_WEIGHTS = 64
"""How many weights a member has for columns; of more columns, several share one."""

ROWS_AT_ONCE = 256
"""Rows predicted together: what all members make of them stays in a processor's cache."""


@dataclass(frozen=True)
class TabMConfig:
    """Settings of the network."""

    members: int  # networks in one, >= 1; 0: by the number of rows
    width: int  # units of a hidden layer, >= 1
    blocks: int  # hidden layers, >= 1
    dropout: float  # share of units, 0 to 1
    bins: int  # of a number's piecewise-linear embedding, at most
    vector: int  # length of a column's vector, >= 1


class TabM(Network):
    """Columns as vectors, weighted by each member for itself; a shared trunk; a head a member.

    All members see the same rows. They differ by how they weight the columns, at first at
    random, and by their heads: trained each with its own loss, they come to disagree where one
    network alone would be wrong with confidence.

    **Shape**

    - Input: `(n, d)`
    - Output: `(n, members, outputs)`
    """

    # NOTE[DIFF] A member has one weight a column, where the paper has one for each element of
    # a column's vector, which starts out equal within the column. The first matrix is so
    # multiplied once, not once a member, which saves a fifth of the time of a step or more.

    # NOTE[DIFF] Members share the dropout mask, which would take longer than their products.

    def __init__(self, config: TabMConfig, data: DataInfo) -> None:
        super().__init__()
        tokens = Tokens(data.features, config.bins, config.vector)
        width, outputs = config.width, data.outputs
        members = config.members or (MEMBERS if data.rows <= MANY_ROWS else MEMBERS_MANY)
        self.tokens, self.members = tokens, members
        self.together = math.ceil(tokens.count / MOST_WEIGHTS)
        groups = math.ceil(tokens.count / self.together)
        self.padding = groups * self.together - tokens.count
        length = self.together * tokens.length
        self.first = _uniform(tokens.count * tokens.length, (groups, length, width))
        self.weights = nn.Parameter(torch.randn(members, groups))
        self.blocks = nn.ModuleList(nn.Linear(width, width) for _ in range(config.blocks - 1))
        self.activation = MemberActivation(members, Dropout(config.dropout))
        self.head = _uniform(width, (members, width, outputs))
        self.bias = _uniform(width, (members, 1, outputs))

    def fit_to(self, x: Tensor) -> None:
        """Take the bins of the training matrix (n, d)."""
        self.tokens.fit_to(x)

    def parameter_groups(self) -> list[ParameterGroup]:
        """Neither the members' weights of the columns nor biases decay."""
        free = {id(p) for name, p in self.named_parameters() if name.endswith("bias")}
        free.add(id(self.weights))
        return [
            ParameterGroup([p for p in self.parameters() if id(p) not in free]),
            ParameterGroup([p for p in self.parameters() if id(p) in free], decay=False),
        ]

    def forward(self, x: Tensor) -> Tensor:
        if self.training or torch.compiler.is_exporting() or len(x) <= ROWS_AT_ONCE:
            return self._outputs(x)
        return torch.cat([self._outputs(rows) for rows in torch.split(x, ROWS_AT_ONCE)])

    def _outputs(self, x: Tensor) -> Tensor:
        columns = torch.bmm(self._grouped(self.tokens(x)), self.first)  # (groups, n, width)
        hidden = torch.mm(self.weights, columns.flatten(1)).view(-1, columns.shape[2])
        short = working_type(x.device) if self.training else x.dtype
        hidden = self.activation(hidden.to(short))  # (members * n, width), member by member
        for block in self.blocks:
            assert isinstance(block, nn.Linear)
            hidden = F.linear(hidden, block.weight.to(short), block.bias.to(short))
            hidden = self.activation(hidden)
        hidden = hidden.view(self.members, x.shape[0], hidden.shape[1])
        out = torch.baddbmm(self.bias.to(short), hidden, self.head.to(short))
        return out.transpose(0, 1).to(x.dtype)

    def _grouped(self, tokens: Tensor) -> Tensor:
        """(columns, n, length) -> (groups, n, together * length)."""
        if self.together == 1:
            return tokens
        padded = F.pad(tokens, (0, 0, 0, 0, 0, self.padding))
        return (
            padded.view(len(self.first), self.together, *tokens.shape[1:])
            .transpose(1, 2)
            .flatten(2)
        )


class MemberActivation(FastLayer):
    """ReLU, then dropout with one mask for all members.

    **Shape**

    - Input and output: `(members * n, width)`, member by member
    """

    def __init__(self, members: int, dropout: Dropout) -> None:
        super().__init__()
        self.members, self.dropout = members, dropout

    def forward(self, hidden: Tensor) -> Tensor:
        if self.vmap_safe:
            split = hidden.relu().view(self.members, -1, hidden.shape[1])
            shared: Tensor = self.dropout(torch.ones_like(split[0]))
            return (split * shared).flatten(0, 1)
        gain = self.dropout.gain()
        if gain == 1.0:
            return hidden.relu()
        mask = hidden.new_empty(len(hidden) // self.members, hidden.shape[1])
        if hidden.device.type == "cpu":
            mask = dropout_mask(mask, gain)
        else:
            mask.bernoulli_(1 / gain)
        return member_relu_dropout(hidden, mask.mul_(gain), gain)


@cache
def working_type(device: torch.device) -> torch.dtype:
    """The type that the trunk is trained in: bfloat16 where the device multiplies that faster."""
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(False) else torch.float32
    able = torch.cpu.get_capabilities()
    fast = able.get("amx_bf16", False) or able.get("avx512_bf16", False)
    return torch.bfloat16 if device.type == "cpu" and fast else torch.float32


def _uniform(inputs: int, shape: tuple[int, ...]) -> nn.Parameter:
    """Weights as those of a linear layer of so many inputs."""
    bound = 1 / math.sqrt(inputs)
    return nn.Parameter(torch.empty(shape).uniform_(-bound, bound))


ARCHITECTURE = Architecture(TabMConfig, TabM)
