"""The notebook's mistakes in sound: each costs what is said, and is shown as it ran."""

import inspect

import numpy as np
import pytest

from diffusion.waveform.sound_mistakes import SOUND_MISTAKES
from diffusion.waveform.tutorial_lines import TUTORIAL_SOUND_LINES
from synth import loudness
from synth.features.loudness import TARGET
from ui.mistakes.mistakes_in_sound.compute import MistakesInSoundSettings, sound_mistake_result
from ui.mistakes.mistakes_in_sound.layout import TEXTS, show

# Of the measure that shows the mistake, what wrong and right have on their sides of it, with
# margins wider than what the seeds 0 to 2 change. +1: the wrong value is the larger one.
COSTS = {
    "16-bit file, not in range": (20, 70, -1),
    "max for max |y|": (0.01, 0.0, +1),
    "frames of 11 ms": (1, 80, -1),
    "β for √β": (0.2, 0.95, -1),
    "schedule short of noise": (-3, 5, -1),
    "noisiest segment not trained": (0.55, 0.3, +1),
    "range of √ᾱ without width": (0.42, 0.3, +1),
    "noisiest step skipped": (5.3, 5.0, +1),
    "partials even, B not used": (0.1, 0.5, -1),
    "gates that hardly condition": (0.47, 0.4, +1),
    "batch norm in training mode": (4, 8, -1),
}


@pytest.mark.parametrize("name", SOUND_MISTAKES)
def test_wrong_costs_what_is_said(name):
    wrong_bound, right_bound, sign = COSTS[name]
    result = sound_mistake_result(MistakesInSoundSettings(mistake=name))
    wrong, right = result.costs[SOUND_MISTAKES[name].measure]
    assert sign * wrong >= sign * wrong_bound
    assert sign * right <= sign * right_bound
    assert TEXTS[f"lessons.{name}"]
    assert TUTORIAL_SOUND_LINES[name]
    for sounds in result.sounds.values():
        assert sounds.shape[0] == len(result.labels)
        assert np.abs(sounds).max() <= 1
        assert np.isfinite(sounds).all()


@pytest.mark.parametrize("name", SOUND_MISTAKES)
def test_both_lines_are_of_code_that_ran_and_differ(name):
    chosen = SOUND_MISTAKES[name]
    for line in (chosen.wrong_line, chosen.right_line):
        assert str(line) in inspect.getsource(line.function)
    assert str(chosen.wrong_line) != str(chosen.right_line)
    assert "WRONG" in (chosen.wrong_line.function.__doc__ or "")


def test_the_louder_of_a_pair_is_as_loud_as_other_mistakes():
    for name in ("β for √β", "frames of 11 ms"):
        sounds = sound_mistake_result(MistakesInSoundSettings(mistake=name)).sounds
        loudest = max(loudness(each).max() for each in sounds.values())
        peak = max(np.abs(each).max() for each in sounds.values())
        assert loudest == pytest.approx(TARGET, abs=0.1) or peak == pytest.approx(1, abs=1e-3)


def test_wrong_and_right_are_equally_loud_unless_loudness_is_the_point():
    heard = {
        name: [
            float(loudness(sounds[-1:])[0])
            for sounds in sound_mistake_result(
                MistakesInSoundSettings(mistake=name)
            ).sounds.values()
        ]
        for name in ("16-bit file, not in range", "β for √β")
    }
    wrong, right = heard["16-bit file, not in range"]
    assert wrong == pytest.approx(right, abs=0.1)
    wrong, right = heard["β for √β"]
    assert wrong < right - 10


def test_what_is_shown_comes_from_the_settings():
    payload, *texts = show(MistakesInSoundSettings(seed=1))
    assert list(payload["views"]) == ["wrong", "right"]
    assert "seed=1" in payload["run"]
    tutorial, difference, lesson, costs, sources = texts
    assert tutorial == TUTORIAL_SOUND_LINES["16-bit file, not in range"]
    removed, added = (
        [line[2:].strip() for line in difference.splitlines() if line.startswith(sign)]
        for sign in "-+"
    )
    assert removed == ["samples = waveforms"]
    assert added[0] in sources
    assert "synth.mistakes.file_as_it_comes" in sources
    assert lesson == TEXTS["lessons.16-bit file, not in range"]
    assert costs.count("\n") == 4


def test_runs_are_seeded():
    settings = MistakesInSoundSettings(mistake="batch norm in training mode", seed=2)
    first = sound_mistake_result(settings)
    sound_mistake_result.cache_clear()
    again = sound_mistake_result(settings)
    assert np.array_equal(first.sounds["wrong"], again.sounds["wrong"])
    assert first.costs == again.costs
