"""Randomness, from explicit generators only."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

Generators = torch.Generator | Sequence[torch.Generator] | None
"""One generator for a batch, one for each sample (so that sample i does not depend on the size of
the batch), or None for torch's global one."""


def randn(shape: Sequence[int], generator: Generators, like: Tensor) -> Tensor:
    """Draw N(0, I) of `shape`, with the dtype and on the device of `like`.

    It is drawn where the generator lives, so that a seed on the CPU gives the same on every device.

    Raises:
        ValueError: if the number of generators is not that of the samples.
    """
    if generator is None or isinstance(generator, torch.Generator):
        device = like.device if generator is None else generator.device
        noise = torch.randn(tuple(shape), generator=generator, dtype=like.dtype, device=device)
        return noise.to(like.device)
    if len(generator) != shape[0]:
        raise ValueError(f"{len(generator)} generators for {shape[0]} samples: give one for each")
    return torch.stack([randn(shape[1:], each, like) for each in generator])
