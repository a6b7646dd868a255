"""Choice and description of the device to train on.

Imports PyTorch only where there may be a GPU: it takes seconds.
"""

from __future__ import annotations

import platform
from pathlib import Path

from automl_core.errors import SpecError

_SIGNS = ("/dev/nvidiactl", "/dev/nvidia0", "/dev/kfd", "/dev/dxg")
"""Files that Linux has where there is a GPU that PyTorch could use."""


def pick_device(wanted: str) -> str:
    """The torch device for "auto", "cpu", "cuda", "cuda:1" or "mps".

    "auto" takes the first GPU where there is one. Raises SpecError where the device asked for
    is not there.
    """
    name, _, number = wanted.partition(":")
    if wanted == "auto":
        return next(iter(find_gpus(wanted)), "cpu")
    if wanted == "cpu":
        return "cpu"
    import torch

    if name == "cuda" and (number or "0").isdecimal():
        if int(number or 0) < torch.cuda.device_count():
            return f"cuda:{int(number or 0)}"
        found = torch.cuda.device_count()
        raise SpecError(f"The device {wanted!r} is not there: {found} GPUs found.", "Use 'cpu'.")
    if wanted == "mps":
        if torch.backends.mps.is_available():
            return "mps"
        raise SpecError("The device 'mps' is not there.", "Use 'cpu'.")
    raise SpecError(f"There is no device {wanted!r}.", "Use 'auto', 'cpu', 'cuda' or 'mps'.")


def find_gpus(wanted: str) -> tuple[str, ...]:
    """The GPUs that "auto", "cuda", "cuda:1" or "mps" may mean here: "cuda:0", or "mps"."""
    if not may_have_gpu(wanted):
        return ()
    import torch

    found = [f"cuda:{i}" for i in range(torch.cuda.device_count())]
    if torch.backends.mps.is_available():
        found.append("mps")
    return tuple(gpu for gpu in found if wanted in ("auto", gpu, gpu.partition(":")[0]))


def may_have_gpu(wanted: str) -> bool:
    """False where no GPU can be meant or found, so that PyTorch need not be imported to look."""
    if wanted != "auto":
        return wanted != "cpu"
    return platform.system() != "Linux" or any(Path(sign).exists() for sign in _SIGNS)


def describe_device(device: str) -> str:
    """ "cuda:0: NVIDIA ...", or "cpu: x86_64"."""
    if device.startswith("cuda"):
        import torch

        return f"{device}: {torch.cuda.get_device_name(torch.device(device))}"
    return f"{device}: {platform.machine()}"


def warm_up() -> None:
    """Give this process one thread, as a worker has one core, and pay torch's first step now."""
    import torch

    torch.set_num_threads(1)
    layer = torch.nn.Linear(8, 8)
    layer(torch.ones(8, 8)).sum().backward()
    torch.optim.AdamW(layer.parameters(), fused=True).step()
