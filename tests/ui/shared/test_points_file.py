"""Points from a CSV that anybody may send."""

import pytest
import torch

from ui.shared import points_file
from ui.shared.drawing import MAX_POINTS, decode_strokes, encode_strokes
from ui.shared.points_file import read_points


def read(tmp_path, content):
    file = tmp_path / "points.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_points(str(file))


@pytest.mark.parametrize(
    "content", ["0,0\n10,5\n20,0\n", "x,y\n0,0\n10,5\n20,0", "\ufeff0,0\r\n10, 5\r\n\r\n20,0\r\n"]
)
def test_points_of_a_csv_fill_the_field(tmp_path, content):
    read_file = read(tmp_path, content)
    expected = torch.tensor([[-1.4, -0.35], [0.0, 0.35], [1.4, -0.35]], dtype=torch.float64)
    assert torch.allclose(torch.cat(read_file.strokes), expected)
    assert decode_strokes(encode_strokes(read_file.strokes))
    assert read_file.note == "All 3 points of the CSV are used."


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("", "at least 2 lines .* got 0"),
        ("x,y\n", "at least 2 lines .* got 0"),
        ("1,2\n", "at least 2 lines .* got 1"),
        ("1\n2\n3\n", "line 1 .* two numbers x,y, got 1"),
        ("1,2,3\n4,5,6\n", "line 1 .* two numbers x,y, got 3"),
        ("x,y,colour\n4,5,6\n", "line 2 .* two numbers x,y, got 3"),
        ("1,2\n3,nan\n", "line 2 .* finite"),
        ("nan,nan\n1,2\n3,4\n", "line 1 .* finite"),
        ("1,2\n\n3,inf\n", "line 3 .* finite"),
        ("1,2\n3,four\n", "line 2 .*'3,four'.* numbers"),
        ("1,2\nx,y\n3,4\n", "line 2 .*'x,y'.* numbers"),
        ("1;2\n3;4\n", "comma must separate"),
        ("1,5;2,5\n3,5;4,5\n", "comma must separate"),
        ("x\ty\n1\t2\n", "comma must separate"),
        ("1,1\n1,1\n", "differ"),
        ("-1e308,0\n1e308,0\n", "finite"),
        ("1,2\n" * 1_500 + "3,4,5\n", "line 1501 "),
        (b"\x89PNG\r\n\x1a\n\x00\xff", "not text in UTF-8"),
        (b"\x00,1\n\x00,2\n", "line 1 |NUL"),
        ("1," + 200_000 * "2", "field larger"),
    ],
)
def test_a_bad_csv_is_one_sentence_that_says_what_is_wrong(tmp_path, content, named):
    with pytest.raises(ValueError, match=named) as caught:
        read(tmp_path, content)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 160


def test_a_long_csv_is_subsampled_evenly_and_says_so(tmp_path):
    rows = 20_000
    content = "".join(f"{i},{i % 7}\n" for i in range(rows))
    once, again = read(tmp_path, content), read(tmp_path, content)
    points = torch.cat(once.strokes)
    assert torch.equal(points, torch.cat(again.strokes))
    assert len(points) == MAX_POINTS == len(points.unique(dim=0))
    assert len(encode_strokes(once.strokes)) == 4 * MAX_POINTS - 1
    # Every part of the file counts alike: the x of the rows rise evenly, so do those of the points.
    tenths = torch.histc(points[:, 0], bins=10)
    assert float(tenths.min()) > 70
    assert float(tenths.max()) < 130
    assert "20,000 points; 1,000 of them" in once.note


def test_a_csv_of_endless_length_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(points_file, "MAX_ROWS", 3_000)
    assert read(tmp_path, "1,2\n3,4\n" * 1_500).num_rows == 3_000
    with pytest.raises(ValueError, match="more than 3,000 points"):
        read(tmp_path, "1,2\n3,4\n" * 1_501)
