"""What the page computes before its first visitor comes, and what its events cost a browser."""

from dataclasses import replace

import pytest
from gradio.components import Component

from ui import page
from ui.components import SoundCards
from ui.components.base import Player


@pytest.fixture(scope="module")
def built():
    return page.build_page()


def test_warm_up_goes_on_after_a_section_that_fails(monkeypatch, capsys):
    opened = []

    def fails(settings):
        raise RuntimeError("no such device")

    def shows(settings):
        opened.append(settings)
        return (settings,)

    first, second = (section for section in page.sections()[:2])
    sections = [replace(first, shows=(fails,)), replace(second, shows=(shows,))]
    monkeypatch.setattr(page, "sections", lambda: sections)
    for training in (page.train_score, page.train_ddpm):
        monkeypatch.setattr(training, "prepare", lambda: opened.append(None))
    page.warm_up()
    assert len(opened) == 3
    (line,) = capsys.readouterr().err.splitlines()
    assert first.settings.title in line
    assert "no such device" in line


def test_the_queue_has_an_end(built):
    assert built._queue.max_size == page.LONGEST_QUEUE


def test_no_news_of_an_event_makes_the_browser_copy_payloads(built):
    """At each news of any event Gradio 6.31 copies the properties of all that has ever waited.

    That is what an event shows its progress on, or else its outputs, and all that these contain:
    with the tabs among them a change of the section copied every payload two hundred times.
    """
    waiting = {
        each
        for event in built.fns.values()
        if event.fn is not None
        for each in event.show_progress_on or event.outputs
    }
    assert all(isinstance(each, Component) for each in waiting)  # and none a layout
    players = {each for each in waiting if isinstance(each, Player)}
    assert [type(each) for each in players] == [SoundCards]  # the gallery has no text beside it
