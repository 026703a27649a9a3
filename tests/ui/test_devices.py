"""Every section computes where its network is, be it on a GPU."""

from dataclasses import replace

import pytest

import diffusion
from tests.fake_device import fake_device, on_device
from ui import page
from ui.shared import models
from ui.shared.kept_answers import results

SECTIONS = {section.settings.tab: section for section in page.sections()}


@pytest.mark.parametrize("name", SECTIONS)
def test_each_section_computes_elsewhere(name, monkeypatch):
    load = diffusion.load

    def loaded(name, device="cpu"):
        checkpoint = load(name)
        return replace(checkpoint, network=on_device(checkpoint.network))

    monkeypatch.setattr(diffusion, "load", loaded)
    models.checkpoint.cache_clear()
    section = SECTIONS[name]
    seeded = {"seed": 77} if hasattr(section.settings(), "seed") else {}
    try:
        with fake_device():
            for show in section.shows:
                for _ in results(show, section.settings(**seeded)):
                    pass
    finally:
        models.checkpoint.cache_clear()
