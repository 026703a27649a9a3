import math
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import scipy  # and its filters where they are used: they take a second
import torch
from hypothesis import example, given
from hypothesis import strategies as st

from synth import Prior, Renderer, Sound, render
from synth.rendering import biquad, vectorized_renderer
from synth.rendering.biquad import bandpass

TOLERANCE = 5e-4
LOUD = Sound(110, 20, 0.0, 440, 1)
SOFT = Sound(220, 1, 0.0, 1102.5, 10)
FADED = Sound(180, 4, 0.0, 300, 2, attack=0.01, sustain=0.5, release=0.05, second_level=1)


def random_sounds(count: int, seed: int = 0, prior: Prior = "harmonic") -> list[Sound]:
    generator = torch.Generator().manual_seed(seed)
    return [Sound.random(generator, prior) for _ in range(count)]


@pytest.mark.parametrize("prior", ["harmonic", "notebook"])
def test_the_vectorised_renderer_agrees_with_pyo(prior: Prior) -> None:
    sounds = random_sounds(200, 1, prior)
    expected = render(sounds, renderer="pyo", normalize=False)
    assert expected.shape == (200, 11025)
    assert np.abs(render(sounds, normalize=False) - expected).max() <= TOLERANCE


def test_the_vectorised_renderer_agrees_on_every_parameter_for_a_second() -> None:
    sounds = random_sounds(200, 1, "wide")
    expected = render(sounds, 1.0, renderer="pyo", normalize=False)
    assert expected.shape == (200, 22050)
    assert np.abs(render(sounds, 1.0, normalize=False) - expected).max() <= TOLERANCE


@pytest.mark.parametrize("prior", get_args(Prior))
def test_the_vectorised_renderer_agrees_for_four_seconds(prior: Prior) -> None:
    # The oscillators' drift grows with time; in seed 3 is a sound whose drift is hard to measure.
    stiff = Sound(98, 20, 0.031, 992.25, 1, series="notebook")
    sounds = [stiff, *random_sounds(60, 3, prior)]
    expected = render(sounds, 4.0, renderer="pyo")
    assert expected.shape == (61, 88_200)
    assert np.abs(render(sounds, 4.0) - expected).max() <= TOLERANCE


@pytest.mark.parametrize(
    "changes",
    [
        {"attack": 0.1},
        {"decay": 0.05, "sustain": 0.2},
        {"sustain": 0.5},
        {"release": 0.15},
        {"attack": 0.15, "decay": 0.3, "sustain": 0.1, "release": 0.19},  # longer than the sound
        {"attack": 0.3, "decay": 1.0, "sustain": 0.0, "release": 0.3},
        {"second_interval": -24.0, "second_level": 1.0},
        {"spectral_slope": 12.0},
        {"odd_even_balance": -1.0},
        {"amplitudes": (0.0, 1.0, 0.5)},
    ],
)
def test_the_vectorised_renderer_agrees_on_each_parameter(changes: dict[str, object]) -> None:
    sound = Sound(150, 3, 0.0005, 400, 2, **changes)  # type: ignore[arg-type]
    expected = render(sound, 0.2, renderer="pyo", normalize=False)
    assert np.abs(expected).max() > 0.01
    assert np.abs(render(sound, 0.2, normalize=False) - expected).max() <= TOLERANCE
    plain = render(Sound(150, 3, 0.0005, 400, 2), 0.2, renderer="pyo", normalize=False)
    assert np.abs(plain - expected).max() > 0.1


@pytest.mark.parametrize("sample_rate", [8000, 16000, 44100])
def test_the_vectorised_renderer_agrees_at_other_rates_and_durations(sample_rate: int) -> None:
    sounds = random_sounds(10, sample_rate)
    for duration in (0.0123, 0.3):
        vectorized = render(sounds, duration, sample_rate, normalize=False)
        pyo = render(sounds, duration, sample_rate, "pyo", normalize=False)
        assert vectorized.shape == pyo.shape == (10, round(duration * sample_rate))
        assert np.abs(vectorized - pyo).max() <= TOLERANCE


