import os
import resource
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch

from synth import Sound, SoundDataset, dataset, random_crops, render


@pytest.fixture
def renders(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The number of sounds of each call to the renderer."""
    calls: list[int] = []

    def counted(sounds: list[Sound], *arguments: float) -> np.ndarray:
        calls.append(len(sounds))
        return render(sounds, *arguments)

    monkeypatch.setattr(dataset, "render", counted)
    return calls


def make(folder: Path, **changes: object) -> SoundDataset:
    return SoundDataset(**{"count": 20, "duration": 0.05, "cache_dir": folder, **changes})  # type: ignore[arg-type]


def test_items_are_the_rendered_sounds(tmp_path: Path) -> None:
    data = make(tmp_path)
    assert len(data) == len(data.sounds) == 20
    waveform, index = data[-1]
    assert index == 19
    assert waveform.dtype == torch.float32
    np.testing.assert_allclose(waveform, render(data.sounds[19], 0.05)[0], atol=1e-5)
    assert isinstance(data.waveforms, np.memmap)
    batch, indices = next(iter(torch.utils.data.DataLoader(data, batch_size=4)))
    assert batch.shape == (4, 1102)
    assert indices.tolist() == [0, 1, 2, 3]
    with pytest.raises(IndexError):
        data[20]


def test_of_two_that_start_at_once_one_renders(tmp_path: Path, renders: list[int]) -> None:
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _: make(tmp_path), range(2))
    assert renders.count(20) == 1
    np.testing.assert_array_equal(first.waveforms, second.waveforms)


def test_a_full_disk_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, before[1]))
    try:
        with pytest.raises(OSError, match=r"too large: .*sounds-.*\.npy"):
            make(tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(tmp_path.iterdir()) == []


def test_the_same_settings_give_the_same_data_in_any_folder(tmp_path: Path) -> None:
    first, second = make(tmp_path / "a"), make(tmp_path / "b")
    assert first.sounds == second.sounds
    assert (tmp_path / "a" / first.path.name).read_bytes() == second.path.read_bytes()


@pytest.mark.parametrize(
    "change",
    [{"count": 21}, {"duration": 0.06}, {"seed": 1}, {"prior": "notebook"}, {"sample_rate": 8000}],
)
def test_other_settings_are_kept_apart(tmp_path: Path, change: dict[str, object]) -> None:
    assert make(tmp_path).path != make(tmp_path, **change).path


def test_another_version_of_the_law_is_kept_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = make(tmp_path).path
    monkeypatch.setattr(dataset, "PRIOR_VERSION", dataset.PRIOR_VERSION + 1)
    assert make(tmp_path).path != before


def test_an_intact_cache_is_used_again(tmp_path: Path, renders: list[int]) -> None:
    path = make(tmp_path).path
    assert 20 in renders
    renders.clear()
    written = path.stat().st_mtime_ns
    make(tmp_path)
    assert renders == [3]  # only the spot check
    assert path.stat().st_mtime_ns == written


@pytest.mark.parametrize("damage", ["empty", "garbage", "cut", "zero tail", "other shape", "nan"])
def test_a_damaged_cache_is_rendered_again(tmp_path: Path, damage: str) -> None:
    path = make(tmp_path).path
    intact = path.read_bytes()
    if damage == "other shape":
        np.save(path, np.zeros((3, 4), dtype=np.float32))
    elif damage == "nan":
        np.save(path, np.full((20, 1102), np.nan, dtype=np.float32))
    else:
        half = len(intact) // 2
        path.write_bytes(
            {
                "empty": b"",
                "garbage": b"not an array" * 100,
                "cut": intact[:half],
                "zero tail": intact[:half] + bytes(len(intact) - half),
            }[damage]
        )
    make(tmp_path)
    assert path.read_bytes() == intact


def test_a_failed_rendering_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(KeyboardInterrupt):
        make(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_default_folder_follows_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/elsewhere")
    assert dataset.default_cache_dir() == Path("/elsewhere/diffusion-companion")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert dataset.default_cache_dir() == Path.home() / ".cache" / "diffusion-companion"


@pytest.mark.parametrize(
    "bad",
    [
        {"count": 0},
        {"count": 1.5},
        {"seed": -1},
        {"duration": 11},
        {"prior": "x"},
        {"sample_rate": 1},
    ],
)
def test_bad_settings_are_refused(tmp_path: Path, bad: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(bad))):
        make(tmp_path, **bad)
    assert list(tmp_path.iterdir()) == []


def test_crops_are_pieces_of_the_waveforms() -> None:
    waveforms = torch.arange(60).reshape(3, 20)
    crops = random_crops(waveforms, 5, 500, torch.Generator().manual_seed(0))
    assert crops.shape == (500, 5)
    assert torch.equal(crops, crops[:, :1] + torch.arange(5))
    assert set((crops[:, 0] // 20).tolist()) == {0, 1, 2}
    assert set((crops[:, 0] % 20).tolist()) == set(range(16))
    again = random_crops(waveforms, 5, 500, torch.Generator().manual_seed(0))
    assert torch.equal(crops, again)


@pytest.mark.parametrize(
    ("shape", "length", "batch_size", "message"),
    [
        ((3,), 1, 1, "waveforms"),
        ((0, 9), 1, 1, "waveforms"),
        ((3, 9), 10, 1, "length"),
        ((3, 9), 0, 1, "length"),
        ((3, 9), 5, 0, "batch_size"),
    ],
)
def test_impossible_crops_are_refused(
    shape: tuple[int, ...], length: int, batch_size: int, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        random_crops(torch.zeros(shape), length, batch_size, torch.Generator())
