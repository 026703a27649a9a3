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
from ui.texts import Texts

SHARED = Texts("shared")


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
            return SHARED.say("csv.all_used", used=used)
        return SHARED.say("csv.some_used", num_rows=self.num_rows, used=used)


def read_points(path: str | None) -> PointsFile:
    """The points of a CSV of two columns; of more than 1,000 a random subset with a fixed seed.

    Its first line may name the columns.

    Raises:
        ValueError: if it is no such file, in one sentence that says what is wrong.
    """
    if path is None:
        raise ValueError(SHARED["csv.not_arrived"])
    values = array("d")
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            for point in _points(csv.reader(file)):
                values.extend(point)
                if len(values) > 2 * MAX_ROWS:
                    raise ValueError(SHARED.say("csv.too_many", most=MAX_ROWS))
    except OSError as error:
        raise ValueError(SHARED["csv.gone"]) from error
    except UnicodeDecodeError as error:
        raise ValueError(SHARED["csv.not_text"]) from error
    except csv.Error as error:
        raise ValueError(SHARED.say("csv.wrong", error=error)) from error
    num_rows = len(values) // 2
    if num_rows < 2:
        raise ValueError(SHARED.say("csv.too_few", rows=num_rows))
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
        raise ValueError(SHARED.say("csv.separators", where=where))
    if len(row) != 2:
        raise ValueError(SHARED.say("csv.not_two", where=where, count=len(row)))
    x, y = (_number(cell) for cell in row)
    if x is None or y is None or not (math.isfinite(x) and math.isfinite(y)):
        raise ValueError(SHARED.say("csv.not_finite", where=where))
    return x, y


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None
