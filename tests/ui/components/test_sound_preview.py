"""What the browser computes of a sound that is designed is what Python computes."""

from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import torch

from synth import Sound, pooled_spectrograms, render
from synth.features.mel import to_hz, to_mel
from synth.rendering.biquad import bandpass
from synth.rendering.envelope import envelopes
from synth.rendering.partials import partial_decibels
from ui.components import sound_player
from ui.sound.sound_text import fit_amplitudes

RATE = 22_050
SECONDS = 0.6
SCRIPTS = "\n".join(
    (Path(sound_player.__file__).parent / name).read_text(encoding="utf-8")
    for name in ("common.js", "heat.js", "additive.js", "spectrogram.js", "sound_preview.js")
)
HEAD = "const [element, shown] = [document.body, {}];"
COMPUTE = """(inputs) => {
%s
  const [design, rate, edges, columns, drawings] = inputs;
  const sines = sinesOf(design, rate);
  const count = Math.round(design.duration * rate);
  const envelope = envelopeOf(design, count, rate);
  const exact = Object.assign(Object.create(Spectrograms.prototype), {
    rows: edges.length - 1, columns, edges, offset: -80, scale: 80 / 255 });
  return {
    sines: sines.map(({ hertz, amplitude }) => [hertz, amplitude]),
    envelope: Array.from({ length: count }, (_, n) => envelope(n)),
    samples: Array.from(synthesise(design, rate)),
    levels: Array.from(exact.drawn(sines, design, rate).codes, (code) => -80 + code * 80 / 255),
    mel: [20, 440, 1000, 5000, 11025].map((hertz) => [toMel(hertz), toHertz(toMel(hertz))]),
    fitted: drawings.map((each) => fitAmplitudes(...each)),
  }; }"""


def drawn_sounds():
    generator = torch.Generator().manual_seed(4)
    for _ in range(6):
        yield Sound.random(generator, "wide")
    yield replace(Sound.random(generator, "notebook"), inharmonicity=0.05)
    yield Sound(196, 16, 3e-4, 800, 0.7, spectral_slope=-6, odd_even_balance=0.4, attack=0.2)
    yield Sound(300, 4, 0, 9000, 0.5, amplitudes=(1, 0, 0.3, 0.2), release=0.3)


DRAWINGS = [[[], 3], [[0.2, 0.6], 1], [[0.2, 0.6], 4], [[0, 0.6], 1]]
SOUNDS = list(drawn_sounds())


@pytest.fixture(scope="module")
def blank(browser):
    page = browser.new_page()
    yield page
    page.close()


@pytest.fixture
def compute(blank):
    def compute(sound):
        exact = pooled_spectrograms(render([sound], SECONDS), 2, 300)
        design = asdict(sound) | {"duration": SECONDS}
        inputs = [design, RATE, exact.edges.tolist(), exact.levels.shape[2], DRAWINGS]
        return blank.evaluate(COMPUTE % (HEAD + SCRIPTS), inputs), exact

    return compute


@pytest.mark.browser
@pytest.mark.parametrize("sound", SOUNDS)
def test_the_browser_computes_the_same_partials_envelope_and_sound(compute, sound):
    found, exact = compute(sound)
    levels = partial_decibels(sound, RATE)
    hertz, amplitudes = np.transpose(found["sines"])
    np.testing.assert_allclose(hertz, levels.frequencies, rtol=1e-12)
    np.testing.assert_allclose(amplitudes, 10 ** (levels.after / 20), rtol=1e-6)

    envelope = envelopes([sound], round(SECONDS * RATE), RATE)[0].numpy()
    np.testing.assert_allclose(found["envelope"], envelope, atol=1e-5)

    made, rendered = np.array(found["samples"]), render([sound], SECONDS, normalize=False)[0]
    _, pole = bandpass(np.array(sound.filter_frequency), np.array(sound.filter_q), RATE)
    rings = round(2 * np.log(1e-5) / np.log(np.abs(pole)))  # samples; at q = 0.5 the poles meet
    peak = np.abs(rendered).max()
    assert np.abs(made - rendered)[rings:].max() < 1e-3 * peak

    # The picture, where it is loud and away from the ends of the sound.
    drawn = np.reshape(found["levels"], exact.levels.shape[1:])
    loud = exact.levels[0] > -20
    loud[:, [0, 1, 2, -3, -2, -1]] = False
    assert np.abs(drawn - exact.levels[0])[loud].mean() < 3


@pytest.mark.browser
def test_the_mel_scale_and_fitted_drawings_are_those_of_python(compute):
    found, _ = compute(SOUNDS[0])
    frequencies = np.array([20, 440, 1000, 5000, 11025])
    mels = np.array([to_mel(each) for each in frequencies])
    np.testing.assert_allclose(found["mel"], np.transpose([mels, to_hz(mels)]))
    assert found["fitted"] == [list(fit_amplitudes(*each)) for each in DRAWINGS]
