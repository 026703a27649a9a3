"""Drawings as texts, and points from a CSV that anybody may send."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ui.score.drawing import (
    EXAMPLE,
    LIMITS,
    MAX_LENGTH,
    MAX_POINTS,
    decode_strokes,
    encode_strokes,
    read_points,
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


def read(tmp_path, content):
    file = tmp_path / "points.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_points(str(file))


@pytest.mark.parametrize(
    "content", ["0,0\n10,5\n20,0\n", "x,y\n0,0\n10,5\n20,0", "\ufeff0,0\r\n10, 5\r\n\r\n20,0\r\n"]
)
def test_points_of_a_csv_fill_the_field(tmp_path, content):
    points = torch.cat(read(tmp_path, content))
    expected = torch.tensor([[-1.4, -0.35], [0.0, 0.35], [1.4, -0.35]], dtype=torch.float64)
    assert torch.allclose(points, expected)
    assert decode_strokes(encode_strokes(read(tmp_path, content)))


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("", "2 to 1000 lines"),
        ("x,y\n", "got 0"),
        ("1,2\n", "got 1"),
        ("1\n2\n3\n", "two finite numbers"),
        ("1,2,3\n4,5,6\n", "two finite numbers"),
        ("1,2\n3,nan\n", "point 2"),
        ("nan,nan\n1,2\n3,4\n", "point 1"),
        ("1,2\n3,inf\n", "point 2"),
        ("1,2\n3,four\n", "'3,four'"),
        ("1;2\n3;4\n", "got 1|two finite numbers"),
        ("1,1\n1,1\n", "differ"),
        ("-1e308,0\n1e308,0\n", "finite"),
        ("1,2\n" * 1_001, "got more"),
        (b"\x89PNG\r\n\x1a\n\x00\xff", "CSV"),
        (b"\x00,1\n\x00,2\n", "2 to 1000|two finite|CSV"),
    ],
)
def test_a_bad_csv_is_one_sentence(tmp_path, content, named):
    with pytest.raises(ValueError, match=named) as caught:
        read(tmp_path, content)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 160


def test_a_million_rows_are_refused_without_reading_them(tmp_path):
    with pytest.raises(ValueError, match="got more"):
        read(tmp_path, "1,2\n3,4\n" * 500_000)


def test_the_drawing_to_begin_with_is_one():
    assert len(decode_strokes(EXAMPLE)) == 1
