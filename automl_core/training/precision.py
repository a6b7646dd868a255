"""Matrix products of rounded numbers, where the hardware makes them faster and nothing suffers.

On processors that have instructions for it, what goes into a product is rounded to bfloat16 on
the way in; weights, activations and sums stay float32. Whether is decided without a clock, so
that the same trial is the same the next time. On NVIDIA GPUs torch's automatic mixed precision
does what it always does: products in 16 bits, weights and losses in float32.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import torch
from torch import Tensor, nn

WORTH_IT = 4_000_000
"""Multiplications of a network's mean product from which rounding to bfloat16 pays: below, the
rounding takes longer than it saves (measured with AMX; a product of 160 x 160 x 160)."""

LARGEST_ERROR = 0.05
"""Length of the gradient's error, as a share of the gradient: noise of a batch is far larger."""


def worth_rounding(net: nn.Module, batch: int, device: torch.device) -> bool:
    """Whether the device has such products, and the net's are large enough to gain by them."""
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
    before = processor.fp32_precision
    processor.fp32_precision = "bf16"
    try:
        yield
    finally:
        processor.fp32_precision = before


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


def short_type(device: torch.device) -> torch.dtype | None:
    """What products are made in while a network trains there; None: in float32.

    bfloat16 on CUDA, float16 on GPUs that are too old for it.
    """
    if device.type != "cuda":
        return None
    with torch.cuda.device(device):
        able = torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.bfloat16 if able else torch.float16


class Mixed:
    """Automatic mixed precision of one training (Micikevicius et al. 2018); on a CPU it is none.

    Gradients in float16 would vanish, so there the loss is scaled up before the way back and
    gradients down after it; a step whose gradients overflow is left out.
    """

    def __init__(self, device: torch.device, short: torch.dtype | None = None) -> None:
        """`short` is the type to use; None: by the device."""
        self.kind, self.short = device.type, short or short_type(device)
        self._scaler: torch.amp.GradScaler | None = None
        if self.short == torch.float16:
            self._scaler = torch.amp.GradScaler(self.kind)

    def products(self) -> AbstractContextManager[object]:
        """Make products in the short type while inside."""
        return torch.autocast(self.kind, self.short) if self.short else nullcontext()

    def backward(self, loss: Tensor) -> None:
        """Work out the gradients of `loss`."""
        torch.autograd.backward(self._scaler.scale(loss) if self._scaler else loss)

    def unscale(self, optimizer: torch.optim.Optimizer) -> None:
        """Bring the gradients to their own scale, before they are clipped."""
        if self._scaler:
            self._scaler.unscale_(optimizer)

    def step(self, optimizer: torch.optim.Optimizer) -> None:
        """Let the optimiser take its step."""
        if self._scaler is None:
            optimizer.step()
            return
        self._scaler.step(optimizer)
        self._scaler.update()

    def state(self) -> Tensor:
        """How far the loss is scaled up, and for how many steps without an overflow (2,)."""
        found = self._scaler.state_dict() if self._scaler else {}
        return torch.tensor([found.get("scale", 1.0), found.get("_growth_tracker", 0.0)])

    def restore(self, state: Tensor) -> None:
        """Go back to what `state` returned."""
        if self._scaler:
            scale, steps = state.tolist()
            known = {"scale": scale, "_growth_tracker": int(steps)}
            self._scaler.load_state_dict(self._scaler.state_dict() | known)
