"""The table of what all mistakes cost: one row each, as they are measured."""

import pytest

from diffusion.mistakes.tutorial_lines import TUTORIAL_LINES
from diffusion.waveform.sound_mistakes import SOUND_MISTAKES
from diffusion.waveform.tutorial_lines import TUTORIAL_SOUND_LINES
from ui.mistakes import costs as overview
from ui.mistakes.costs import costs_table, measure_all
from ui.mistakes.mistakes_in_sound.compute import MistakesInSoundSettings

VALUES = {mistake.measure: (2.0, 1.0) for mistake in SOUND_MISTAKES.values()}


def measured(seen):
    def costs(settings):
        seen.append((settings.mistake, settings.seed))
        return VALUES

    return measure_all(MistakesInSoundSettings, SOUND_MISTAKES, costs)


def rows(table):
    return table.splitlines()[2:]


def test_rows_appear_one_after_the_other_and_each_is_a_link():
    seen = []
    steps = list(measured(seen)(MistakesInSoundSettings(seed=3)))
    assert [len(rows(table)) for _, table in steps] == list(range(len(SOUND_MISTAKES) + 1))
    assert seen == [(name, 3) for name in SOUND_MISTAKES]
    assert steps[0][0].endswith(f"now: {next(iter(SOUND_MISTAKES))}")
    assert steps[-1][0] == "All 11 are measured, with seed 3."
    for name, row in zip(SOUND_MISTAKES, rows(steps[-1][1]), strict=True):
        link = MistakesInSoundSettings(mistake=name, seed=3).to_link()
        assert f"({link})" in row
        assert row.replace("\\|", "").count("|") == 5  # a "|" in a name must not end its cell


def test_nothing_is_computed_before_it_is_said_what():
    seen = []
    run = measured(seen)(MistakesInSoundSettings())
    next(run)
    assert seen == []
    run.close()
    assert seen == []


def test_after_its_time_it_ends_with_what_it_has(monkeypatch):
    seconds = iter(range(0, 1_000, 20))
    monkeypatch.setattr(overview.time, "monotonic", lambda: next(seconds))
    seen = []
    *_, (status, table) = measured(seen)(MistakesInSoundSettings())
    assert len(seen) == len(rows(table)) == 3
    assert status.startswith("A minute is over: 3 of 11 are measured.")


def test_an_error_stands_where_the_number_would():
    text = costs_table({"SW2 ratio": ("NameError: x", 1.0), "fraction off": (0.25, 0.0027)})
    assert rows(text) == ["| SW2 ratio | `NameError: x` | 1 |", "| fraction off | 25.0% | 0.3% |"]


@pytest.mark.parametrize("lines", [TUTORIAL_LINES, TUTORIAL_SOUND_LINES], ids=["2d", "sound"])
def test_no_code_begins_with_an_indent_that_gradio_would_take_away(lines):
    assert all(code == code.strip() for code in lines.values())
