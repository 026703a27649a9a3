"""The Python of every section gives the numbers that the page shows, and so does its notebook."""

import sys
from types import ModuleType

import numpy as np
import pytest
import torch

from ui.ddpm.forward.compute import ForwardSettings, forward_result
from ui.ddpm.likelihood.compute import LikelihoodSettings, likelihood_result
from ui.ddpm.reverse.compute import FIXED_LARGE, ReverseSettings, reverse_result
from ui.ddpm.sample_quality.compute import SampleQualitySettings, quality_result
from ui.ddpm.train_ddpm import compute as train_ddpm_section
from ui.ddpm.train_ddpm import snippet as train_ddpm_snippet
from ui.ddpm.train_ddpm.compute import HISTORIES as DDPM_HISTORIES
from ui.ddpm.train_ddpm.compute import TrainDdpmSettings
from ui.ddpm.variational_bound.compute import VariationalBoundSettings, bound_result
from ui.hand_on.notebook import notebook
from ui.mistakes.mistakes_in_2d.compute import MistakesIn2dSettings, mistake_result
from ui.mistakes.mistakes_in_sound.compute import MistakesInSoundSettings, sound_mistake_result
from ui.page import sections
from ui.score.score_field.compute import ANNEALED, ScoreFieldSettings, score_results
from ui.score.train_score.compute import HISTORIES as SCORE_HISTORIES
from ui.score.train_score.compute import IMPLICIT, TrainScoreSettings
from ui.shared.data import DRAWN
from ui.shared.texts import short
from ui.sound.from_nothing.compute import FromNothingSettings, generate_result
from ui.sound.networks import LAPPED
from ui.sound.side_by_side.compute import SideBySideSettings, side_by_side_steps
from ui.sound.sound_designer.compute import SoundDesignerSettings, design_result
from ui.sound.vocoder.compute import VocoderSettings, vocode_results
from ui.sound.vocoder_quality.compute import MEASURES, VocoderQualitySettings, sound_quality_facts
from ui.sound.vocoder_quality.compute import number as in_digits

SECTIONS = {section.settings: section for section in sections()}


def close(values, expected):
    np.testing.assert_allclose(np.asarray(values), np.asarray(expected), rtol=1e-5, atol=1e-7)


def last_of(history):
    *_, last = history
    return last


def score_field(found, settings):
    result = score_results.last(settings)
    close(found["walkers"][-1], result.walkers[-1])
    shown = result.facts["energy distance of the walkers to fresh data"]
    assert shown.startswith(f"{found['distance']:.2g} ")


def train_score(found, settings):
    close(found["error"], last_of(SCORE_HISTORIES.train(settings)).qualities[-1])


def forward(found, settings):
    result = forward_result(settings)
    for name, end in result.ends.items():
        close(found["x_T"][name], result.forward.views[name][-1])
        close(found["ends"][name], [end.alpha_cumprod, end.kl, end.sw2_ratio])


def reverse(found, settings):
    runs = reverse_result(settings).values()
    close(torch.stack(found["runs"]), np.stack([run.views["x_t"][-1] for run in runs]))
    close(found["ratios"], [run.sw2_ratio for run in runs])


def sample_quality(found, settings):
    close(found["quality"], quality_result(settings))


def likelihood(found, settings):
    result = likelihood_result(settings)
    close(list(found["log_likelihoods"].values()), result.log_likelihoods)
    close(found["exact"], result.exact)


def variational_bound(found, settings):
    result = bound_result(settings)
    for name, bound in result.bounds.items():
        close(found["found"][name].terms, bound.terms)
        close(found["found"][name].total, bound.total)
    close(found["exact"], result.exact)


def train_ddpm(found, settings):
    close(found["ratio"], last_of(DDPM_HISTORIES.train(settings)).verdict)


def sound_designer(found, settings):
    result = design_result(settings)
    assert found["sound"] == result.sound
    close(found["partials"].after, result.levels.after)
    shown = result.steps.facts["largest difference of the renderers"]
    assert shown == f"{short(found['difference'])} of the peak"


