"""What the tests of trainings on sounds have in common."""

import pytest


@pytest.fixture
def few_sounds(monkeypatch, tmp_path):
    """So few that they are rendered at once, in a cache of the test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("diffusion.waveform.prepare.SOUNDS", 64)
    monkeypatch.setattr("diffusion.waveform.prepare.VOCODER_SOUNDS", 64)
    monkeypatch.setattr("diffusion.waveform.prepare.FITTED_CROPS", 16)
