"""WRONG ON PURPOSE: the tutorial's mistakes with sounds, each beside the right way.

Never build on this module. Wrong and right run from one seed and differ in one line.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from diffusion.mistakes.comparison import Line, Mistake
from diffusion.mistakes.registry import diffuse, diffuse_by_beta
from diffusion.waveform import gate_mistakes, segment_mistakes, sound_takes
from diffusion.waveform import sampling_mistakes as wavegrad_mistakes
from diffusion.waveform.sound_takes import Take
from synth import mistakes


def _pair(
    take: Callable[..., Take],
    wrong: Callable[..., object],
    right: Callable[..., object],
    piece: str,
    measure: str,
) -> Mistake[Take]:
    return Mistake(
        partial(take, wrong),
        partial(take, right),
        Line(wrong, piece),
        Line(right, piece),
        measure,
    )


SOUND_MISTAKES: dict[str, Mistake[Take]] = {
    "16-bit file, not in range": _pair(
        partial(sound_takes.kept, wrong=mistakes.file_as_it_comes),
        mistakes.file_as_it_comes,
        mistakes.file_in_range,
        "samples = ",
        sound_takes.DISTORTION,
    ),
    "max for max |y|": _pair(
        partial(sound_takes.kept, wrong=mistakes.divided_by_max),
        mistakes.divided_by_max,
        mistakes.divided_by_peak,
        "samples = ",
        sound_takes.BEYOND,
    ),
    "partials even, B not used": _pair(
        sound_takes.partials,
        mistakes.even_partials,
        mistakes.stretched_partials,
        "made = ",
        sound_takes.ODD,
    ),
    "frames of 11 ms": _pair(
        sound_takes.framed,
        mistakes.frames_of_11_ms,
        mistakes.frames_of_a_second,
        "frames = ",
        sound_takes.PERIODS,
    ),
    "β for √β": Mistake(
        partial(sound_takes.diffused, diffuse_by_beta),
        partial(sound_takes.diffused, diffuse),
        Line(diffuse_by_beta, "beta * randn"),
        Line(diffuse, "beta**0.5 * randn"),
        sound_takes.X_T_STD,
    ),
    "schedule short of noise": _pair(
        sound_takes.generated,
        wavegrad_mistakes.short_schedule,
        wavegrad_mistakes.full_schedule,
        "schedule = ",
        sound_takes.HARMONICITY,
    ),
    "noisiest segment not trained": _pair(
        sound_takes.denoised_once,
        segment_mistakes.segments_as_drawn,
        segment_mistakes.all_segments,
        "segments = ",
        "relative error of the predicted noise, noisiest segment",
    ),
    "range of √ᾱ without width": _pair(
        sound_takes.denoised_once,
        segment_mistakes.range_as_printed,
        segment_mistakes.range_between_steps,
        "between = ",
        "relative error of the predicted noise, noisiest segment",
    ),
    "noisiest step skipped": _pair(
        sound_takes.vocoded,
        segment_mistakes.without_noisiest,
        segment_mistakes.all_steps,
        "visited = ",
        "log-mel distance, nepers",
    ),
    "gates that hardly condition": _pair(
        sound_takes.denoised,
        gate_mistakes.gates_of_noise_level,
        gate_mistakes.gates_of_an_encoding,
        "gates: Tensor = ",
        "relative error of the predicted noise, mean over the steps",
    ),
    "batch norm in training mode": _pair(
        sound_takes.generated,
        wavegrad_mistakes.batch_norm_in_training,
        wavegrad_mistakes.batch_norm_in_evaluation,
        "network = ",
        sound_takes.HARMONICITY,
    ),
}
"""Every mistake by its name."""

FITTED_TO_LEVELS = (
    segment_mistakes.denoise_once,
    gate_mistakes.gated_filter,
    gate_mistakes.best_weights,
)

FURTHER_CODE: dict[str, tuple[Callable[..., object], ...]] = {
    "noisiest segment not trained": FITTED_TO_LEVELS,
    "range of √ᾱ without width": FITTED_TO_LEVELS,
    "noisiest step skipped": (segment_mistakes.vocode_down,),
    "gates that hardly condition": (gate_mistakes.gated_filter, gate_mistakes.best_weights),
    "batch norm in training mode": (wavegrad_mistakes.with_batch_norm,),
}
"""What else ran and should be read."""
