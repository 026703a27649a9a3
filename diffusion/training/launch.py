"""How a training was started: on what device, in what precision, in how many processes."""

from __future__ import annotations

import platform
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar, get_args

import torch
from torch import distributed

from diffusion.device import resolve

if TYPE_CHECKING:
    from accelerate import Accelerator

MixedPrecision = Literal["no", "bf16", "fp16"]

Result = TypeVar("Result")

CPU_INFO = Path("/proc/cpuinfo")
BF16_FLAGS = {"avx512_bf16", "amx_bf16", "bf16"}  # of x86, x86 and ARM


def make_accelerator(
    device: str,
    mixed_precision: MixedPrecision | None = None,
    gradient_accumulation_steps: int | None = None,
) -> Accelerator:
    """Hugging Face Accelerate's view of the device and the processes.

    Args:
        device: "auto", "cpu" or "cuda".
        mixed_precision: None is what `accelerate launch` was given, or else "no".
        gradient_accumulation_steps: parts in which a process computes its rows of a batch; None is
            `ACCELERATE_GRADIENT_ACCUMULATION_STEPS`, or else 1.

    Raises:
        ValueError: for a device that is not there, less than one part, or what a launcher was given
            and `Trainer` cannot do.
    """
    from accelerate import Accelerator, DistributedType  # takes a second to import
    from accelerate.utils import DistributedDataParallelKwargs, GradientAccumulationPlugin

    parts = gradient_accumulation_steps
    if parts is not None and parts < 1:
        raise ValueError(f"gradient_accumulation_steps must be >= 1, got {parts}")
    no_copy = DistributedDataParallelKwargs(gradient_as_bucket_view=True)
    accelerator = Accelerator(
        # Left to itself, Accelerate would take a Mac's GPU, which does not know float64.
        cpu=resolve(device) == "cpu",
        mixed_precision=mixed_precision,
        gradient_accumulation_plugin=parts and GradientAccumulationPlugin(num_steps=parts),
        kwargs_handlers=[no_copy],
    )
    # Products of 10 bits of mantissa, as cuDNN's convolutions are: seven times as many a second on
    # an H100 (`benchmarks.gpu`). `Trainer` draws its batches in all digits.
    torch.backends.cuda.matmul.allow_tf32 = True
    if accelerator.mixed_precision not in get_args(MixedPrecision):
        raise ValueError(
            f"mixed precision must be one of {get_args(MixedPrecision)}, "
            f"got {accelerator.mixed_precision!r} from the launcher"
        )
    if accelerator.mixed_precision == "fp16" and accelerator.device.type == "cpu":
        # Accelerate would compute in float32 and say nothing.
        raise ValueError("mixed precision fp16 needs a GPU: on a CPU take bf16 or no")
    known = (DistributedType.NO, DistributedType.MULTI_CPU, DistributedType.MULTI_GPU)
    if accelerator.distributed_type not in known:
        raise ValueError(
            "each process trains a whole copy of the network: it cannot be split by "
            f"{accelerator.distributed_type.value}, as the launcher wants"
        )
    return accelerator


def leave_processes() -> None:
    """Say goodbye to the other processes, if there are any: NCCL complains of those who do not."""
    if distributed.is_available() and distributed.is_initialized():
        distributed.destroy_process_group()


def in_first_process(accelerator: Accelerator, action: Callable[[], Result]) -> Result | None:
    """The result of an action in the first process, None in the others.

    What goes wrong in it, a ValueError or an OSError, is raised in all of them.
    """
    from accelerate.utils import broadcast_object_list

    result = None
    failure: list[Exception | None] = [None]
    if accelerator.is_main_process:
        try:
            result = action()
        except (ValueError, OSError) as error:
            failure = [error]
    broadcast_object_list(failure)
    if failure[0] is not None:
        raise failure[0]
    return result


def bf16_is_slow(device: torch.device) -> bool:
    """Whether a CPU is known to have no instructions for bfloat16: it takes 8 to 11 × as long."""
    if device.type != "cpu" or not CPU_INFO.is_file():
        return False
    return not BF16_FLAGS & set(CPU_INFO.read_text().split())


def machine_name(device: torch.device) -> str:
    """The GPU's name, or the kind of CPU."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"CPU, {platform.machine()}"