def vocoder(found, settings):
    result = last_of(vocode_results(settings))
    close(found["made"], result.wave())
    close(
        [found["log_mel"], found["convergence"], found["cents"]],
        [result.errors.log_mel, result.errors.spectral_convergence, result.errors.partials.cents],
    )


def side_by_side(found, settings):
    steps = side_by_side_steps(settings)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            runs = list(end.value.values())
            break
    close(np.stack(found["made"]), np.stack([run.wave for run in runs]))
    close(found["distances"], [run.errors.log_mel for run in runs])


def vocoder_quality(found, settings):
    facts, key = sound_quality_facts(settings), MEASURES[settings.measure]
    assert len(found["best"]) >= 2
    for budget, row in found["best"].items():
        assert facts[f"best within {budget} evaluations"].startswith(
            f"**{in_digits(row[key], key)}**"
        )


def from_nothing(found, settings):
    shown = generate_result(settings).facts["residual after fitting that sound"]
    assert shown == f"{found['residual']:.3f} of the amplitude"


def mistakes_in_2d(found, settings):
    result = mistake_result(settings)
    close(found["points"][0].detach(), result.wrong[-1])
    close(found["points"][1].detach(), result.right[-1])
    pairs = {name: (cost, found["costs"]["right"][name]) for name, cost in wrong_costs(found)}
    assert pairs == result.costs


def mistakes_in_sound(found, settings):
    pairs = {name: (cost, found["costs"]["right"][name]) for name, cost in wrong_costs(found)}
    assert pairs == sound_mistake_result(settings).costs


def wrong_costs(found):
    return found["costs"]["wrong"].items()


FEW = {"steps_1": 5, "steps_2": 5, "steps_3": 5, "steps_4": 5, "num_points": 50}
NO_OTHERS = {"sampler_3": "none", "sampler_4": "none"}

CASES = [
    (score_field, ScoreFieldSettings(walkers=20, num_steps=30)),
    (
        score_field,
        ScoreFieldSettings(
            distribution="two moons", score="empirical", training_points=20, dynamics=ANNEALED,
            sigma=0.2, walkers=20, num_steps=40, seed=3,
        ),
    ),
    (score_field, ScoreFieldSettings(distribution=DRAWN, score="exact", walkers=5, num_steps=10)),
    (
        train_score,
        TrainScoreSettings(
            method=IMPLICIT, network="softplus MLP", distribution="rings", sigma=0.5, steps=100,
            width=16, seed=2,
        ),
    ),
    (forward, ForwardSettings(num_train_timesteps=10)),
    (
        forward,
        ForwardSettings(
            num_train_timesteps=20, beta_end=0.1, distribution="eight Gaussians", seed=2
        ),
    ),
    (reverse, ReverseSettings(**FEW)),
    (
        reverse,
        ReverseSettings(
            **FEW | NO_OTHERS, sampler_1=FIXED_LARGE, sampler_2="learned", rho=5.0, seed=1
        ),
    ),
    (sample_quality, SampleQualitySettings(num_points=500)),
    (
        sample_quality,
        SampleQualitySettings(num_points=500, sampler="ddim", eta=0.5, grid="trailing", seed=4),
    ),
    (likelihood, LikelihoodSettings(num_steps=10)),
    (likelihood, LikelihoodSettings(x=0.3, y=-0.2, sigma=0.5, num_steps=10)),
    (
        variational_bound,
        VariationalBoundSettings(
            num_points=100, variance_type="fixed_small", decoder="discretised", seed=5
        ),
    ),
    (train_ddpm, TrainDdpmSettings(steps=200, width=16)),
    (
        train_ddpm,
        TrainDdpmSettings(
            steps=200, width=16, objective="variational", ema="0.9", timesteps="antithetic",
            num_train_timesteps=50, seed=6,
        ),
    ),
    (sound_designer, SoundDesignerSettings(duration=0.3)),
    (
        sound_designer,
        SoundDesignerSettings(duration=0.3, amplitudes="1~0.5~0.25", renderer="vectorized"),
    ),
    (vocoder, VocoderSettings(duration=0.4)),
    (
        vocoder,
        VocoderSettings(
            duration=0.4, network=LAPPED, start="0.1", mel="projected once", sampler="ddim", seed=7
        ),
    ),
    (side_by_side, SideBySideSettings(duration=0.4, **NO_OTHERS)),
    (
        side_by_side,
        SideBySideSettings(
            duration=0.4, **NO_OTHERS, network_1=LAPPED, sampler_1="ddpm", mel_1="conditioned",
            sampler_2="none", seed=8,
        ),
    ),
    (vocoder_quality, VocoderQualitySettings()),
    (
        vocoder_quality,
        VocoderQualitySettings(network=LAPPED, measure="noise between partials (dB)"),
    ),
    (from_nothing, FromNothingSettings(num_inference_steps=4)),
    (
        from_nothing,
        FromNothingSettings(
            num_inference_steps=4, network=LAPPED, sampler="ddim", eta=0.5, seed=9
        ),
    ),
    (mistakes_in_2d, MistakesIn2dSettings(mistake="β for √β")),
    (mistakes_in_2d, MistakesIn2dSettings(mistake="sign of ∇ log q", seed=1)),
    (mistakes_in_sound, MistakesInSoundSettings()),
    (mistakes_in_sound, MistakesInSoundSettings(mistake="max for max |y|", seed=1)),
]  # fmt: skip


