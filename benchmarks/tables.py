"""Tables that benchmarks print, as numbers: what `python -m benchmarks` writes and compares."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

NUMBER = re.compile(r"-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:e[+-]?\d+)?")
SLOWER = 1.25
RULE = re.compile(r"\|(?: ?:?-+:? ?\|)+")


@dataclass(frozen=True)
class Result:
    """What a benchmark printed, and when.

    Attributes:
        command: arguments of `python -m`.
        date: ISO 8601, to the minute.
        seconds: that it ran.
        load: of the machine before it began: processes that wanted to run, mean of a minute.
        text: its output.
        times: names of the columns with times, in which less is better.
    """

    command: str
    date: str
    seconds: float
    load: float
    text: str
    times: tuple[str, ...] = ()

    def figures(self) -> dict[str, str]:
        """The cells of its columns of times, by row and column.

        Raises:
            ValueError: if there is no such column, or no cell of it has a number.
        """
        found: dict[str, str] = {}
        for column in self.times:
            cells = [
                (f"{row[0]} · {column}", row[index])
                for head, *rows in tables_in(self.text)
                for index, name in enumerate(head)
                if name == column
                for row in rows
                if NUMBER.search(row[index])
            ]
            if not cells:
                raise ValueError(f"{self.command} printed no number in a column {column!r}")
            found |= dict(_numbered(cells))
        return found


@dataclass(frozen=True)
class Change:
    """A time now, and in the last table."""

    name: str
    now: str
    before: str | None

    @property
    def ratio(self) -> float | None:
        """Now ÷ before, if that was measured and is not 0."""
        if self.before is None or not (before := value(self.before)):
            return None
        return value(self.now) / before

    @property
    def is_slower(self) -> bool:
        """By more than a quarter, for whatever numbers the printed ones may be rounded from."""
        if self.before is None:
            return False
        least = value(self.now) - rounding(self.now)
        return least > SLOWER * (value(self.before) + rounding(self.before))


def tables_in(text: str) -> Iterator[list[list[str]]]:
    """The Markdown tables in a text, each its rows of cells; the first row is the head."""
    lines = text.splitlines()
    for number, (head, rule) in enumerate(pairwise(lines)):
        if head.startswith("|") and RULE.fullmatch(rule.strip()):
            table = [_cells(head)]
            for line in lines[number + 2 :]:
                if not line.startswith("|"):
                    break
                table.append(_cells(line))
            yield [row for row in table if len(row) == len(table[0])]


def value(cell: str) -> float:
    """The last number in a cell: of "wall, processor" the processor's, which depends less on load.

    Raises:
        ValueError: if there is none.
    """
    return float(_last_number(cell).replace(",", ""))


def rounding(cell: str) -> float:
    """Half a unit of the last digit of `value`."""
    digits, _, exponent = _last_number(cell).replace(",", "").partition("e")
    return float(0.5 * 10 ** (int(exponent or 0) - len(digits.partition(".")[2])))


def changes(now: dict[str, Result], before: dict[str, Result]) -> list[Change]:
    """Each time that was measured now, in the order of the benchmarks, beside the last one.

    Benchmarks whose command was another one before, with other sizes say, are not compared.
    """
    found = []
    for name, result in now.items():
        last = before.get(name)
        same = last is not None and last.command == result.command
        earlier = last.figures() if last is not None and same else {}
        found += [
            Change(f"{name}: {figure}", cell, earlier.get(figure))
            for figure, cell in result.figures().items()
        ]
    return found


def document(
    heading: str, results: dict[str, Result], rows: list[Change], failures: dict[str, str]
) -> str:
    """The Markdown file: one table of all times, then what each benchmark printed."""
    lines = [heading, "", "| benchmark: row · column | now | last time | × |", "|---|---|---|---|"]
    for each in rows:
        ratio = "–" if each.ratio is None else f"{each.ratio:.2f}" + " slower" * each.is_slower
        lines.append(f"| {each.name} | {each.now} | {each.before or '–'} | {ratio} |")
    for name, sentence in failures.items():
        lines += ["", f"`{name}` was left out: {sentence}"]
    for name, result in results.items():
        lines += [
            "",
            f"## {name}",
            "",
            f"`python -m {result.command}`, {result.date}, {result.seconds:.0f} s, "
            f"load before it {result.load:.1f}",
            "",
            result.text.strip(),
        ]
    return "\n".join(lines) + "\n"


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def _numbered(cells: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Names that are there twice get a number."""
    seen: Counter[str] = Counter()
    for name, cell in cells:
        seen[name] += 1
        yield (name if seen[name] == 1 else f"{name} ({seen[name]})"), cell


def _last_number(cell: str) -> str:
    numbers = NUMBER.findall(cell)
    if not numbers:
        raise ValueError(f"there is no number in {cell!r}")
    return str(numbers[-1])
