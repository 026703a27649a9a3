"""A folder of recordings as a training set: decoded once, and read back from disk as needed.

Not by `datasets`' AudioFolder: it brings a table format and a second decoder to install, and reads
a whole file for each piece. libsndfile and soxr, which are here already, decode each file once.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile
import torch
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from synth import _checks
from synth._cache import alone_in, default_cache_dir, whole_file
from synth.features.mel import SAMPLE_RATE

SUFFIXES = (".wav", ".flac")
VERSION = 2
"""Raise it whenever the decoding changes: old caches are then made again."""

_BLOCK = 2**20
_FULL_SCALE = 32_767


class RecordingSet:
    """All wav and flac files in a folder, one channel at 22,050 Hz, in one memory-mapped file.

    Channels are averaged, the recordings' own peaks stay, and samples are stored in 16 bits: 159 MB
    an hour. As long as no file changes, the same folder finds the same file again.

    Attributes:
        files: the recordings, by their names.
        lengths: samples of each.
        samples: all of them, one after the other, int16.
        digest: of lengths and samples, wherever the files lie and whatever they are named.
    """

    def __init__(
        self, folder: str | os.PathLike[str], cache_dir: str | os.PathLike[str] | None = None
    ) -> None:
        """Decode the folder unless it is in the cache.

        Args:
            folder: is searched with all folders in it.
            cache_dir: by default `default_cache_dir()`.

        Raises:
            ValueError: If there is no such file, or one of them is broken.
        """
        self.folder = Path(folder)
        self.files = sorted(
            path for path in self.folder.rglob("*") if path.suffix.lower() in SUFFIXES
        )
        if not self.files:
            raise ValueError(f"there is no wav or flac file in {self.folder}")
        cache = default_cache_dir() if cache_dir is None else Path(cache_dir)
        self.path = cache / f"recordings-{self._key()}.raw"
        facts = self.path.with_suffix(".json")
        with alone_in(cache):
            if not (self.path.is_file() and facts.is_file()):
                lengths, digest = self._decode()
                with whole_file(facts) as file:
                    file.write(json.dumps({"lengths": lengths, "digest": digest}).encode())
        known = json.loads(facts.read_text())
        self.lengths: NDArray[np.int64] = np.array(known["lengths"], dtype=np.int64)
        self.digest: str = known["digest"]
        self.samples: NDArray[np.int16] = np.memmap(self.path, "<i2", "r")

    @property
    def seconds(self) -> float:
        """The duration of all recordings together."""
        return float(self.lengths.sum() / SAMPLE_RATE)

    def pieces(self, length: int, count: int, generator: torch.Generator) -> Tensor:
        """Random pieces of the recordings, each place in each of them as likely as any other.

        Args:
            length: Samples of a piece.
            count: How many, drawn with replacement.
            generator: On the CPU, the only source of randomness.

        Returns:
            float32 (count, length), in [-1, 1].

        Raises:
            ValueError: If a recording is shorter than a piece.
        """
        length = _checks.whole("length", length, 1, 10**9)
        places = self.lengths - length + 1
        if (places < 1).any():
            short = [path for path, room in zip(self.files, places, strict=True) if room < 1]
            raise ValueError(
                f"a recording must last {length / SAMPLE_RATE:.2f} s at least; shorter are "
                f"{len(short)} of {len(self.files)}, the first is {short[0]}"
            )
        ends = places.cumsum()
        drawn = torch.randint(int(ends[-1]), (count,), generator=generator).numpy()
        recording = np.searchsorted(ends, drawn, side="right")
        offset = drawn - (ends - places)[recording]
        starts = (self.lengths.cumsum() - self.lengths)[recording] + offset
        found = np.stack([self.samples[start : start + length] for start in starts])
        return torch.from_numpy(found.astype(np.float32) / _FULL_SCALE)

    def _key(self) -> str:
        """Changes with every file that is added, removed or written again."""
        facts = [VERSION, str(self.folder.resolve())]
        for path in self.files:
            status = path.stat()
            facts += [str(path.relative_to(self.folder)), status.st_size, status.st_mtime_ns]
        return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]

    def _decode(self) -> tuple[list[int], str]:
        """Write the file of samples, and return the length of each recording, and the digest."""
        lengths = []
        digest = hashlib.sha256()
        with whole_file(self.path) as file:
            for path in tqdm(self.files, "reading recordings", disable=None, leave=False):
                written = 0
                for block in _decoded(path):
                    rounded = np.round(block.clip(-1, 1) * _FULL_SCALE).astype("<i2")
                    file.write(rounded.tobytes())
                    digest.update(rounded.tobytes())
                    written += len(rounded)
                lengths.append(written)
        digest.update(repr(lengths).encode())
        return lengths, digest.hexdigest()[:16]


def _decoded(path: Path) -> Iterator[NDArray[np.float32]]:
    """One recording at 22,050 Hz, a block at a time.

    Raises:
        ValueError: If it is broken, in one sentence with its name.
    """
    import soxr

    try:
        with soundfile.SoundFile(path) as file:
            resampler = soxr.ResampleStream(file.samplerate, SAMPLE_RATE, 1, dtype="float32")
            left = file.frames
            while left:
                block = file.read(_BLOCK, dtype="float32", always_2d=True)
                left -= len(block)
                if not len(block):
                    raise ValueError(f"{path} is broken: {left} of its samples are missing")
                if not np.isfinite(block).all():
                    raise ValueError(f"{path} must hold finite samples, got nan or infinity")
                yield resampler.resample_chunk(block.mean(axis=1), last=not left)
    except soundfile.LibsndfileError as error:
        raise ValueError(f"{path} cannot be read as wav or flac: {error}") from error
