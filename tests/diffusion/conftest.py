"""What the tests of trainings on sounds have in common."""

import pytest
from accelerate.state import AcceleratorState, GradientState


@pytest.fixture
def few_sounds(monkeypatch, tmp_path):
    """So few that they are rendered at once, in a cache of the test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("diffusion.waveform.prepare.SOUNDS", 64)
    monkeypatch.setattr("diffusion.waveform.prepare.VOCODER_SOUNDS", 64)
    monkeypatch.setattr("diffusion.waveform.prepare.FITTED_CROPS", 16)


@pytest.fixture
def fresh_accelerate():
    """Accelerate reads a launcher's settings once in a process: here, once in a test, and anew."""

    def reset():
        AcceleratorState._reset_state(reset_partial_state=True)
        GradientState._reset_state()

    reset()
    yield reset
    reset()