@pytest.mark.parametrize("sample_rate", [8000, 22050, 96000])
@pytest.mark.parametrize("f0", [20.0, 440.0, 3900.0])
@pytest.mark.parametrize(("frequency", "q"), [(100, 0.5), (3900, 0.5), (2000, 0.5), (1000, 50)])
def test_the_vectorised_renderer_is_the_filtered_sines_at_the_edges(
    sample_rate: int, f0: float, frequency: float, q: float
) -> None:
    sound = Sound(f0, 40, 0.0003, frequency, q)
    n = np.arange(round(0.1 * sample_rate))
    partials = sound.partial_frequencies(sample_rate)
    omega = 2 * np.pi / 512 * vectorized_renderer.oscillator_step(partials, len(n), sample_rate)
    sines = np.sin(n[:, None] * omega).sum(1)
    w0 = 2 * np.pi * frequency / sample_rate
    alpha = np.sin(w0) / 2 / q
    b, a = [alpha, 0, -alpha], [1 + alpha, -2 * np.cos(w0), 1 - alpha]
    expected = scipy.signal.lfilter(b, a, sines)
    actual = render(sound, 0.1, sample_rate, normalize=False)[0]
    assert np.abs(actual - expected).max() <= 1e-3 * np.abs(expected).max()


def test_the_filter_passes_its_centre_unchanged() -> None:
    gain, pole = bandpass(np.array([500.0]), np.array([3.0]), 22050)
    z = np.exp(2j * np.pi * np.array([500.0, 50.0]) / 22050)
    response = biquad.response(z, gain, pole)
    assert response[0] == pytest.approx(1, abs=1e-4)
    assert abs(response[1]) < 0.05


ALONE = """
import ctypes, sys, threading, synth

ctypes.CDLL(None).mallopt(-3, 4096)  # M_MMAP_THRESHOLD

def render():
    waveform = synth.render(synth.Sound(220, 1, 0.0, 1102.5, 10), 0.1, 22050, "pyo", False)
    sys.stdout.buffer.write(waveform.tobytes())

thread = threading.Thread(target=render)
thread.start()
thread.join()
"""
"""SOFT by pyo in a fresh process, in a thread, whose heap glibc keeps as small as it can."""


@pytest.fixture(scope="module")
def alone(run_fresh) -> subprocess.CompletedProcess[bytes]:
    """That process, in which glibc unmaps what is freed: who uses it again ends with a signal."""
    return run_fresh(ALONE)


def test_no_file_of_pyos_is_closed_twice(alone: subprocess.CompletedProcess[bytes]) -> None:
    assert alone.returncode == 0
    assert alone.stderr == b""


def test_pyo_does_not_depend_on_what_came_before(alone: subprocess.CompletedProcess[bytes]) -> None:
    first = np.frombuffer(alone.stdout, dtype=np.float32)  # a banner would be in there too
    render(LOUD, 0.4, 44100, "pyo")
    sounds = [LOUD, SOFT, LOUD, SOFT, FADED, SOFT, FADED]
    after = render(sounds, 0.1, renderer="pyo", normalize=False)
    np.testing.assert_array_equal(after[1], first)
    np.testing.assert_array_equal(after[5], first)
    np.testing.assert_array_equal(after[4], after[6])
    np.testing.assert_array_equal(after[1], after[3])
    np.testing.assert_array_equal(after[0], after[2])


def test_pyo_renders_from_many_threads_at_once() -> None:
    sounds, rates = random_sounds(12), [22050, 16000, 22050] * 4
    expected = [render(s, 0.1, r, "pyo") for s, r in zip(sounds, rates, strict=True)]
    with ThreadPoolExecutor(4) as pool:
        actual = list(pool.map(lambda s, r: render(s, 0.1, r, "pyo"), sounds, rates))
    np.testing.assert_array_equal(np.concatenate(actual[::3]), np.concatenate(expected[::3]))
    np.testing.assert_array_equal(actual[1], expected[1])


def test_pyo_leaves_no_files_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    render(LOUD, 0.1, renderer="pyo")
    assert list(tmp_path.iterdir()) == []


def test_loud_sounds_do_not_wrap_around() -> None:
    loud = render(LOUD, renderer="pyo", normalize=False)
    assert np.abs(loud).max() > 3
    assert np.abs(np.diff(loud)).max() < 0.5 * np.abs(loud).max()


def test_results_do_not_depend_on_the_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    sounds = random_sounds(4) + random_sounds(5, prior="wide")
    together = render(sounds, 0.2)
    monkeypatch.setattr(vectorized_renderer, "_CHUNK_SAMPLES", 10_000)
    np.testing.assert_allclose(render(sounds, 0.2), together, atol=1e-5)
    np.testing.assert_allclose(render(sounds[3], 0.2)[0], together[3], atol=1e-5)


