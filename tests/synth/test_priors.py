import hashlib

import numpy as np
import pytest
import torch

from synth import Sound, render

OLD_FIELDS = ("f0", "num_harmonics", "inharmonicity", "filter_frequency", "filter_q")


def draw(count: int, prior: str, seed: int = 0) -> list[Sound]:
    generator = torch.Generator().manual_seed(seed)
    return [Sound.random(generator, prior) for _ in range(count)]  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def wide() -> list[Sound]:
    return draw(1000, "wide")


@pytest.mark.parametrize(
    ("prior", "first", "digest"),
    [
        ("harmonic", (164.813778, 11, 9.718379984e-4, 110.25, 4), "643e20ca5109fb27"),
        ("notebook", (164.813778, 11, 0.084, 110.25, 4), "66aab1f88e03f24c"),
    ],
)
def test_the_tutorials_laws_draw_what_they_always_drew(
    prior: str, first: tuple[float, ...], digest: str
) -> None:
    # A trained network depends on these very sounds: the record was made when it was trained.
    sounds = draw(1000, prior, seed=2024)
    assert [getattr(sounds[0], name) for name in OLD_FIELDS] == pytest.approx(first, rel=1e-6)
    rows = [[f"{getattr(s, name):.9g}" for name in OLD_FIELDS] for s in sounds]
    assert hashlib.sha256(repr(rows).encode()).hexdigest()[:16] == digest
    plain = [Sound(*(getattr(s, name) for name in OLD_FIELDS), series=prior) for s in sounds]  # type: ignore[arg-type]
    assert plain == sounds


def test_the_wide_law_spans_four_octaves_evenly(wide: list[Sound]) -> None:
    octaves = np.log2([sound.f0 / 55 for sound in wide])
    assert octaves.min() >= 0
    assert octaves.max() <= 4
    # 1,000 draws in 4 bins: 250 ± 14 each; five standard deviations.
    counts = np.histogram(octaves, 4, (0, 4))[0]
    assert np.abs(counts - 250).max() < 70


@pytest.mark.parametrize("name", [*Sound.RANGES, "amplitudes"])
def test_the_wide_law_varies_every_parameter(wide: list[Sound], name: str) -> None:
    values = {getattr(sound, name) for sound in wide}
    assert len(values) > 20


def test_wide_sounds_have_no_aliases(wide: list[Sound]) -> None:
    for sound in wide:
        frequencies, amplitudes = sound.sines(22050)
        assert frequencies.min() > 0
        assert frequencies.max() < 11025
        assert amplitudes.min() > 0
        assert sound.num_harmonics * sound.f0 <= 10_000


def test_wide_sounds_are_never_silent(wide: list[Sound]) -> None:
    for start in range(0, 1000, 250):
        waveforms = render(wide[start : start + 250], 1.0, normalize=False)
        peaks = np.abs(waveforms).max(axis=1)
        rms = np.sqrt(np.mean((waveforms / peaks[:, None]) ** 2, axis=1))
        assert peaks.min() > 1e-3  # −60 dB: far above the renderers' rounding
        assert rms.min() > 0.01
