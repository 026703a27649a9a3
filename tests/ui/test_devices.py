"""Every section computes where its network is, be it on a GPU."""

from dataclasses import fields, replace

import pytest

import diffusion
from tests.any_settings import AT_MOST
from tests.fake_device import fake_device, on_device
from ui import page
from ui.shared import models
from ui.shared.control_types import Choice
from ui.shared.settings import control_of
from ui.shared.workers import results

SECTIONS = {section.settings.tab: section for section in page.sections()}


def smaller(settings):
    """The same settings with fewer steps and points, and a seed that no other test computes."""
    wanted = {**AT_MOST, "seed": 77}
    controls = {each.name: control_of(each) for each in fields(settings) if each.name in wanted}
    return replace(
        settings,
        **{
            name: str(wanted[name])
            if isinstance(control, Choice)
            else max(wanted[name], control.low)
            for name, control in controls.items()
        },
    )


@pytest.mark.parametrize("name", SECTIONS)
def test_each_section_computes_elsewhere(name, monkeypatch):
    load = diffusion.load

    def loaded(name, device="cpu"):
        checkpoint = load(name)
        return replace(checkpoint, network=on_device(checkpoint.network))

    monkeypatch.setattr(diffusion, "load", loaded)
    # A fifth of the time. What is on the device has been refused by then: matplotlib makes arrays
    # of all that it is given as it is given.
    monkeypatch.setattr("ui.shared.figures._drawn", lambda figure: "<svg></svg>")
    models.checkpoint.cache_clear()
    section = SECTIONS[name]
    chosen = smaller(section.settings())
    try:
        with fake_device():
            for show in section.shows:
                for _ in results(show, chosen):
                    pass
    finally:
        models.checkpoint.cache_clear()
