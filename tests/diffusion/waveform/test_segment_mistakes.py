"""Where the tutorial's networks are trained, and where they are not."""

import pytest
import torch

from diffusion.process.schedule import NoiseSchedule
from diffusion.training.objectives import hierarchical_noise_levels
from diffusion.waveform.segment_mistakes import (
    all_segments,
    all_steps,
    range_as_printed,
    range_between_steps,
    segment_ends,
    segments_as_drawn,
    without_noisiest,
)

SCHEDULE = NoiseSchedule.from_name("linear", 50, 1e-6, 1e-2)


def test_the_tutorials_own_draw_never_reaches_the_last_segment():
    last = float(SCHEDULE.noise_levels[-2])
    assert float(segments_as_drawn(SCHEDULE).min()) > last
    assert float(all_segments(SCHEDULE).min()) < last


@pytest.mark.parametrize("levels", [all_segments, range_between_steps])
def test_the_right_levels_are_evenly_those_of_wavegrad(levels, generator):
    drawn = hierarchical_noise_levels(40_000, SCHEDULE, generator)
    found = levels(SCHEDULE)
    for power in (1, 2):
        assert float((found**power).mean()) == pytest.approx(float((drawn**power).mean()), abs=1e-3)
    assert float(found.min()) > float(SCHEDULE.noise_levels[-1])


def test_a_range_without_width_holds_the_steps_alone():
    assert torch.allclose(range_as_printed(SCHEDULE).unique(), segment_ends(SCHEDULE)[:-1].flip(0))


def test_the_skipped_step_is_the_noisiest():
    assert float(SCHEDULE.noise_levels[-1]) == pytest.approx(0.882, abs=5e-4)
    assert float(without_noisiest(SCHEDULE).noise_levels[-1]) == pytest.approx(0.887, abs=5e-4)
    assert torch.equal(all_steps(SCHEDULE).betas, SCHEDULE.betas)
