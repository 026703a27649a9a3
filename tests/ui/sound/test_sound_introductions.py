"""The introductions of the sections with sounds: their form, and what they say that one notices."""

import re

import numpy as np
import pytest

from diffusion.waveform.config import VocoderConfig
from diffusion.waveform.typical_seed import load_seeds
from diffusion.waveform.vocoder_quality import AS_PUBLISHED
from ui.mistakes import mistakes_in_sound
from ui.sound import from_nothing, side_by_side, sound_designer, vocoder, vocoder_quality
from ui.sound.from_nothing.compute import generate_result
from ui.sound.networks import HARMONIC, LAPPED, VOCODERS, WAVEGRAD
from ui.sound.side_by_side.compute import side_by_side_steps
from ui.sound.sound_designer.compute import design_result
from ui.sound.vocoder.compute import vocode_results
from ui.sound.vocoder_quality.compute import sound_quality_facts
from ui.sound.vocoder_tables import row_of_plan

SECTIONS = [
    each.SECTION
    for each in (
        sound_designer, vocoder, side_by_side, vocoder_quality, from_nothing, mistakes_in_sound,
    )
]  # fmt: skip


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.settings.tab)
def test_an_introduction_has_two_sentences_two_or_three_tries_and_an_equation(section):
    introduction = section.introduction
    assert len(re.findall(r"[.!?](?= |$)", introduction.what_you_see)) == 2
    assert 2 <= len(introduction.tries) <= 3
    for each in introduction.tries:
        section.settings(**each.settings)
        assert each.notice.endswith(".")
    assert "$" in introduction.equation


def runs_of(steps):
    """What the steps of a comparison return at their end."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def tries(section):
    return [
        section.SECTION.settings(**each.settings) for each in section.SECTION.introduction.tries
    ]


def test_what_the_designer_lets_notice_is_true():
    bell, hollow, notebook = (design_result(each) for each in tries(sound_designer))
    assert bell.steps.facts["partial 16 is sharper through B by"] == "1090.5 cents"
    assert hollow.steps.facts["partials that sound"] == "8 of 16"
    assert notebook.steps.facts["partial 16 is sharper through B by"] == "0.0 cents"
    assert notebook.levels.frequencies[:4] == pytest.approx([196, 392, 784, 1_176])


def test_what_the_vocoder_lets_notice_is_true():
    usual = vocode_results.last(vocoder.SECTION.settings()).errors
    published, conditioned, begun = (vocode_results.last(each).errors for each in tries(vocoder))
    assert published.partials.noise == pytest.approx(7, abs=0.5)
    assert usual.partials.noise == pytest.approx(-43, abs=0.5)
    assert usual.log_mel == pytest.approx(0.02, abs=0.005)
    assert conditioned.log_mel == pytest.approx(0.16, abs=0.005)
    assert abs(conditioned.partials.cents) < 0.5
    assert np.nanmedian(np.abs(conditioned.partials.levels)) == pytest.approx(2, abs=0.5)
    assert begun.spectral_convergence == pytest.approx(0.006, abs=0.0005)
    harmonic = vocoder.SECTION.settings(start=tries(vocoder)[2].start)
    assert vocode_results.last(harmonic).errors.spectral_convergence == pytest.approx(
        0.021, abs=0.0005
    )


def test_what_side_by_side_lets_notice_is_true():
    networks, projections, samplers = (
        runs_of(side_by_side_steps(each)) for each in tries(side_by_side)
    )

    def values(runs, name):
        return [getattr(run.errors, name) for run in runs.values()]

    def noises(runs):
        return [run.errors.partials.noise for run in runs.values()]

    assert noises(networks)[:3] == pytest.approx([-43, -17, -9], abs=0.5)
    assert values(networks, "log_mel")[2:] == pytest.approx([0.19, 0.32], abs=0.005)
    assert values(projections, "log_mel")[:3] == pytest.approx([0.09, 0.21, 0.22], abs=0.005)
    ddpm, ddim, heun, dpm, _ = values(samplers, "log_mel")
    assert (ddpm, dpm) == pytest.approx((0.08, 0.09), abs=0.006)
    assert max(ddpm, dpm) < min(ddim, heun)
    assert noises(samplers)[2] > 0


def test_side_by_side_opens_on_every_network():
    shown = {network for network, _ in side_by_side.SECTION.settings().plans().values()}
    assert shown == set(VOCODERS)


def test_what_from_nothing_lets_notice_is_true():
    def residual(settings):
        return float(
            generate_result(settings).facts["residual after fitting that sound"].split()[0]
        )

    found = [residual(each) for each in (from_nothing.SECTION.settings(), *tries(from_nothing))]
    assert found == pytest.approx([0.99, 0.59, 0.91, 0.02], abs=0.006)


def test_what_vocoder_quality_lets_notice_is_true():
    noise, wavegrad, partial = (sound_quality_facts(each) for each in tries(vocoder_quality))

    def leaves(network, plan):
        return row_of_plan(network, plan)["noise"]

    six, hundred = (leaves(HARMONIC, VocoderConfig("dpm++2m", n)) for n in (6, 100))
    assert (six, hundred) == pytest.approx((-42, -42), abs=0.5)
    assert noise["the originals"] == "−55"
    assert noise["Griffin-Lim, no network"].startswith("−7 ")
    assert leaves(WAVEGRAD, AS_PUBLISHED) == pytest.approx(3, abs=0.5)
    assert leaves(WAVEGRAD, VocoderConfig("ddpm", 12)) == pytest.approx(-8, abs=0.5)
    assert "beyond the axis of the chart" in wavegrad
    assert partial["best within 6 evaluations"].startswith("**19.4** (ddim")
    assert "ddpm in 100 evaluations (33.9)" in partial["beyond the axis of the chart"]


def test_the_seed_of_from_nothing_is_typical_of_the_lapped_transform_and_the_page_says_so():
    facts = generate_result(from_nothing.SECTION.settings(network=LAPPED)).facts
    measured = load_seeds()["residuals"]
    words = facts[f"sounds of {len(measured)} seeds, by the lapped transform and ddpm in 50 steps"]
    smaller = int(words.split()[0])
    assert smaller == sum(each < measured[0] for each in measured)
    assert 0.4 < smaller / len(measured) < 0.6
    assert words.endswith(f"the median is {np.median(measured):.2f}")
    by_another = generate_result(from_nothing.SECTION.settings()).facts
    assert not [each for each in by_another if "seeds" in each]
