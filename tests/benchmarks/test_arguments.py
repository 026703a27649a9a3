"""Without a name a benchmark runs all that it knows."""

import sys

import pytest

from benchmarks import classroom, compiled_network, request_costs


def nothing(*_, **__):
    return 0.0


def test_all_sections_are_measured_without_a_name(monkeypatch, capsys):
    monkeypatch.setattr(request_costs, "cost", nothing)
    request_costs.main([])
    rows = capsys.readouterr().out.splitlines()[2:]
    assert len(rows) == len(request_costs.SECTIONS)
    request_costs.main(["forward"])
    assert len(capsys.readouterr().out.splitlines()[2:]) == 1


def test_all_networks_are_compiled_without_a_name(monkeypatch, capsys):
    monkeypatch.setattr(compiled_network, "tasks", lambda network, name: {"forward": nothing})
    monkeypatch.setattr(compiled_network, "alternately", lambda *_: (2.0, 1.0, 3.0))
    monkeypatch.setattr(sys, "argv", ["compiled_network"])
    compiled_network.main()
    rows = capsys.readouterr().out.splitlines()[2:]
    assert [row.split(",")[0] for row in rows] == [f"| {name}" for name in compiled_network.NAMES]


def test_an_unknown_lesson_is_refused():
    with pytest.raises(SystemExit):
        classroom.main(["sleeping"])
