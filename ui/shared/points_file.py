"""Points from a CSV that anybody may send, as a drawing of dots."""

from __future__ import annotations

import csv
import math
from array import array
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from diffusion.data.distributions import fit
from ui.shared.drawing import MAX_POINTS

MAX_ROWS = 200_000
SEED = 0


@dataclass(frozen=True)
class PointsFile:
    """What was read.

    Attributes:
        strokes: the points, moved and scaled to the field, each a stroke (1, 2) of its own.
        num_rows: how many points the file has.
    """

    strokes: list[Tensor]
    num_rows: int

    @property
    def note(self) -> str:
        """A sentence on which of the points are used."""
        used = len(self.strokes)
        if used == self.num_rows:
            return f"All {used:,} points of the CSV are used."
        return (
            f"The CSV has {self.num_rows:,} points; {used:,} of them, drawn at random with a "
            "fixed seed, are used."
        )


def read_points(path: str | None) -> PointsFile:
    """The points of a CSV of two columns; of more than 1,000 a random subset with a fixed seed.

    Its first line may name the columns.

    Raises:
        ValueError: if it is no such file, in one sentence that says what is wrong.
    """
    if path is None:
        raise ValueError("no file has arrived: upload a CSV")
    values = array("d")
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            for point in _points(csv.reader(file)):
                values.extend(point)
                if len(values) > 2 * MAX_ROWS:
                    raise ValueError(f"the CSV has more than {MAX_ROWS:,} points")
    except OSError as error:
        raise ValueError("the file is not there any more: upload it again") from error
    except UnicodeDecodeError as error:
        raise ValueError("the file is not a CSV: it is not text in UTF-8") from error
    except csv.Error as error:
        raise ValueError(f"the file is not a CSV: {error}") from error
    num_rows = len(values) // 2
    if num_rows < 2:
        raise ValueError(f"the CSV must have at least 2 lines of numbers x,y, got {num_rows}")
    points = torch.tensor(values, dtype=torch.float64).reshape(-1, 2)
    order = torch.randperm(num_rows, generator=torch.Generator().manual_seed(SEED))
    used = points[order[:MAX_POINTS].sort().values]
    return PointsFile(list(fit(used)[:, None, :]), num_rows)


def _points(rows: Iterator[list[str]]) -> Iterator[tuple[float, float]]:
    for line, row in enumerate(rows, start=1):
        if row and not (line == 1 and _names_columns(row)):
            yield _point(row, line)


def _names_columns(row: list[str]) -> bool:
    has_letters = any(letter.isalpha() for letter in "".join(row))
    return has_letters and all(_number(cell) is None for cell in row)


def _point(row: list[str], line: int) -> tuple[float, float]:
    text = ",".join(row)
    where = f"line {line} of the CSV is {text[:40]!r}"
    if any(separator in text for separator in ";\t"):
        raise ValueError(f"{where}: a comma must separate x and y, and a point the decimals")
    if len(row) != 2:
        raise ValueError(f"{where}: it must be two numbers x,y, got {len(row)}")
    x, y = (_number(cell) for cell in row)
    if x is None or y is None or not (math.isfinite(x) and math.isfinite(y)):
        raise ValueError(f"{where}: it must be two finite numbers x,y")
    return x, y


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None
