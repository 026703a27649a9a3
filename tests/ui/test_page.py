"""What the events of the page cost a browser and the server."""

from gradio.components import Component

from tests.built_page import built_page
from ui import page
from ui.components import SoundCards
from ui.components.base import Player


def test_the_queue_has_an_end():
    assert built_page()._queue.max_size == page.LONGEST_QUEUE


def test_no_news_of_an_event_makes_the_browser_copy_payloads():
    """At each news of any event Gradio 6.31 copies the properties of all that has ever waited.

    That is what an event shows its progress on, or else its outputs, and all that these contain:
    with the tabs among them a change of the section copied every payload two hundred times.
    """
    waiting = {
        each
        for event in built_page().fns.values()
        if event.fn is not None
        for each in event.show_progress_on or event.outputs
    }
    assert all(isinstance(each, Component) for each in waiting)  # and none a layout
    players = {each for each in waiting if isinstance(each, Player)}
    assert [type(each) for each in players] == [SoundCards]  # the gallery has no text beside it
