"""Drawings as texts."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ui.shared.drawing import (
    EXAMPLE,
    LIMITS,
    MAX_LENGTH,
    MAX_POINTS,
    decode_strokes,
    encode_strokes,
    strokes_of,
)

coordinate = st.floats(*LIMITS)
stroke = st.lists(st.tuples(coordinate, coordinate), min_size=1, max_size=20)


@given(st.lists(stroke, min_size=1, max_size=10))
def test_a_drawing_survives_its_text(rows):
    strokes = [torch.tensor(each, dtype=torch.float64) for each in rows]
    back = decode_strokes(encode_strokes(strokes))
    assert len(back) == len(strokes)
    for ours, theirs in zip(back, strokes, strict=True):
        assert float((ours - theirs).abs().max()) <= 3.6 / 511 / 2 * 1.001
    assert encode_strokes(back) == encode_strokes(strokes)


@given(st.from_regex(r"([a-zA-Z0-9_-]{3}|\.)*", fullmatch=True))
def test_a_text_is_a_drawing_or_refused(text):
    whole = all(stroke and len(stroke) % 3 == 0 for stroke in text.split("."))
    if not text:
        assert decode_strokes(text) == []
    elif whole:
        assert encode_strokes(decode_strokes(text)) == text
    else:
        with pytest.raises(ValueError, match="three letters a point"):
            decode_strokes(text)


def test_the_longest_drawing_has_the_longest_text():
    dots = list(torch.zeros(MAX_POINTS, 1, 2))
    assert len(encode_strokes(dots)) == MAX_LENGTH - 1
    with pytest.raises(ValueError, match="1 to 1000 points, got 1001"):
        encode_strokes([torch.zeros(MAX_POINTS + 1, 2)])


@pytest.mark.parametrize(
    "bad", [[], [torch.tensor([[9.0, 0.0]])], [torch.tensor([[0, torch.nan]])]]
)
def test_what_is_outside_is_no_drawing(bad):
    with pytest.raises(ValueError, match="drawing"):
        encode_strokes(bad)


def test_strokes_of_a_browser_are_thinned_and_kept_inside():
    sent = [[-1 + 0.01 * k * (i + 1) for k in range(200) for i in (0, 1)], [0.5, 0.5]]
    line, dot = strokes_of(sent)
    steps = (line[1:] - line[:-1]).norm(dim=1)
    assert len(line) < 120
    assert float(steps.max()) < 0.06
    assert float(line.max()) <= LIMITS[1]
    assert dot.tolist() == [[0.5, 0.5]]


@pytest.mark.parametrize(
    "bad", [None, 3, "abc", [[1.0]], [[]], [["a", "b"]], [[float("nan"), 0.0]], [{"x": 1}], [None]]
)
def test_what_is_no_stroke_is_one_sentence(bad):
    with pytest.raises(ValueError, match="must be"):
        strokes_of(bad)


def test_the_drawing_to_begin_with_is_one():
    assert len(decode_strokes(EXAMPLE)) == 1
