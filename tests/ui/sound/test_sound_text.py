"""Sounds as texts in links."""

from dataclasses import astuple, replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from synth import Sound
from ui.sound.sound_text import MAX_LENGTH, decode_amplitudes, decode_sound, encode_sound

SOUND = Sound(f0=146.8, num_harmonics=2, inharmonicity=0, filter_frequency=660, filter_q=2)


@given(st.integers(0, 2**31), st.sampled_from(["harmonic", "notebook", "wide"]))
def test_a_random_sound_comes_back_to_four_digits(seed: int, prior: str) -> None:
    sound = Sound.random(torch.Generator().manual_seed(seed), prior)  # type: ignore[arg-type]
    text = encode_sound(sound)
    again = decode_sound(text)
    assert len(text) <= MAX_LENGTH
    assert encode_sound(again) == text
    assert again.series == sound.series
    for before, after in zip(astuple(sound), astuple(again), strict=True):
        if not isinstance(before, str):
            np.testing.assert_allclose(after, before, rtol=5e-4)


def test_the_text_names_only_what_is_not_by_default() -> None:
    drawn = replace(SOUND, amplitudes=(1, 0.25))
    assert encode_sound(drawn) == (
        "f0:146.8,num_harmonics:2,inharmonicity:0,filter_frequency:660,filter_q:2,amplitudes:1~0.25"
    )
    assert decode_sound(encode_sound(drawn)) == drawn


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "name:value"),
        ("f0", "name:value"),
        ("f0:100,f0:200", "each once"),
        ("f0:high", "a number for f0, got 'high'"),
        ("f0:nan,num_harmonics:2,inharmonicity:0,filter_frequency:660,filter_q:2", "f0"),
        (encode_sound(SOUND).replace("num_harmonics:2", "num_harmonics:2.5"), "num_harmonics"),
        (encode_sound(SOUND) + ",colour:2", "colour"),
        (encode_sound(SOUND) + ",amplitudes:1~2", "amplitudes"),
        ("f0:100", "missing"),
    ],
)
def test_what_is_no_sound_is_said_in_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        decode_sound(text)


def test_drawn_amplitudes_that_nobody_hears_are_zero() -> None:
    assert decode_amplitudes("1e-308~0.5") == (0.0, 0.5)
    with pytest.raises(ValueError, match="only zeros"):
        decode_amplitudes("1e-308~0")
