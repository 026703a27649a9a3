"""Without a name a benchmark runs all that it knows."""

import pytest

from benchmarks import classroom, request_costs


def nothing(*_, **__):
    return 0.0


def test_all_sections_are_measured_without_a_name(monkeypatch, capsys):
    monkeypatch.setattr(request_costs, "cost", nothing)
    request_costs.main([])
    rows = capsys.readouterr().out.splitlines()[2:]
    assert len(rows) == len(request_costs.SECTIONS)
    request_costs.main(["forward"])
    assert len(capsys.readouterr().out.splitlines()[2:]) == 1


def test_an_unknown_lesson_is_refused():
    with pytest.raises(SystemExit):
        classroom.main(["sleeping"])