SLOW = {TrainScoreSettings, VariationalBoundSettings}
"""Compared once, in settings of which hardly one is the default; the others are twice and more."""


def test_every_section_is_compared():
    compared = [type(settings) for _, settings in CASES]
    assert {each for each in SECTIONS if compared.count(each) >= 2} == set(SECTIONS) - SLOW
    assert {each for each in SLOW if each in compared} == SLOW


@pytest.fixture(autouse=True)
def _fewer_points(monkeypatch):
    """As many as the page takes of them would take most of the time."""
    for module in (train_ddpm_section, train_ddpm_snippet):
        monkeypatch.setattr(module, "NUM_POINTS_AT_THE_END", 500)
    monkeypatch.setattr(train_ddpm_section, "NUM_POINTS", 100)


@pytest.fixture
def heard(monkeypatch):
    """What a notebook would play, in the place of its program."""
    heard, display = [], ModuleType("IPython.display")
    display.Audio = lambda sound, rate: (sound, rate)
    display.display = heard.append
    monkeypatch.setitem(sys.modules, "IPython", ModuleType("IPython"))
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    return heard


@pytest.mark.parametrize(("compare", "settings"), CASES, ids=lambda each: getattr(each, "tab", ""))
def test_a_snippet_gives_the_numbers_of_the_page(compare, settings, capsys, heard):
    section, found = SECTIONS[type(settings)], {}
    code = section.as_python(settings)
    cells = notebook(section, settings, "https://example.org/")["cells"]
    cell, *listen = (cell["source"] for cell in cells if cell["cell_type"] == "code")
    assert cell == code.rstrip()  # so both are run here
    exec(compile(cell, "snippet", "exec"), found)
    compare(found, settings)
    assert len(listen) == bool(section.heard)
    for each in listen:
        exec(compile(each, "listen", "exec"), found)
    assert len(heard) >= len(section.heard)
    for sound, rate in heard:
        assert (sound.ndim, rate) == (1, 22_050)
        assert np.abs(sound).max() > 0.01
    assert capsys.readouterr().out  # it says what it found
    assert "ui" not in {name.split(".")[0] for name in imported(code)}  # the package has none


def imported(code):
    lines = [line.split() for line in code.splitlines()]
    return [words[1] for words in lines if words and words[0] in ("import", "from")]
