"""Real sounds, made again from their mels: `python -m benchmarks.real_sounds [FILE …]`.

Six steps of DPM-Solver++(2M), each x̂_0 projected onto the mel, by both vocoders, and Griffin-Lim.
Without files they are the recordings that come with Gradio and pyo, which are read where these are
installed, and speech by espeak-ng where that program is found. Of each, up to four seconds are
read, as on the page. "Unlike" is what the page says of it: unlike the training data.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

import diffusion
from benchmarks.likeness import packaged_recordings
from diffusion.waveform.likeness import UNLIKE_BELOW, likeness
from diffusion.waveform.vocoder_quality import SIX
from synth import (
    griffin_lim,
    load_sound,
    log_mel,
    log_mel_distance,
    multi_resolution_stft,
    spectral_convergence,
)
from synth.features.mel import SAMPLE_RATE
from synth.recordings import RECORDINGS

Array = npt.NDArray[np.float32]

MEASURES = {
    "log-mel L1": log_mel_distance,
    "convergence": spectral_convergence,
    "STFT": multi_resolution_stft,
}
VOCODERS = ("vocoder-wavegrad", "vocoder-harmonic")
SPEECH = {
    "en-us": "Noise becomes a sound, one step after another.",
    "en-us+f3": "What did the mel spectrogram leave out?",
    "de": "Aus Rauschen wird Schritt für Schritt ein Klang.",
}
"""What espeak-ng says, by its voices."""


def speech(folder: Path) -> Iterator[Path]:
    """A file of each of `SPEECH`; none where espeak-ng is not found, which is printed."""
    program = shutil.which("espeak-ng")
    if program is None:
        print("espeak-ng was not found: no synthetic speech.\n")
        return
    for voice, text in SPEECH.items():
        path = folder / f"espeak-ng {voice}.wav"
        subprocess.run([program, "-v", voice, "-w", path, text], check=True)
        yield path


def default_sounds(folder: Path) -> list[Path]:
    """The page's recordings, then the other ones that are installed, then synthetic speech."""
    return list(dict.fromkeys([*RECORDINGS.values(), *packaged_recordings(), *speech(folder)]))


def errors(wave: Array) -> dict[str, list[float]]:
    """The `MEASURES` of a sound (T,) by each vocoder, and by Griffin-Lim."""
    waves = wave[None]
    makers: dict[str, Callable[[], Array]] = {
        name: partial(SIX.sample, diffusion.load(name), waves) for name in VOCODERS
    }
    makers["Griffin-Lim"] = partial(griffin_lim, log_mel(torch.from_numpy(waves)), len(wave))
    result = {}
    for name, make in makers.items():
        made = make()
        result[name] = [float(measure(made, waves)[0]) for measure in MEASURES.values()]
    return result


def wins(found: list[dict[str, list[float]]]) -> Iterator[str]:
    """On how many sounds each vocoder has the smaller error, a measure after the other."""
    for name in VOCODERS:
        for i, measure in enumerate(MEASURES):
            won = sum(each[name][i] < each["Griffin-Lim"][i] for each in found)
            yield f"{name}, {measure}: better than Griffin-Lim on {won} of {len(found)}"


def main(arguments: list[str] | None = None) -> None:
    """Print the table, a sound as soon as it is known, the means, and the comparison."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.real_sounds", description=__doc__)
    parser.add_argument("files", type=Path, nargs="*", metavar="FILE")
    files = parser.parse_args(arguments).files
    torch.set_num_threads(1)
    reader = diffusion.load("vocoder-harmonic")
    with tempfile.TemporaryDirectory() as folder:
        sounds = [(path.name, load_sound(path)) for path in files or default_sounds(Path(folder))]
    makers = (*VOCODERS, "Griffin-Lim")
    print(f"Each cell: {', '.join(makers)}.\n")
    columns = ("sound", "s", "likeness", "unlike", *MEASURES)
    print("| " + " | ".join(columns) + " |\n|" + " --- |" * len(columns))
    found = []
    for name, wave in sounds:
        score = float(likeness(reader, torch.from_numpy(wave)[None]))
        unlike = "yes" if score < UNLIKE_BELOW else "no"
        found.append(errors(wave))
        facts = f"{name} | {len(wave) / SAMPLE_RATE:.1f} | {score:.1f} | {unlike}"
        print(f"| {facts} | {cells(found[-1])} |", flush=True)
    means = {name: list(np.mean([each[name] for each in found], axis=0)) for name in makers}
    print(f"| mean of {len(found)} | | | | {cells(means)} |\n")
    print("\n".join(wins(found)))


def cells(numbers: dict[str, list[float]]) -> str:
    """A cell for each measure, with the number of each maker."""
    by_measure = zip(*numbers.values(), strict=True)
    return " | ".join(", ".join(f"{number:.2f}" for number in each) for each in by_measure)


if __name__ == "__main__":
    main()
