"""Additive sounds: their parameters, two renderers that agree, a data set and its metrics."""

from synth.dataset import SoundDataset, random_crops
from synth.features.griffin_lim import griffin_lim
from synth.features.listening import (
    Spectrograms,
    pooled_mels,
    pooled_spectra,
    pooled_spectrograms,
)
from synth.features.loudness import (
    common_gain,
    loudness,
    match_loudness,
    match_residuals,
    match_together,
)
from synth.features.mel import log_mel, mel_crops
from synth.features.mel_projection import match_mel
from synth.held_out import CHOICE_SEEDS, HELD_OUT_SEEDS, REPORT_SEEDS, held_out_sounds
from synth.metrics.attack import attack_error, pre_echo
from synth.metrics.harmonicity import harmonics_to_noise
from synth.metrics.nearest_member import nearest_member
from synth.metrics.partial_errors import (
    detuning,
    noise_between_partials,
    noise_between_peaks,
    partial_errors,
)
from synth.metrics.spectral_distance import log_spectra, sliced_wasserstein, spectral_distance_ratio
from synth.metrics.spectrogram_distance import (
    f0_error,
    log_mel_distance,
    multi_resolution_stft,
    spectral_convergence,
)
from synth.metrics.vocoder_errors import VocoderErrors, vocoder_errors
from synth.priors import Prior, midi_to_hz
from synth.recordings import load_excerpt, load_sound
from synth.rendering.pyo_renderer import render_pyo
from synth.rendering.render import Renderer, render
from synth.rendering.vectorized_renderer import render_vectorized
from synth.sound import PartialSeries, Sound

__all__ = [
    "CHOICE_SEEDS",
    "HELD_OUT_SEEDS",
    "REPORT_SEEDS",
    "PartialSeries",
    "Prior",
    "Renderer",
    "Sound",
    "SoundDataset",
    "Spectrograms",
    "VocoderErrors",
    "attack_error",
    "common_gain",
    "detuning",
    "f0_error",
    "griffin_lim",
    "harmonics_to_noise",
    "held_out_sounds",
    "load_excerpt",
    "load_sound",
    "log_mel",
    "log_mel_distance",
    "log_spectra",
    "loudness",
    "match_loudness",
    "match_mel",
    "match_residuals",
    "match_together",
    "mel_crops",
    "midi_to_hz",
    "multi_resolution_stft",
    "nearest_member",
    "noise_between_partials",
    "noise_between_peaks",
    "partial_errors",
    "pooled_mels",
    "pooled_spectra",
    "pooled_spectrograms",
    "pre_echo",
    "random_crops",
    "render",
    "render_pyo",
    "render_vectorized",
    "sliced_wasserstein",
    "spectral_convergence",
    "spectral_distance_ratio",
    "vocoder_errors",
]


def __dir__() -> list[str]:
    """What is public: submodules that an import has left here are not."""
    return __all__
