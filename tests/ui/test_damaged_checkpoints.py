"""A checkpoint that is missing or damaged disables what needs it, and nothing else."""

import shutil
import sys
from itertools import cycle

import gradio as gr
import pytest

from diffusion import checkpoints
from ui.page import build_page, lecture, sections
from ui.shared import models
from ui.shared.section_opening import restore
from ui.sound.vocoder_tables import measured

NAMES = checkpoints.names()
# What opens on the network of a checkpoint.
NEEDED_BY = {
    "swiss-roll-score": "score-field",
    "swiss-roll-ddpm": "reverse",
    "swiss-roll-variational": "variational-bound",
    "vocoder-harmonic": "vocoder",
    "waveform-simple": "from-nothing",
}
DAMAGES = {
    "weights": lambda folder: (folder / "model.safetensors").write_bytes(bytes(1000)),
    "configuration": lambda folder: (folder / "config.json").write_text("{"),
    "all": shutil.rmtree,
}


def forget(name):
    """What has been computed with a checkpoint, and what has been read of it."""
    needing = next((each for each in sections() if each.settings.tab == NEEDED_BY.get(name)), None)
    computed = vars(sys.modules[needing.settings.__module__]) if needing else {}
    for each in (models.checkpoint, measured, lecture, *computed.values()):
        if hasattr(each, "cache_clear") and not isinstance(each, type):
            each.cache_clear()
    for show in needing.shows if needing else ():
        vars(show).pop("answers", None)


@pytest.fixture(params=zip(NAMES, cycle(DAMAGES), strict=False), ids="-".join)
def damaged(request, tmp_path, monkeypatch):
    """The name of a checkpoint that is damaged in a copy of all of them."""
    name, damage = request.param
    copies = tmp_path / "checkpoints"
    shutil.copytree(checkpoints.CHECKPOINTS, copies)
    DAMAGES[damage](copies / name)
    monkeypatch.setattr(checkpoints, "CHECKPOINTS", copies)
    forget(name)
    yield name
    forget(name)


def test_the_page_is_there_and_only_what_needs_the_checkpoint_is_not(damaged):
    lecture()
    for section in sections():
        section.settings()
    if damaged in ("swiss-roll-ddpm", "waveform-simple"):  # of which the page shows figures
        build_page()
    request = gr.Request(headers={}, query_params={}, session_hash="a")
    for needing in (each for each in sections() if each.settings.tab == NEEDED_BY.get(damaged)):
        with pytest.raises(gr.Error, match=damaged) as refused:
            list(restore(needing.settings, needing.shows)(request))
        assert "\n" not in refused.value.message
        assert refused.value.duration is None  # it stays until it is closed
