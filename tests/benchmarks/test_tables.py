"""What the benchmarks print is read as numbers, and compared with the last time."""

import json
import time
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import __main__ as suite
from benchmarks import tables
from benchmarks.tables import Change, Result, changes, document, rounding, tables_in, value

TEXT = """\
One thread.

| recipe | ms a step: wall, processor | points |
|---|---|---|
| this project | 15.1, 14.9 | 1,024 |
| theirs | 30, 29 | 2,048 |

and then

| task | this project, s | ratio |
| :--- | ---: | --- |
| forward | 0.21 s | 1.2 |
| forward | 0.40 s | 1.2 |
| skipped | – | – |
"""


def result(text=TEXT, times=("this project, s",), command="benchmarks.some") -> Result:
    return Result(command, "2026-01-02T03:04+00:00", 1.0, 0.5, text, times)


def test_tables_are_found_in_what_is_printed():
    first, second = tables_in(TEXT)
    assert first[0] == ["recipe", "ms a step: wall, processor", "points"]
    assert [row[0] for row in first[1:]] == ["this project", "theirs"]
    assert second[-1] == ["skipped", "–", "–"]


@pytest.mark.parametrize(
    ("cell", "number", "half"),
    [
        ("0.21 s", 0.21, 0.005),
        ("15.1, 14.9", 14.9, 0.05),
        ("1,234,567", 1_234_567, 0.5),
        ("1.5e-03", 0.0015, 0.00005),
        ("5.3%", 5.3, 0.05),
        ("3 / 12 ms", 12, 0.5),
    ],
)
def test_the_last_number_of_a_cell_counts(cell, number, half):
    assert value(cell) == pytest.approx(number)
    assert rounding(cell) == pytest.approx(half)


def test_times_have_names_of_their_own():
    assert result().figures() == {
        "forward · this project, s": "0.21 s",
        "forward · this project, s (2)": "0.40 s",
    }
    both = result(times=("ms a step: wall, processor",)).figures()
    assert list(both) == [
        f"{who} · ms a step: wall, processor" for who in ("this project", "theirs")
    ]


def test_a_column_that_is_not_printed_is_noticed():
    with pytest.raises(ValueError, match="printed no number in a column 'seconds'"):
        result(times=("seconds",)).figures()


@pytest.mark.parametrize(
    ("now", "before", "slower"),
    [
        ("1.30", "1.00", True),
        ("1.24", "1.00", False),
        ("0.02", "0.01", False),  # 0.015 and 0.0149 are printed so
        ("2", "1", False),
        ("3", "1", True),
        ("0.5", "1.0", False),
        ("3", None, False),
    ],
)
def test_slower_is_by_more_than_a_quarter_whatever_was_rounded(now, before, slower):
    assert Change("a", now, before).is_slower == slower


def test_times_are_compared_with_those_of_the_same_command():
    faster = result(TEXT.replace("0.21 s", "0.10 s"))
    compared = changes({"some": result()}, {"some": faster})
    assert [(each.now, each.before, each.is_slower) for each in compared] == [
        ("0.21 s", "0.10 s", True),
        ("0.40 s", "0.40 s", False),
    ]
    other = replace(faster, command="benchmarks.some --rounds 9")
    assert {each.before for each in changes({"some": result()}, {"some": other})} == {None}


def test_the_document_has_one_table_of_times_and_what_was_printed():
    rows = [Change("some: forward", "0.21 s", "0.10 s"), Change("new: x", "1", None)]
    text = document("# Head", {"some": result()}, rows, {"gone": "it is missing"})
    (head, *times), *printed = tables_in(text)
    assert head == ["benchmark: row · column", "now", "last time", "×"]
    assert times == [
        ["some: forward", "0.21 s", "0.10 s", "2.10 slower"],
        ["new: x", "1", "–", "–"],
    ]
    assert printed == list(tables_in(TEXT))
    assert "`gone` was left out: it is missing" in text


@pytest.fixture
def small_suite(monkeypatch, tmp_path):
    """Two benchmarks that take no time, one of which fails."""
    (tmp_path / "benchmarks").mkdir()
    (tmp_path / "benchmarks/__init__.py").touch()
    (tmp_path / "benchmarks/quick.py").write_text(
        "from pathlib import Path\n"
        "print('| task | s |\\n|---|---|\\n| all | ' + Path('seconds').read_text() + ' |')\n"
    )
    (tmp_path / "benchmarks/broken.py").write_text("raise SystemExit('it is broken')\n")
    (tmp_path / "seconds").write_text("1.00")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(suite, "SUITE", {"quick": ("", ("s",)), "broken": ("", ())})
    return tmp_path


def test_a_run_is_compared_with_the_last_one(small_suite, capsys):
    assert suite.main([]) == 0
    text = (small_suite / suite.OUT).read_text()
    assert "| quick: all · s | 1.00 | – | – |" in text
    sentence = "python -m benchmarks.broken ended with status 1: it is broken"
    assert f"`broken` was left out: {sentence}\n" in text
    assert "1 benchmarks in 0.0 minutes: nothing became slower" in capsys.readouterr().out
    (small_suite / "seconds").write_text("1.50")
    assert suite.main(["--fail-if-slower"]) == suite.FAILED
    assert "- quick: all · s: 1.50, last time 1.00" in capsys.readouterr().out
    kept = json.loads((small_suite / suite.OUT).with_suffix(".json").read_text())
    assert kept["times"] == {"quick: all · s": 1.5}
    assert suite.main(["broken"]) == 0  # and what was measured before stays
    assert "| quick: all · s | 1.50 | – | – |" in (small_suite / suite.OUT).read_text()


def test_the_table_of_another_machine_is_not_compared(small_suite, capsys, monkeypatch):
    assert suite.main(["quick"]) == 0
    monkeypatch.setattr(suite, "_processor", lambda: "another processor")
    (small_suite / "seconds").write_text("9.00")
    assert suite.main(["quick", "--fail-if-slower"]) == 0
    assert "the last table is of another machine" in capsys.readouterr().out


def test_what_takes_too_long_ends_with_all_that_it_started(small_suite, monkeypatch):
    (small_suite / "benchmarks/slow.py").write_text(
        "import subprocess, sys\n"
        "subprocess.run([sys.executable, '-c', 'import time; time.sleep(30)'])\n"
    )
    monkeypatch.setitem(suite.SUITE, "slow", ("", ()))
    started = time.monotonic()
    assert suite.main(["slow", "quick", "--limit", "1"]) == 0
    assert time.monotonic() - started < 20  # its output would be waited for as long as any has it
    text = (small_suite / suite.OUT).read_text()
    assert "`slow` was left out: python -m benchmarks.slow took longer than 1 s" in text
    assert "| quick: all · s | 1.00 | – | – |" in text


def test_ctrl_c_keeps_what_was_measured(small_suite, monkeypatch, capsys):
    run = suite.run

    def interrupted(command, limit):
        if command[-1] == "benchmarks.broken":
            raise KeyboardInterrupt
        return run(command, limit)

    monkeypatch.setattr(suite, "run", interrupted)
    assert suite.main([]) == 130
    assert "| quick: all · s | 1.00 | – | – |" in (small_suite / suite.OUT).read_text()
    assert "1 benchmarks in" in capsys.readouterr().out


def test_every_benchmark_is_in_the_suite():
    folder = Path(tables.__file__).parent
    found = {path.stem for path in folder.glob("*.py") if "def main(" in path.read_text()}
    assert found - {"__main__", "gpu"} == set(suite.SUITE)  # a GPU's has `make bench-gpu`
