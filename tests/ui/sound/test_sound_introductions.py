"""The introductions of the sections with sounds: their form, and what they say that one notices."""

import re

import numpy as np
import pytest

from diffusion.waveform.typical_seed import load_seeds
from ui.mistakes import mistakes_in_sound
from ui.sound import from_nothing, side_by_side, sound_designer, vocoder, vocoder_quality
from ui.sound.from_nothing.compute import generate_result
from ui.sound.sound_designer.compute import design_result
from ui.sound.vocoder.compute import vocode_results
from ui.sound.vocoder_quality.compute import sound_quality_facts

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
    conditioned, begun, published = (vocode_results.last(each).errors for each in tries(vocoder))
    assert usual.log_mel == pytest.approx(0.09, abs=0.01)
    assert conditioned.log_mel == pytest.approx(0.22, abs=0.01)
    assert usual.spectral_convergence == pytest.approx(0.22, abs=0.01)
    assert begun.spectral_convergence == pytest.approx(0.02, abs=0.005)
    assert usual.partials.noise == pytest.approx(-17, abs=1)
    assert published.partials.noise == pytest.approx(-10, abs=1)


def test_what_from_nothing_lets_notice_is_true():
    def residual(settings):
        return float(
            generate_result(settings).facts["residual after fitting that sound"].split()[0]
        )

    few, ddim, stochastic = tries(from_nothing)
    assert residual(few) < 0.5 * residual(from_nothing.SECTION.settings())
    assert residual(ddim) > 1.3 * residual(from_nothing.SECTION.settings())
    assert residual(stochastic) == residual(from_nothing.SECTION.settings())


def test_what_vocoder_quality_lets_notice_is_true():
    noise, pitch, partial = (sound_quality_facts(each) for each in tries(vocoder_quality))
    assert noise["best within 50 evaluations"].startswith("**−19**")
    assert noise["the originals"] == "−55"
    assert pitch["best within 6 evaluations"].startswith("**3.3** (ddpm")
    assert pitch["best within 12 evaluations"].startswith("**2.2** (ddpm")
    assert partial["best within 6 evaluations"].startswith("**19.4** (ddim")
    assert "ddpm in 100 evaluations (33.9)" in partial["beyond the axis of the chart"]


def test_from_nothing_opens_on_a_typical_seed_and_says_so():
    facts = generate_result(from_nothing.SECTION.settings()).facts
    measured = load_seeds()["residuals"]
    words = facts[f"sounds of {len(measured)} seeds, by ddpm in 50 steps"]
    smaller = int(words.split()[0])
    assert smaller == sum(each < measured[0] for each in measured)
    assert 0.4 < smaller / len(measured) < 0.6
    assert words.endswith(f"the median is {np.median(measured):.2f}")
