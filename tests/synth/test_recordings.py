import tracemalloc
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from synth.recordings import load_sound

RATE = 22_050


def tone(seconds: float, rate: int, frequency: float = 440.0) -> np.ndarray:
    return 0.3 * np.sin(2 * np.pi * frequency * np.arange(round(seconds * rate)) / rate)


def pitch(sound: np.ndarray) -> float:
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    return float(spectrum.argmax() * RATE / len(sound))


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg", "mp3", "aiff"])
@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100])
def test_every_format_and_rate_gives_the_same_tone(tmp_path: Path, suffix: str, rate: int) -> None:
    path = tmp_path / f"tone.{suffix}"
    soundfile.write(path, tone(1.0, rate), rate)
    sound = load_sound(path)
    assert sound.dtype == np.float32
    assert len(sound) == pytest.approx(RATE, abs=2_500 if suffix == "mp3" else 1)  # mp3 pads
    assert pitch(sound) == pytest.approx(440, abs=2)
    assert np.sqrt(np.mean(sound**2)) == pytest.approx(0.12, rel=1e-3)


def test_192_khz_is_resampled_without_aliases(tmp_path: Path) -> None:
    rate = 192_000
    soundfile.write(tmp_path / "high.wav", tone(1, rate) + tone(1, rate, 15_000), rate, "FLOAT")
    sound = load_sound(tmp_path / "high.wav")
    assert len(sound) == RATE
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(RATE)))
    assert spectrum.argmax() == 440
    assert spectrum[500:].max() < 1e-3 * spectrum.max()  # 15 kHz would fold to 7,050 Hz


def test_stereo_is_averaged_whatever_the_offset(tmp_path: Path) -> None:
    both = np.stack([tone(1, RATE) + 0.2, tone(1, RATE, 660) + 0.2], axis=1)
    soundfile.write(tmp_path / "stereo.wav", both, RATE, "FLOAT")
    sound = load_sound(tmp_path / "stereo.wav")
    spectrum = np.abs(np.fft.rfft(sound))
    assert spectrum[440] == pytest.approx(spectrum[660], rel=1e-3)
    assert spectrum[0] < 1e-3 * spectrum[440]


def test_of_an_hour_only_the_first_four_seconds_are_read(tmp_path: Path) -> None:
    path = tmp_path / "hour.wav"
    with soundfile.SoundFile(path, "w", 5_000, 1, "PCM_U8") as file:
        file.write(tone(4, 5_000))
        file.write(np.zeros(3_596 * 5_000, dtype=np.int16))
    load_sound(path)  # imports the resampler
    tracemalloc.start()
    sound = load_sound(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10e6  # the hour would be 230 MB
    assert len(sound) == 4 * RATE
    assert pitch(sound) == pytest.approx(440, abs=1)


@pytest.mark.parametrize(
    ("suffix", "codec"), [("m4a", "aac"), ("opus", "libopus"), ("webm", "libopus")]
)
def test_what_telephones_record_is_read(tmp_path: Path, suffix: str, codec: str) -> None:
    path, rate = tmp_path / f"tone.{suffix}", 48_000
    encode(path, codec, tone(1.0, rate), rate)
    sound = load_sound(path)
    assert len(sound) == pytest.approx(RATE, abs=2_500)  # coders pad
    assert pitch(sound) == pytest.approx(440, abs=2)


def encode(path: Path, codec: str, samples: np.ndarray, rate: int) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate)
        stream.layout = "mono"
        for part in np.split(samples.astype(np.float32), range(960, len(samples), 960)):
            frame = av.AudioFrame.from_ndarray(part[None], format="fltp", layout="mono")
            frame.sample_rate = rate
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def test_a_sine_on_an_offset_begins_without_a_click(tmp_path: Path) -> None:
    write(tmp_path / "plain.wav", tone(1, 44_100), 44_100)
    write(tmp_path / "offset.wav", tone(1, 44_100) + 0.4, 44_100)
    plain, offset = load_sound(tmp_path / "plain.wav"), load_sound(tmp_path / "offset.wav")
    np.testing.assert_allclose(offset, plain, atol=1e-4)


def test_an_offset_alone_is_silent_at_any_rate(tmp_path: Path) -> None:
    write(tmp_path / "offset.wav", np.full(44_100, 0.5), 44_100)
    with pytest.raises(ValueError, match="is silent"):
        load_sound(tmp_path / "offset.wav")


