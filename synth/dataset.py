"""A data set of random sounds, rendered once and read back from disk as needed."""

import hashlib
import os
from pathlib import Path
from typing import get_args

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from synth import _checks
from synth._cache import alone_in, default_cache_dir, whole_file
from synth.held_out import HELD_OUT_SEEDS
from synth.priors import Prior
from synth.rendering.render import render
from synth.sound import Sound

PRIOR_VERSION = 2
"""Raise it whenever `Sound.random` or a renderer changes: old caches are then rendered again."""

_CHUNK = 512


class SoundDataset(torch.utils.data.Dataset[tuple[Tensor, int]]):
    """Random sounds and their waveforms: item i is (float32 tensor (samples,), i).

    The waveforms lie in one memory-mapped file, so that a large set costs no memory; the same
    arguments find the same file again.

    Attributes:
        sounds: The parameters, one `Sound` per item.
        waveforms: Read-only array (count, samples), each sound scaled to a peak of 1.
        path: The cache file.
    """

    def __init__(
        self,
        count: int,
        duration: float = 0.5,
        seed: int = 0,
        prior: Prior = "harmonic",
        sample_rate: int = 22050,
        cache_dir: str | os.PathLike[str] | None = None,
    ) -> None:
        """Draw the sounds, and render them unless an intact cache file is there.

        Args:
            count: Number of sounds, 1 to 1,000,000.
            duration: Seconds per sound, in (0, 10].
            seed: Of the random sounds, in [0, 2⁶³), but none of `HELD_OUT_SEEDS`.
            prior: The prior of `Sound.random`.
            sample_rate: Whole Hz, in [8000, 96000].
            cache_dir: Folder for the cache file; by default `default_cache_dir()`.

        Raises:
            ValueError: If an argument is out of range.
        """
        count = _checks.whole("count", count, 1, 1_000_000)
        seed = _checks.whole("seed", seed, 0, 2**63 - 1)
        if seed % 2**32 in HELD_OUT_SEEDS:
            raise ValueError(f"seed must not be one of the held-out ones, got {seed}")
        _checks.one_of("prior", prior, get_args(Prior))
        self.duration = _checks.number("duration", duration, 0, 10, exclude_low=True)
        self.sample_rate = _checks.whole("sample_rate", sample_rate, 8000, 96000)

        generator = torch.Generator().manual_seed(seed)
        self.sounds = [Sound.random(generator, prior) for _ in range(count)]
        settings = (PRIOR_VERSION, count, self.duration, seed, prior, self.sample_rate)
        key = hashlib.sha256(repr(settings).encode()).hexdigest()[:16]
        folder = default_cache_dir() if cache_dir is None else Path(cache_dir)
        self.path = folder / f"sounds-{key}.npy"
        if not self._is_intact():
            self._render_all()
        self.waveforms: NDArray[np.float32] = np.load(self.path, mmap_mode="r")

    def __len__(self) -> int:
        return len(self.sounds)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        index = range(len(self))[index]
        return torch.from_numpy(self.waveforms[index].copy()), index

    def _render(self, sounds: list[Sound]) -> NDArray[np.float32]:
        return render(sounds, self.duration, self.sample_rate)

    def _is_intact(self) -> bool:
        """Whether the cache file has the right shape, and some of its sounds the right samples."""
        try:
            cached = np.load(self.path, mmap_mode="r")
        except (OSError, ValueError, EOFError):  # missing, cut short, or not an array
            return False
        # First, middle and last: a file whose writing was cut off by the system ends in zeros.
        rows = sorted({0, len(self) // 2, len(self) - 1})
        fresh = self._render([self.sounds[row] for row in rows])
        return (
            cached.dtype == np.float32
            and cached.shape == (len(self), fresh.shape[1])
            and np.allclose(cached[rows], fresh, atol=1e-4)
        )

    def _render_all(self) -> None:
        """Write the cache file; of several processes that want it one renders."""
        with alone_in(self.path.parent):
            if not self._is_intact():
                self._write()

    def _write(self) -> None:
        starts = tqdm(range(0, len(self), _CHUNK), "rendering sounds", disable=None, leave=False)
        with whole_file(self.path) as file:
            for start in starts:
                waveforms = self._render(self.sounds[start : start + _CHUNK])
                if start == 0:
                    shape = (len(self), waveforms.shape[1])
                    header = {"descr": "<f4", "fortran_order": False, "shape": shape}
                    np.lib.format.write_array_header_1_0(file, header)
                file.write(waveforms.astype("<f4", copy=False).tobytes())


def random_crops(
    waveforms: Tensor, length: int, batch_size: int, generator: torch.Generator
) -> Tensor:
    """Random pieces of random waveforms, the training batches of a model of short frames.

    Args:
        waveforms: Tensor (N, L).
        length: Samples per piece, 1 to L.
        batch_size: Number of pieces B, drawn with replacement.
        generator: The only source of randomness.

    Returns:
        Tensor (B, length), like `waveforms` in type and device.

    Raises:
        ValueError: If a shape or number is out of range.
    """
    if waveforms.ndim != 2 or waveforms.numel() == 0:
        raise ValueError(f"waveforms must have shape (N, L), got {tuple(waveforms.shape)}")
    count, available = waveforms.shape
    length = _checks.whole("length", length, 1, available)
    batch_size = _checks.whole("batch_size", batch_size, 1, 1_000_000)

    def draw(high: int) -> Tensor:
        drawn = torch.randint(high, (batch_size, 1), generator=generator, device=generator.device)
        return drawn.to(waveforms.device)

    rows, starts = draw(count), draw(available - length + 1)
    return waveforms[rows, starts + torch.arange(length, device=waveforms.device)]
