"""Strategies that draw the settings of a section: every control anywhere in its range."""

import math
import re
from dataclasses import fields
from functools import partial

import torch
from hypothesis import reject
from hypothesis import strategies as st

from synth import Sound
from ui.shared.control_types import Choice, Text
from ui.shared.drawing import encode_strokes
from ui.shared.settings import control_of
from ui.sound.sound_text import encode_amplitudes, encode_sound

AT_MOST = {
    "num_steps": 10,
    "num_points": 100,
    "num_inference_steps": 4,
    "steps": 6,
    "steps_1": 4,
    "steps_2": 4,
    "steps_3": 4,
    "steps_4": 4,
    "walkers": 20,
    "duration": 0.4,
}
"""What makes a run longer is kept small: the faults lie in how the other controls combine."""


def points():
    coordinate = st.floats(-1.8, 1.8)
    rows = st.lists(st.tuples(coordinate, coordinate), min_size=1, max_size=9)
    return rows.map(lambda pairs: torch.tensor(pairs, dtype=torch.float64))


def heights():
    heard = st.lists(st.floats(0, 1), max_size=40).filter(lambda each: not each or max(each) > 0.01)
    return heard.map(encode_amplitudes)


def sounds():
    values = {name: st.floats(*allowed) for name, allowed in Sound.RANGES.items()}
    values["num_harmonics"] = st.integers(1, 40)
    return st.builds(Sound, **values).map(encode_sound)


TEXTS = {
    "strokes": st.lists(points(), min_size=1, max_size=5).map(encode_strokes),
    "amplitudes": heights(),
    "sound": sounds(),
}


def any_settings(settings_class, **at_most):
    """Settings with every control anywhere in its range, or up to the maximum given for it.

    Values that a section refuses together, such as more steps than a network was trained on, are
    none of its settings.
    """
    values = {}
    for field in fields(settings_class):
        name, control = field.name, control_of(field)
        if isinstance(control, Text):
            values[name] = TEXTS[name]
        elif isinstance(control, Choice):
            limit = at_most.get(name, math.inf)
            values[name] = st.sampled_from(
                [each for each in control.options if name not in at_most or float(each) <= limit]
            )
        else:
            between = st.integers if isinstance(control.step, int) else st.floats
            high = min(control.high, max(control.low, at_most.get(name, math.inf)))
            values[name] = between(control.low, high)
    return st.builds(partial(_accepted, settings_class), **values)


def _accepted(settings_class, **values):
    """The settings, unless they refuse a combination and name a control."""
    try:
        return settings_class(**values)
    except ValueError as error:
        reason = str(error)
    assert any(label in reason for label in labels(settings_class)), reason
    reject()


def labels(settings_class):
    """What the controls are called on the page, without their units."""
    return [re.split(r", | \(", control_of(each).label)[0] for each in fields(settings_class)]