def test_antiphase_stereo_gives_the_louder_channel(tmp_path: Path) -> None:
    write(tmp_path / "mono.wav", tone(1, RATE))
    write(tmp_path / "stereo.wav", np.stack([tone(1, RATE), -0.95 * tone(1, RATE)], axis=1))
    expected = load_sound(tmp_path / "mono.wav")
    np.testing.assert_allclose(load_sound(tmp_path / "stereo.wav"), expected, atol=1e-4)


def test_silence_in_front_is_skipped(tmp_path: Path) -> None:
    write(tmp_path / "late.wav", np.concatenate([np.zeros(5 * RATE + 99), tone(5, RATE)]))
    sound = load_sound(tmp_path / "late.wav")
    assert len(sound) == 4 * RATE
    assert int(np.argmax(np.abs(sound) > 0.01)) == pytest.approx(0.05 * RATE, abs=5)


def test_an_excerpt_begins_where_one_says(tmp_path: Path) -> None:
    write(tmp_path / "two.wav", np.concatenate([tone(5, RATE), tone(5, RATE, 660)]))
    assert pitch(load_sound(tmp_path / "two.wav")) == pytest.approx(440, abs=1)
    assert pitch(load_sound(tmp_path / "two.wav", start=5.5)) == pytest.approx(660, abs=1)
    with pytest.raises(ValueError, match="after excerpt start = 60 s"):
        load_sound(tmp_path / "two.wav", start=60)
    with pytest.raises(ValueError, match=r"excerpt start must be in \[0, 3600\]"):
        load_sound(tmp_path / "two.wav", start=-1)


def write(path: Path, samples: np.ndarray, rate: int = RATE) -> None:
    soundfile.write(path, samples, rate, "FLOAT")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda path: path.write_bytes(b""),
            "sound.wav cannot be read as wav, flac, ogg, opus, mp3, aiff or m4a",
        ),
        (lambda path: path.write_text("no sound" * 100), "cannot be read"),
        (lambda path: path.write_bytes(b"RIFF\x00\x00\x00\x00WAVEfmt "), "cannot be read"),
        (lambda path: path.write_text("#EXTM3U\n/etc/hostname\n"), "cannot be read"),
        (lambda path: path.write_bytes(bytes(21_000_000)), "at most 20 MB, got 21 MB"),
        (lambda path: path.mkdir(), "cannot be read"),
        (lambda path: None, "cannot be read"),
        (lambda path: write(path, np.zeros(0)), "sound.wav must last at least 0.1 s, got 0 s"),
        (lambda path: write(path, tone(0.05, RATE)), "at least 0.1 s"),
        (lambda path: write(path, np.zeros(RATE)), "sound.wav is silent, or its first 60 s are"),
        (lambda path: write(path, np.full(RATE, 0.5)), "is silent"),
        (lambda path: write(path, np.full(RATE, np.nan)), "must hold finite samples"),
        (lambda path: write(path, np.append(tone(1, RATE), np.inf)), "must hold finite samples"),
        (
            lambda path: write(path, tone(1, 1_000), 1_000),
            r"sample rate must be in \[4000, 384000\]",
        ),
    ],
)
def test_what_is_no_sound_gives_one_sentence(tmp_path: Path, make, message: str) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "sound.wav"
    make(path)
    with pytest.raises(ValueError, match=message) as caught:
        load_sound(path)
    assert len(str(caught.value).splitlines()) == 1
    assert str(tmp_path) not in str(caught.value)


@pytest.mark.parametrize("suffix", ["flac", "ogg", "mp3"])
@pytest.mark.parametrize("kept", [10, 60])
def test_a_beginning_is_refused(tmp_path: Path, suffix: str, kept: int) -> None:
    path = tmp_path / f"sound.{suffix}"
    soundfile.write(path, tone(2, RATE), RATE)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(ValueError, match=r"cannot be read|must last at least"):
        load_sound(path)


@pytest.mark.parametrize("suffix", ["wav", "mp3"])
def test_half_a_file_is_half_a_sound(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"sound.{suffix}"
    soundfile.write(path, tone(2, RATE), RATE)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    sound = load_sound(path)
    assert RATE // 2 < len(sound) < 1.5 * RATE
    assert pitch(sound) == pytest.approx(440, abs=5)
