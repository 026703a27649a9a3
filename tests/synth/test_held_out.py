import numpy as np
import pytest

from synth import CHOICE_SEEDS, HELD_OUT_SEEDS, REPORT_SEEDS, SoundDataset, held_out_sounds


def test_the_sounds_are_always_the_same_64() -> None:
    sounds = held_out_sounds()
    assert len(set(sounds)) == 64
    assert sounds == held_out_sounds()
    assert [sounds[0].f0, sounds[63].f0] == pytest.approx([165.881169, 89.8449122], rel=1e-6)
    assert np.ptp(np.log2([sound.f0 for sound in sounds])) > 3
    assert any(sound.second_level for sound in sounds)


def test_they_are_split_for_good() -> None:
    assert (len(CHOICE_SEEDS), len(REPORT_SEEDS)) == (16, 48)
    assert [*CHOICE_SEEDS, *REPORT_SEEDS] == list(HELD_OUT_SEEDS)
    assert held_out_sounds(REPORT_SEEDS) == held_out_sounds()[16:]


@pytest.mark.parametrize("seed", [HELD_OUT_SEEDS[0], HELD_OUT_SEEDS[-1], HELD_OUT_SEEDS[5] + 2**32])
def test_no_data_set_can_be_made_of_them(tmp_path, seed: int) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match="seed must not be one of the held-out"):
        SoundDataset(1, 0.05, seed, "wide", cache_dir=tmp_path)
