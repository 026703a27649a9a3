"""Additive sounds: their parameters, two renderers that agree, a data set and its metrics."""

from synth.dataset import SoundDataset, random_crops
from synth.harmonicity import harmonics_to_noise
from synth.held_out import HELD_OUT_SEEDS, held_out_sounds
from synth.laws import RandomLaw, midi_to_hz
from synth.listening import match_loudness, pooled_spectra
from synth.mel import log_mel, mel_crops
from synth.metrics import log_spectra, sliced_wasserstein, spectral_distance_ratio
from synth.nearest import nearest_member
from synth.pyo_renderer import render_pyo
from synth.render import Renderer, render
from synth.sound import Law, Sound
from synth.vectorized_renderer import render_vectorized

__all__ = [
    "HELD_OUT_SEEDS",
    "Law",
    "RandomLaw",
    "Renderer",
    "Sound",
    "SoundDataset",
    "harmonics_to_noise",
    "held_out_sounds",
    "log_mel",
    "log_spectra",
    "match_loudness",
    "mel_crops",
    "midi_to_hz",
    "nearest_member",
    "pooled_spectra",
    "random_crops",
    "render",
    "render_pyo",
    "render_vectorized",
    "sliced_wasserstein",
    "spectral_distance_ratio",
]
