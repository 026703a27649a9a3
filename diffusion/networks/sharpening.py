"""What the energies of a spectrogram's frames tell of a sound's envelope between the frames."""

from __future__ import annotations

import functools

import torch
from torch import Tensor
from torch.nn import functional as F

HOP, WINDOW = 300, 1_200  # samples, of the mel spectrogram
UPDATES = 100
TOLERANCE = 0.1  # nepers of energy: partials that beat change a frame's by so much, and more
_SILENT = 1e-12  # of the loudest frame's energy


def sharpened(envelope: Tensor, energies: Tensor) -> Tensor:
    """The envelope, changed until the frames of steady partials under it have these energies.

    A frame's energy is E_k = Σ_j A_kj p_j, where p_j is the mean of e² in a piece j and A_kj the
    energy of the window in it. The update of Richardson (1972) and Lucy (1974),

        p_j ← p_j Σ_k A_kj r_k / Σ_k A_kj,    r_k = E_k / Σ_i A_ki p_i,

    keeps p positive, and takes away what lies in a frame without energy: so an onset is found
    within the frame, whose window is 24 pieces wide. What the energies leave open stays as it is,
    and |ln r_k| is lessened by 0.1, so that beats of the partials are not taken for the envelope.

    Args:
        envelope: e, (B, J), the same number of pieces for each of K frames.
        energies: E, (B, K), in any unit.

    Returns:
        (B, J), with a peak of 1, as the attack of a note ends.
    """
    frames = energies.shape[1]
    parts = _window_parts(frames, envelope.shape[1] // frames).to(envelope)
    power = envelope.square()
    unit = (power @ parts.T).sum(dim=1, keepdim=True) / energies.sum(dim=1, keepdim=True)
    expected = unit * energies
    whole = parts.sum(dim=0)
    silent = _SILENT * expected.amax(dim=1, keepdim=True)
    for _ in range(UPDATES):
        log_ratios = (expected.maximum(silent) / (power @ parts.T).maximum(silent)).log()
        ratios = F.softshrink(log_ratios, TOLERANCE).exp()
        power = power * (ratios @ parts) / whole
    return (power / power.amax(dim=1, keepdim=True)).sqrt()


@functools.lru_cache(maxsize=8)
def _window_parts(frames: int, pieces: int) -> Tensor:
    """A, (K, pieces · K): frames are centred on their hops, and the ends of a sound mirrored."""
    reach = (WINDOW - HOP) // 2
    samples = torch.arange(frames * HOP, dtype=torch.float64)
    seen = F.pad(samples[None], (reach, reach), mode="reflect")[0].unfold(0, WINDOW, HOP)
    piece = (seen * pieces / HOP).long()
    squares = torch.hann_window(WINDOW, dtype=torch.float64).square().expand(frames, -1)
    parts = torch.zeros(frames, frames * pieces, dtype=torch.float64)
    return parts.scatter_add(1, piece, squares).float()
