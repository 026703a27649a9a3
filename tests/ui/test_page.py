"""What the page computes before its first visitor comes."""

from dataclasses import replace

from ui import page


def test_warm_up_goes_on_after_a_section_that_fails(monkeypatch, capsys):
    opened = []

    def fails(settings):
        raise RuntimeError("no such device")

    first, second = (section for section in page.sections()[:2])
    sections = [replace(first, shows=(fails,)), replace(second, shows=(opened.append,))]
    monkeypatch.setattr(page, "sections", lambda: sections)
    for training in (page.train_score, page.train_ddpm):
        monkeypatch.setattr(training, "prepare", lambda: opened.append(None))
    page.warm_up()
    assert len(opened) == 3
    (line,) = capsys.readouterr().err.splitlines()
    assert first.settings.title in line
    assert "no such device" in line


def test_the_queue_has_an_end():
    assert page.build_page()._queue.max_size == page.LONGEST_QUEUE
