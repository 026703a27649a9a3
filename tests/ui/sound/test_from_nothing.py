"""From nothing: the tutorial's first network and the other one, and what is said of them."""

import numpy as np
import pytest
import torch

from diffusion import sample
from diffusion.checkpoints import find
from diffusion.evaluation.model_card import read_card
from synth.features.repetition import repeated
from ui.shared import sampler_runs
from ui.sound.from_nothing.compute import (
    CROSSFADE,
    FIRST,
    NETWORKS,
    NOTES,
    REPETITIONS,
    FromNothingSettings,
    generate_result,
    what_is_wrong,
)
from ui.sound.from_nothing.layout import show, show_steps
from ui.sound.networks import LAPPED


def test_the_first_thing_to_hear_is_the_tutorial_s_network_as_it_is_evaluated():
    settings = FromNothingSettings()
    assert settings.network == FIRST
    trained = settings.checkpoint()
    frame = sample(
        trained.network,
        trained.schedule,
        (1, 640),
        constrain=lambda x_0: x_0.clamp(-1, 1),
        generator=torch.Generator().manual_seed(0),
    ).numpy()
    *_, last = settings.states()
    np.testing.assert_array_equal(last.x.numpy(), frame)
    heard = np.asarray(generate_result(settings).views["x_t"].sounds)[-1]
    whole = repeated(frame, REPETITIONS, CROSSFADE)[0]
    assert np.corrcoef(heard, whole)[0, 1] == pytest.approx(1, abs=1e-5)  # but for its loudness
    assert "SimpleWaveGrad.forward" in show(settings)[2]


@pytest.mark.parametrize("network", NETWORKS)
def test_what_is_wrong_follows_from_the_card(network):
    card = read_card(find(NETWORKS[network]))
    said = what_is_wrong(network)
    assert f"{100 * card['residual to the nearest sound, median']:.0f} %" in said
    assert f"are {card['log-spectra, ratio to real-to-real']:.1f} times" in said
    assert ("written into it" in said) == (network == NOTES)
    assert show(FromNothingSettings(network=network, num_inference_steps=6))[3] == said


def test_the_page_says_how_far_the_sampling_is(monkeypatch):
    monkeypatch.setattr(sampler_runs, "NEWS_EVERY", 0.0)
    settings = FromNothingSettings(network=NOTES, num_inference_steps=5, seed=3)
    *news, last = show_steps(settings)
    steps = [f"step {k} of 5" for k in range(6)]
    assert [each[1] for each in news] == [*steps, "looking for the nearest sound of the family"]
    assert last == show(settings)


def test_a_network_that_knows_fifty_steps_takes_no_more():
    with pytest.raises(ValueError, match=r"steps must be at most 50 for the tutorial.*got 51"):
        FromNothingSettings(num_inference_steps=51)
    assert FromNothingSettings(num_inference_steps=200, network=LAPPED).num_inference_steps == 200


def test_an_old_link_shows_the_network_that_it_showed():
    old = {"tab": "waveform", "sampler": "ddpm", "num_inference_steps": "100", "seed": "2"}
    assert FromNothingSettings.from_query(old).network == LAPPED
    assert FromNothingSettings.from_query({"tab": "from-nothing"}).network == FIRST
