"""What is computed before the first visitor comes."""

from dataclasses import replace

from ui import warm_up
from ui.ddpm import train_ddpm
from ui.page import sections
from ui.score import train_score


def test_warm_up_goes_on_after_a_section_that_fails(monkeypatch, capsys):
    opened = []

    def fails(settings):
        raise RuntimeError("no such device")

    def shows(settings):
        opened.append(settings)
        return (settings,)

    first, second = (section for section in sections()[:2])
    both = [replace(first, shows=(fails,)), replace(second, shows=(shows,))]
    monkeypatch.setattr(warm_up, "sections", lambda: both)
    for training in (train_score, train_ddpm):
        monkeypatch.setattr(training, "prepare", lambda: opened.append(None))
    warm_up.warm_up()
    assert len(opened) == 3
    (line,) = capsys.readouterr().err.splitlines()
    assert first.settings.title in line
    assert "no such device" in line
