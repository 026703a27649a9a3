"""A folder of recordings is decoded once, and any piece of it can be drawn."""

import os

import numpy as np
import pytest
import soundfile
import torch

from synth.recording_set import RecordingSet


def sine(frequency: float, rate: int, seconds: float) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * frequency * np.arange(round(rate * seconds)) / rate)


@pytest.fixture
def folder(tmp_path):
    """A stereo flac at 44.1 kHz in a folder of its own, a mono wav at 22.05 kHz, and a text."""
    recordings = tmp_path / "recordings"
    (recordings / "live").mkdir(parents=True)
    stereo = np.stack([sine(440, 44_100, 2.0), np.zeros(88_200)], axis=1)
    soundfile.write(recordings / "live/a.flac", stereo, 44_100)
    soundfile.write(recordings / "b.WAV", sine(1_000, 22_050, 1.0), 22_050, format="WAV")
    (recordings / "notes.txt").write_text("no sound")
    return recordings


def test_all_are_one_channel_at_one_rate(folder, tmp_path):
    recordings = RecordingSet(folder, tmp_path / "cache")
    assert [path.name for path in recordings.files] == ["b.WAV", "a.flac"]
    assert recordings.lengths.tolist() == [22_050, 44_100]
    assert recordings.seconds == 3
    first, second = np.split(recordings.samples[:] / 32_767, [22_050])
    assert np.abs(first - sine(1_000, 22_050, 1.0)).max() < 1e-4
    inside = slice(1_000, -1_000)
    assert np.abs(second - 0.5 * sine(440, 22_050, 2.0))[inside].max() < 1e-3


def test_what_was_decoded_is_found_again_until_a_file_changes(folder, tmp_path, monkeypatch):
    first = RecordingSet(folder, tmp_path / "cache")
    with monkeypatch.context() as patch:
        patch.setattr(RecordingSet, "_decode", lambda self: pytest.fail("decoded twice"))
        again = RecordingSet(folder, tmp_path / "cache")
    assert np.array_equal(first.samples, again.samples)
    os.utime(folder / "b.WAV", (1, 1))
    assert RecordingSet(folder, tmp_path / "cache").path != first.path


def test_every_place_is_as_likely_and_no_piece_leaves_its_recording(folder, tmp_path):
    recordings = RecordingSet(folder, tmp_path / "cache")
    marked = np.concatenate([np.arange(22_050), 50_000 + np.arange(44_100)]).astype(np.int64)
    recordings.samples = marked
    pieces = recordings.pieces(1_000, 20_000, torch.Generator().manual_seed(0)).double() * 32_767
    steps = pieces.diff(dim=1)
    assert torch.allclose(steps, torch.ones_like(steps), atol=0.02)
    starts = pieces[:, 0].round()
    assert float((starts > 40_000).double().mean()) == pytest.approx(43_101 / 64_152, abs=0.02)
    assert float(starts.min()) < 20
    assert float(starts.max()) == pytest.approx(50_000 + 43_100, abs=20)
    same = recordings.pieces(1_000, 3, torch.Generator().manual_seed(4))
    assert torch.equal(same, recordings.pieces(1_000, 3, torch.Generator().manual_seed(4)))


def test_recordings_that_cannot_be_used_are_one_sentence(folder, tmp_path):
    with pytest.raises(ValueError, match=r"no wav or flac file in .*empty"):
        RecordingSet(tmp_path / "empty", tmp_path / "cache")
    recordings = RecordingSet(folder, tmp_path / "cache")
    with pytest.raises(ValueError, match=r"must last 1.36 s at least; shorter are 1 of 2.*b.WAV"):
        recordings.pieces(30_000, 1, torch.Generator())


@pytest.mark.parametrize("damage", ["no sound", "cut", "not a number"])
def test_a_broken_file_is_named_and_nothing_is_kept(damage, folder, tmp_path):
    path = folder / "live/a.flac"
    if damage == "no sound":
        path.write_bytes(b"fLaC and nothing more")
    elif damage == "cut":
        content = path.read_bytes()
        path.write_bytes(content[: len(content) // 2])
    else:
        path = folder / "b.WAV"
        soundfile.write(path, np.full(22_050, np.nan), 22_050, format="WAV", subtype="FLOAT")
    with pytest.raises(ValueError, match=path.name) as caught:
        RecordingSet(folder, tmp_path / "cache")
    assert "\n" not in str(caught.value)
    assert list((tmp_path / "cache").iterdir()) == []
