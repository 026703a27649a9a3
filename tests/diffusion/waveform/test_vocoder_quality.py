"""The vocoder's quality against its evaluations, with an untrained network in its place."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from diffusion import checkpoints
from diffusion.__main__ import main
from diffusion.catalog import recipe
from diffusion.checkpoints import Checkpoint
from diffusion.waveform import vocoder_quality
from diffusion.waveform.config import VocoderConfig
from diffusion.waveform.vocoder_quality import (
    AS_PUBLISHED,
    BETWEEN,
    EVALUATIONS,
    SAMPLERS,
    measure_vocoder,
    plans,
    untrained_of,
)
from synth import held_out_sounds, log_mel_distance, render
from synth.metrics.vocoder_errors import vocoder_errors

RECIPE = recipe("vocoder-wavegrad")


@pytest.fixture(scope="module")
def untrained():
    network = RECIPE.build(0).eval().requires_grad_(False)
    return Checkpoint(network, RECIPE.noise_schedule(), RECIPE.config())


@pytest.fixture(scope="module")
def waves():
    return render(held_out_sounds()[:2], 0.5)


def test_all_plans_start_from_the_same_noise(untrained, waves):
    starts = [
        next(plan.states(untrained, torch.from_numpy(waves), [3, 4])).x
        for plan in (VocoderConfig("ddpm", 4), VocoderConfig("dpm++2m", 9))
    ]
    assert torch.equal(*starts)
    assert starts[0].shape == (2, 11_400)  # whole blocks of 600 samples
    assert not torch.equal(starts[0][0], starts[0][1])


def test_a_sound_is_the_same_alone_and_beside_others(untrained, waves):
    plan = VocoderConfig("ddpm", 3)
    both, alone = plan.sample(untrained, waves), plan.sample(untrained, waves[:1])
    assert both.shape == waves.shape
    np.testing.assert_allclose(both[0], alone[0], atol=1e-4 * np.abs(alone).max())


@pytest.mark.parametrize(("steps", "last"), [(6, 0.9285), (25, 0.2504), (12, 0.006623)])
def test_published_schedule(untrained, steps, last):
    schedule = VocoderConfig("ddpm", steps, noise_schedule="published").schedule(untrained)
    assert len(schedule) == steps
    assert float(schedule.alphas_cumprod[-1]) == pytest.approx(last, rel=1e-3)
    if steps == 25:
        betas = schedule.betas.tolist()
        for before, now, after in zip(betas, betas[1:], betas[2:], strict=False):
            assert after == pytest.approx(before + now)


def test_the_sound_itself_in_noise_is_where_one_may_begin(untrained, waves):
    sound = torch.from_numpy(waves)
    pure = next(VocoderConfig("ddpm", 4).states(untrained, sound, [3, 4])).x[:, : sound.shape[1]]
    for chosen in ("searched", "published"):
        plan = VocoderConfig("ddpm", 6, noise_schedule=chosen)
        first, *_ = plan.states(untrained, sound, [3, 4], start=0.1)
        assert first.noise_level == pytest.approx((1 + 0.1**2) ** -0.5)
        x_t = first.x[:, : sound.shape[1]]
        assert torch.allclose(x_t, first.noise_level * (sound + 0.1 * pure), atol=1e-5)


def test_what_is_projected_onto_the_mel_has_it(untrained, waves):
    every, once, none = (
        VocoderConfig("ddim", 3, projection=projection).sample(untrained, waves)
        for projection in ("every step", "once, early", "none")
    )
    distances = [log_mel_distance(made, waves) for made in (every, once, none)]
    assert (distances[0] < 0.5 * distances[2]).all()
    assert not np.allclose(once, none, atol=1e-3)
    assert (distances[0] < distances[1]).all()


def test_projected_once_is_the_first_prediction_alone(untrained, waves):
    def predictions(projection):
        plan = VocoderConfig("ddim", 3, projection=projection)
        first, *_ = plan.states(untrained, torch.from_numpy(waves), [3, 4])
        return first.pred_original_sample[:, : waves.shape[1]].numpy()

    first = predictions("once, early")
    assert np.array_equal(first, predictions("every step"))
    assert not np.allclose(first, predictions("none"), atol=1e-3)
    # A second sampling by the same plan projects its own first prediction again.
    assert np.array_equal(first, predictions("once, early"))


def test_every_sampler_has_every_budget():
    assert len(plans()) == (len(SAMPLERS) + 2) * len(EVALUATIONS) + len(BETWEEN)
    for plan in plans():
        assert plan.evaluations in {*EVALUATIONS, *(budget - 1 for budget in EVALUATIONS)}
    assert {plan.evaluations for plan in plans(12)} == {5, 6, 11, 12}
    assert len(set(plans())) == len(plans())


def test_as_published_has_nothing_of_ours():
    assert AS_PUBLISHED in plans()
    assert AS_PUBLISHED.noise_schedule == "published"
    assert (AS_PUBLISHED.sampler, AS_PUBLISHED.projection) == ("ddpm", "none")


@pytest.mark.parametrize("name", ["vocoder-harmonic", "vocoder-wavegrad"])
def test_an_untrained_network_keeps_what_was_measured_of_the_data(name):
    trained = checkpoints.load(name)
    network = untrained_of(trained).network
    assert all(
        torch.equal(buffer, dict(trained.network.named_buffers())[key])
        for key, buffer in network.named_buffers()
    )
    pairs = list(zip(network.parameters(), trained.network.parameters(), strict=True))
    assert not any(torch.equal(*pair) for pair in pairs if pair[0].std() > 0)


def test_rows_that_are_known_are_not_measured_again(untrained, monkeypatch):
    monkeypatch.setattr(vocoder_quality, "plans", lambda most: plans()[:2])
    first = list(measure_vocoder(untrained, 1))
    marked = [row | {"seconds": -1.0} for row in first[:-1]]
    again = list(measure_vocoder(untrained, 1, known=marked))
    assert again[:-1] == marked
    assert {k: v for k, v in again[-1].items() if k != "seconds"} == {
        k: v for k, v in first[-1].items() if k != "seconds"
    }


def test_errors_are_those_of_each_sound():
    sounds = held_out_sounds()[:2]
    waves = render(sounds, 0.5)
    errors = vocoder_errors(waves * np.array([[1.0], [2.0]]), waves, sounds)
    assert errors.log_mel[0] == pytest.approx(0, abs=1e-9)
    assert 0.1 < errors.log_mel[1] < np.log(2)  # nothing where both are silent
    np.testing.assert_allclose(errors.convergence, [0, 1], atol=1e-6)
    np.testing.assert_allclose(errors.partial, [0, 20 * np.log10(2)], atol=1e-6)
    np.testing.assert_allclose(errors.cents, 0, atol=1e-9)
    assert errors.noise[0] < -20


def test_the_command_writes_what_it_prints(untrained, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(vocoder_quality, "plans", lambda most: plans()[:1])
    checkpoints.save(tmp_path / "mine", untrained.network, untrained.config)
    file = tmp_path / "quality.json"
    assert main(["quality", str(tmp_path / "mine"), "--sounds", "1", "--out", str(file)]) == 0
    table = json.loads(file.read_text())
    assert len(table["rows"]) == len(capsys.readouterr().out.splitlines()) == 4
    original, griffin_lim, untouched, made = table["rows"]
    assert original["log_mel"] == original["partial"] == original["cents"] == 0
    assert griffin_lim["log_mel"] > 0
    assert made["log_mel"] > 0
    assert untouched["sampler"] == "untrained"
    assert made["sampler"] == "ddpm"
    assert made["num_inference_steps"] == made["evaluations"] == 6
    assert table["command"] == (
        "python -m diffusion quality vocoder-wavegrad --sounds 1 --out FILE"
    )


def test_what_diverges_has_no_row(untrained, monkeypatch):
    diverging = replace(untrained, network=RECIPE.build(0).eval().requires_grad_(False))
    diverging.network.forward = lambda x_t, *_: torch.full_like(x_t, torch.inf)
    monkeypatch.setattr(vocoder_quality, "plans", lambda most: plans()[:1])
    rows = list(measure_vocoder(diverging, 1))
    assert [row["sampler"] for row in rows] == ["original", "griffin-lim", "untrained"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["swiss-roll-score"], "quality is measured of"),
        (["nothing"], "there is no checkpoint"),
        (["MINE", "--sounds", "65"], "must be 1 to 64, got 65"),
        (["MINE", "--resume"], "nothing to resume: there is no FILE"),
    ],
)
def test_what_cannot_be_measured_is_said_in_a_sentence(
    arguments, sentence, untrained, tmp_path, capsys
):
    checkpoints.save(tmp_path, untrained.network, untrained.config)
    assert main(["quality", *(str(tmp_path) if a == "MINE" else a for a in arguments)]) == 2
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize("option", ["sampler", "noise_schedule", "projection"])
def test_unknown_options_are_refused(option):
    with pytest.raises(ValueError, match=f"{option} must be one of"):
        VocoderConfig(**{option: "guess"})
