"""A checkpoint that is missing or damaged disables what needs it, and nothing else."""

import shutil
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


def forget():
    for cached in (models.checkpoint, measured, lecture):
        cached.cache_clear()


@pytest.fixture(params=zip(NAMES, cycle(DAMAGES), strict=False), ids="-".join)
def damaged(request, tmp_path, monkeypatch):
    """The name of a checkpoint that is damaged in a copy of all of them."""
    name, damage = request.param
    copies = tmp_path / "checkpoints"
    shutil.copytree(checkpoints.CHECKPOINTS, copies)
    DAMAGES[damage](copies / name)
    monkeypatch.setattr(checkpoints, "CHECKPOINTS", copies)
    forget()
    yield name
    forget()


def test_the_page_is_there_and_only_what_needs_the_checkpoint_is_not(damaged):
    lecture()
    for section in sections():
        section.settings()
    if damaged in ("swiss-roll-ddpm", "waveform-simple"):  # of which the page shows figures
        build_page()
    seed = {"seed": "271828"}  # what others have opened is remembered
    request = gr.Request(headers={}, query_params=seed, session_hash="a")
    for needing in (each for each in sections() if each.settings.tab == NEEDED_BY.get(damaged)):
        with pytest.raises(gr.Error, match=damaged) as refused:
            list(restore(needing.settings, needing.shows)(request))
        assert "\n" not in refused.value.message
        assert refused.value.duration is None  # it stays until it is closed
