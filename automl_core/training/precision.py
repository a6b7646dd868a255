"""Matrix products of rounded numbers, where the hardware makes them faster and nothing suffers.

Weights, activations and sums stay float32; only what goes into a product is rounded on the way
in: to bfloat16 on processors that have instructions for it, to TensorFloat-32 on NVIDIA GPUs.
Whether is decided without a clock, so that the same trial is the same the next time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

WORTH_IT = 4_000_000
"""Multiplications of a network's mean product from which rounding to bfloat16 pays: below, the
rounding takes longer than it saves (measured with AMX; a product of 160 x 160 x 160)."""

LARGEST_ERROR = 0.05
"""Length of the gradient's error, as a share of the gradient: noise of a batch is far larger."""


def worth_rounding(net: nn.Module, batch: int, device: torch.device) -> bool:
    """Whether the device has such products, and the net's are large enough to gain by them."""
    if device.type == "cuda":
        return bool(torch.cuda.get_device_capability(device) >= (8, 0))
    if device.type != "cpu":
        return False
    able = torch.cpu.get_capabilities()
    if not (able.get("amx_bf16") or able.get("avx512_bf16")):
        return False
    sizes = [p.numel() * batch for p in matrices(net)]
    return bool(sizes) and sum(sizes) / len(sizes) >= WORTH_IT


def matrices(net: nn.Module) -> list[nn.Parameter]:
    """The weights that rows are multiplied with: all matrices but tables of vectors."""
    tables = {id(m.weight) for m in net.modules() if isinstance(m, nn.Embedding)}
    return [p for p in net.parameters() if p.ndim == 2 and id(p) not in tables]


@contextmanager
def rounded_products(on: bool) -> Iterator[None]:
    """Round what goes into products of float32 matrices while inside."""
    if not on:
        yield
        return
    processor = torch.backends.mkldnn.matmul  # type: ignore[attr-defined]
    gpu = torch.backends.cuda.matmul
    before = processor.fp32_precision, gpu.fp32_precision
    processor.fp32_precision, gpu.fp32_precision = "bf16", "tf32"
    try:
        yield
    finally:
        processor.fp32_precision, gpu.fp32_precision = before


def gradient_survives(net: nn.Module, loss: Callable[[], Tensor]) -> bool:
    """Whether the gradient of `loss` is nearly the same with rounded products.

    `loss` must be the same each time it is called. Leaves no gradients behind.
    """
    gradients = []
    for on in (False, True):
        net.zero_grad(set_to_none=True)
        with rounded_products(on):
            torch.autograd.backward(loss())
        parts = [p.grad.flatten() for p in net.parameters() if p.grad is not None]
        gradients.append(torch.cat(parts))
    net.zero_grad(set_to_none=True)
    exact, rounded = gradients
    error = float(torch.linalg.vector_norm(rounded - exact))
    return error <= LARGEST_ERROR * float(torch.linalg.vector_norm(exact))
