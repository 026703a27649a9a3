"""What is computed before the first visitor comes."""

import multiprocessing
import os
import runpy
from dataclasses import replace
from multiprocessing import forkserver

import pytest
import torch

import app
from diffusion import device
from ui import page, texts, warm_up
from ui.ddpm import train_ddpm
from ui.page import sections
from ui.score import train_score
from ui.texts import language


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


def test_the_processes_are_copies_of_one_that_has_opened_each_section(monkeypatch):
    seen = []

    def shows(settings):
        seen.append((settings, torch.get_num_threads(), language()))
        return (settings,)

    def fails(settings):
        raise RuntimeError("damaged")

    made = [
        replace(each, shows=(show,)) for each, show in zip(sections(), (fails, shows), strict=False)
    ]
    monkeypatch.setattr(page, "sections", lambda: made)
    monkeypatch.setenv("COMPANION_LANGUAGE", "de")
    monkeypatch.setitem(texts._chosen, "language", "en")
    runpy.run_module("ui.opened")
    assert seen == [(made[1].settings(), 1, "de")]


@pytest.mark.parametrize(("name", "opened"), [("cpu", True), ("cuda", False)])
def test_the_fork_server_computes_where_copies_can_go_on(monkeypatch, name, opened):
    asked = []
    monkeypatch.setattr(multiprocessing, "set_forkserver_preload", asked.extend)
    monkeypatch.setattr(
        forkserver, "ensure_running", lambda: asked.append(os.environ["PYTHONPATH"])
    )
    monkeypatch.setattr(device, "resolve", lambda name: name)
    monkeypatch.setenv("COMPANION_LANGUAGE", "en")
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    app._begin_fork_server(name, "de")
    assert ("ui.opened" in asked) == opened
    assert asked[-1].endswith(f"{os.pathsep}elsewhere")
    assert os.environ["COMPANION_LANGUAGE"] == "de"
    assert os.environ["PYTHONPATH"] == "elsewhere"