@example(  # 8.8e-7 is its peak before it is normalised
    f0=3999,
    num_harmonics=1,
    inharmonicity=0,
    filter_frequency=20,
    filter_q=7,
    series="harmonic",
    spectral_slope=0,
    odd_even_balance=0,
    attack=0,
    decay=0,
    sustain=1,
    release=0,
    second_interval=0,
    second_level=0,
    duration=0.01,
    sample_rate=8000,
)
@given(
    f0=st.floats(20, 3999),
    num_harmonics=st.integers(1, 40),
    inharmonicity=st.floats(0, 0.1),
    filter_frequency=st.floats(20, 3999),
    filter_q=st.floats(0.5, 50),
    series=st.sampled_from(["harmonic", "notebook"]),
    spectral_slope=st.floats(-12, 6),
    odd_even_balance=st.floats(-0.9, 1),
    attack=st.floats(0, 0.1),
    decay=st.floats(0, 0.1),
    sustain=st.floats(0.1, 1),
    release=st.floats(0, 0.1),
    second_interval=st.floats(-24, 24),
    second_level=st.floats(0, 1),
    duration=st.floats(0.01, 0.1),
    sample_rate=st.sampled_from([8000, 22050, 96000]),
)
def test_every_sound_is_finite_and_peaks_at_one(duration, sample_rate, **parameters) -> None:  # type: ignore[no-untyped-def]
    waveform = render(Sound(**parameters), duration, sample_rate)
    assert waveform.dtype == np.float32
    assert np.isfinite(waveform).all()
    assert np.abs(waveform).max() == 1


@pytest.mark.parametrize("renderer", ["vectorized", "pyo"])
def test_a_quiet_sound_is_normalised_as_the_filtered_sine_that_it_is(renderer: Renderer) -> None:
    sound = Sound(3999, 1, 0, 20, 7)
    assert np.abs(render(sound, 0.01, 8000, renderer, normalize=False)).max() < 1e-4
    quiet = render(sound, 0.1, 22050, renderer)[0]
    n = np.arange(len(quiet))
    gain, pole = bandpass(np.array(20.0), np.array(7.0), 22050)
    b, a = gain * np.array([1, 0, -1]), [1, -2 * pole.real, abs(pole) ** 2]
    expected = scipy.signal.lfilter(b, a, np.sin(2 * np.pi * 3999 / 22050 * n))
    assert quiet == pytest.approx(expected / np.abs(expected).max(), abs=2e-3)


def test_one_sound_is_a_batch_of_one_and_none_a_batch_of_none() -> None:
    np.testing.assert_array_equal(render(LOUD), render([LOUD]))
    assert render([]).shape == (0, 11025)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"duration": 0}, r"duration must be in \(0, 10\]"),
        ({"duration": 10.1}, "duration"),
        ({"duration": math.nan}, "duration"),
        ({"duration": "1"}, "duration"),
        ({"sample_rate": 7999}, r"sample_rate must be in \[8000, 96000\], got 7999"),
        ({"sample_rate": 22050.5}, "sample_rate"),
        ({"sample_rate": None}, "sample_rate"),
        ({"renderer": "csound"}, "vectorized, pyo"),
        ({"sounds": [LOUD, 3]}, "Sound"),
        ({"sounds": 3}, "sounds"),
        ({"sounds": None}, "sounds"),
        ({"sounds": Sound(4000, 1, 0, 100, 1), "sample_rate": 8000}, "f0 must be below half"),
        ({"sounds": Sound(400, 1, 0, 4000, 1), "sample_rate": 8000}, "filter_frequency must be"),
        ({"duration": 1e-6}, r"sounds\[0\] is silent: a duration of 1 sample"),
        ({"sounds": [LOUD, Sound(90, 1, 0, 90, 1, odd_even_balance=-1)]}, r"s\[1\] .* = -1 leave"),
        ({"sounds": Sound(90, 2, 0, 90, 1, amplitudes=(1e-44, 0))}, "too quiet for 32 bits"),
    ],
)
def test_bad_arguments_are_refused(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        render(**{"sounds": LOUD, **arguments})  # type: ignore[arg-type]


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no accelerator")
def test_the_accelerator_gives_the_same_samples() -> None:
    sounds = random_sounds(50)
    on_cpu = vectorized_renderer.render_vectorized(sounds, 11025, 22050)
    on_gpu = vectorized_renderer.render_vectorized(sounds, 11025, 22050, device="cuda")
    np.testing.assert_allclose(on_gpu, on_cpu, atol=1e-4)
