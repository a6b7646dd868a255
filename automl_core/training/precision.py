"""Precision of matrix products in training: bfloat16 on CPUs that have it, mixed on NVIDIA GPUs.

On CPUs with instructions for it, factors are rounded to bfloat16 inside a product; weights,
activations and sums stay float32. The decision takes no timing, so that a trial is reproducible.
On NVIDIA GPUs torch's automatic mixed precision computes products in 16 bits, and weights and
losses in float32.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import torch
from torch import Tensor, nn

WORTH_IT = 4_000_000
"""Multiplications of a network's mean product from which rounding to bfloat16 pays: below, the
rounding takes longer than it saves (measured with AMX; a product of 160 x 160 x 160)."""

LARGEST_ERROR = 0.05
"""Length of the gradient's error, as a share of the gradient: noise of a batch is far larger."""


def worth_rounding(net: nn.Module, batch: int, device: torch.device) -> bool:
    """True on a CPU with bfloat16 products, where the network's are large enough to gain."""
    if device.type != "cpu":
        return False
    able = torch.cpu.get_capabilities()
    if not (able.get("amx_bf16") or able.get("avx512_bf16")):
        return False
    sizes = [p.numel() * batch for p in matrices(net)]
    return bool(sizes) and sum(sizes) / len(sizes) >= WORTH_IT


def matrices(net: nn.Module) -> list[nn.Parameter]:
    """The weights that rows are multiplied with: all matrices except embedding tables."""
    tables = {id(m.weight) for m in net.modules() if isinstance(m, nn.Embedding)}
    return [p for p in net.parameters() if p.ndim == 2 and id(p) not in tables]


@contextmanager
def bf16_matmul(on: bool) -> Iterator[None]:
    """Round the factors of float32 matrix products to bfloat16 while inside, if `on`."""
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


def gradient_survives(
    parameters: Iterable[nn.Parameter], loss: Callable[[], Tensor], networks: int = 1
) -> bool:
    """True if bfloat16 products change the gradient of `loss` by at most LARGEST_ERROR.

    `loss` must be deterministic. No gradients are left on the parameters. Where those of several
    `networks` are stacked, the gradient of none of them may change by more.
    """
    known, gradients = list(parameters), []
    for on in (False, True):
        _forget_gradients(known)
        with bf16_matmul(on):
            torch.autograd.backward(loss())
        parts = [p.grad.reshape(networks, -1) for p in known if p.grad is not None]
        gradients.append(torch.cat(parts, dim=1))
    _forget_gradients(known)
    exact, rounded = gradients
    error = torch.linalg.vector_norm(rounded - exact, dim=1)
    return bool((error <= LARGEST_ERROR * torch.linalg.vector_norm(exact, dim=1)).all())


def _forget_gradients(parameters: list[nn.Parameter]) -> None:
    for parameter in parameters:
        parameter.grad = None


def short_type(device: torch.device) -> torch.dtype | None:
    """The type of matrix products while a network trains on the device; None: float32.

    bfloat16 on CUDA, float16 on GPUs that are too old for it.
    """
    if device.type != "cuda":
        return None
    with torch.cuda.device(device):
        able = torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.bfloat16 if able else torch.float16


class MixedPrecision:
    """Automatic mixed precision of one training (Micikevicius et al. 2018); off on a CPU.

    Small gradients would be 0 in float16, so there the loss is scaled up before the backward pass
    and gradients are scaled down after it; a step whose gradients overflow is skipped.
    """

    def __init__(self, device: torch.device, short: torch.dtype | None = None) -> None:
        """`short` is the type to use; None: by the device."""
        self.kind, self.short = device.type, short or short_type(device)
        self._scaler: torch.amp.GradScaler | None = None
        if self.short == torch.float16:
            self._scaler = torch.amp.GradScaler(self.kind)

    def products(self) -> AbstractContextManager[object]:
        """Compute products in the short type while inside."""
        return torch.autocast(self.kind, self.short) if self.short else nullcontext()

    def backward(self, loss: Tensor) -> None:
        """Compute the gradients of `loss`, scaled where the type is float16."""
        torch.autograd.backward(self._scaler.scale(loss) if self._scaler else loss)

    def unscale(self, optimizer: torch.optim.Optimizer) -> None:
        """Scale the gradients back; to be called before they are clipped."""
        if self._scaler:
            self._scaler.unscale_(optimizer)

    def step(self, optimizer: torch.optim.Optimizer) -> None:
        """Take the optimiser's step, or skip it where gradients overflow."""
        if self._scaler is None:
            optimizer.step()
            return
        self._scaler.step(optimizer)
        self._scaler.update()

    def state(self) -> Tensor:
        """Scale of the loss, and steps since it last changed (2,)."""
        found = self._scaler.state_dict() if self._scaler else {}
        return torch.tensor([found.get("scale", 1.0), found.get("_growth_tracker", 0.0)])

    def restore(self, state: Tensor) -> None:
        """Go back to what `state` returned."""
        if self._scaler:
            scale, steps = state.tolist()
            known = {"scale": scale, "_growth_tracker": int(steps)}
            self._scaler.load_state_dict(self._scaler.state_dict() | known)
