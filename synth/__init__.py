"""Additive sounds: their parameters, two renderers that agree, a data set and its metrics."""

from synth.dataset import SoundDataset, random_crops
from synth.griffin_lim import griffin_lim
from synth.harmonicity import harmonics_to_noise
from synth.held_out import HELD_OUT_SEEDS, held_out_sounds
from synth.laws import RandomLaw, midi_to_hz
from synth.listening import (
    Spectrograms,
    match_loudness,
    pooled_mels,
    pooled_spectra,
    pooled_spectrograms,
)
from synth.mel import log_mel, mel_crops
from synth.mel_consistency import match_mel
from synth.metrics import log_spectra, sliced_wasserstein, spectral_distance_ratio
from synth.nearest import nearest_member
from synth.own_sound import load_sound
from synth.partials import detuning, noise_between_partials, partial_errors
from synth.pyo_renderer import render_pyo
from synth.render import Renderer, render
from synth.sound import Law, Sound
from synth.vectorized_renderer import render_vectorized
from synth.vocoder_errors import VocoderErrors, vocoder_errors
from synth.vocoder_metrics import (
    f0_error,
    log_mel_distance,
    multi_resolution_stft,
    spectral_convergence,
)

__all__ = [
    "HELD_OUT_SEEDS",
    "Law",
    "RandomLaw",
    "Renderer",
    "Sound",
    "SoundDataset",
    "Spectrograms",
    "VocoderErrors",
    "detuning",
    "f0_error",
    "griffin_lim",
    "harmonics_to_noise",
    "held_out_sounds",
    "load_sound",
    "log_mel",
    "log_mel_distance",
    "log_spectra",
    "match_loudness",
    "match_mel",
    "mel_crops",
    "midi_to_hz",
    "multi_resolution_stft",
    "nearest_member",
    "noise_between_partials",
    "partial_errors",
    "pooled_mels",
    "pooled_spectra",
    "pooled_spectrograms",
    "random_crops",
    "render",
    "render_pyo",
    "render_vectorized",
    "sliced_wasserstein",
    "spectral_convergence",
    "spectral_distance_ratio",
    "vocoder_errors",
]
