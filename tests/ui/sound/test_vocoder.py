import re
from dataclasses import astuple, replace
from pathlib import Path
from urllib.parse import parse_qsl

import gradio as gr
import numpy as np
import pytest
import soundfile
import torch

from diffusion.waveform.likeness import likeness
from synth import Sound
from synth.recordings import RECORDINGS
from ui.shared.controls import handler
from ui.shared.models import checkpoint
from ui.sound.networks import HARMONIC, LAPPED, VOCODERS, WAVEGRAD
from ui.sound.sound_designer.compute import SoundDesignerSettings
from ui.sound.sound_text import DEFAULT_SOUND, another_sound, decode_sound, encode_sound, sound_link
from ui.sound.vocoder.about import about, described
from ui.sound.vocoder.compute import (
    NOISE,
    SIGMAS,
    VocoderSettings,
    kept_steps,
    noised,
    noised_result,
    start_of_step,
    vocode,
    vocode_results,
)
from ui.sound.vocoder.displays import show, show_noised
from ui.sound.vocoder.sound_choice import SoundChoice
from ui.sound.vocoder.subject import recorded
from ui.sound.vocoder_errors import error_facts, partials_figure

RATE = 22_050
SHORT = VocoderSettings(duration=0.5)


def tone(seconds: float, rate: int = RATE) -> np.ndarray:
    return 0.3 * np.sin(2 * np.pi * 440 * np.arange(round(seconds * rate)) / rate)


def test_every_sigma_has_the_same_noise_and_its_own_snr():
    trajectory = noised_result(SHORT)
    clean, *noisy = trajectory.views["x_t"].astype(np.float64)
    assert np.array_equal(clean, SHORT.subject().wave[0])
    noises = []
    for sigma, x_t, label in zip(SIGMAS, noisy, trajectory.labels[1:], strict=True):
        alpha = 1 / (1 + float(sigma) ** 2)
        noise = x_t - alpha**0.5 * clean
        snr = 10 * np.log10(alpha * np.mean(clean**2) / np.mean(noise**2))
        assert label.startswith(f"σ = {sigma}, ")
        assert float(label.split("SNR ")[1].split()[0].replace("−", "-")) == pytest.approx(
            snr, abs=0.6
        )
        noises.append(noise / (1 - alpha) ** 0.5)
    for noise in noises:  # float32 rounds the least noise to some parts in ten thousand
        assert np.allclose(noise, noises[-1], rtol=0, atol=1e-2)


def test_a_sound_is_made_again_step_by_step():
    results = list(vocode(SHORT, SHORT.subject()))
    assert [each.done for each in results] == [0, 1, 2, 3, 4, 5, 6, 6]
    assert [each.errors is None for each in results] == 7 * [True] + [False]
    trajectory = results[-1].trajectory()
    assert (
        trajectory.views["x_t"].shape == trajectory.views["x̂₀"].shape == (7, RATE // 2)
    )  # no whole blocks
    assert np.array_equal(trajectory.views["x_t"][-1], trajectory.views["x̂₀"][-1])
    again = vocode_results.last(SHORT).trajectory().views["x_t"]
    assert np.array_equal(again, trajectory.views["x_t"])
    other = vocode_results.last(VocoderSettings(duration=0.5, seed=1)).trajectory().views["x_t"]
    assert not np.allclose(other[-1], again[-1], atol=1e-2)


def test_of_published_schedule_those_above_the_start_are_left_out():
    settings = VocoderSettings(duration=0.5, steps="25", schedule="published", start="0.1")
    results = list(vocode(settings, settings.subject()))
    labels = results[-1].trajectory().labels
    assert results[-1].total == len(labels) - 1 == 16  # 15 of the 25 are below σ = 0.1
    assert labels[0] == "16 steps to go, √ᾱ = 0.9950"


@pytest.mark.parametrize(
    ("total", "seconds", "frames"), [(1000, 1.0, 21), (1000, 4.0, 7), (6, 4.0, 7), (6, 0.4, 7)]
)
def test_a_longer_sound_has_fewer_frames(total, seconds, frames):
    kept = kept_steps(total, seconds)
    assert len(kept) == frames
    assert (kept[0], kept[-1]) == (0, total)


def test_no_step_is_computed_in_advance():
    settings = VocoderSettings(steps="1000")
    running = vocode(settings, settings.subject())
    first, second = next(running), next(running)
    running.close()
    assert (first.done, second.done, second.total) == (0, 1, 1000)
    assert len(second.states) == 1  # step 1 is none of those that are kept


@pytest.mark.parametrize("start", ["1", "0.03", "0.003"])
def test_it_begins_anew_with_what_was_heard(start):
    settings = VocoderSettings(duration=0.5, start=start)
    step = 1 + SIGMAS.index(start)
    assert start_of_step(step) == start
    heard = noised_result(settings).views["x_t"][step]
    begun = vocode_results.last(settings).trajectory().views["x_t"][0]
    assert np.allclose(begun, heard, rtol=0, atol=1e-5)


@pytest.mark.parametrize("network", [LAPPED, WAVEGRAD])
def test_the_less_noise_the_nearer_is_what_comes_back(network):
    settings = [VocoderSettings(start=start, network=network) for start in (NOISE, "0.1", "0.01")]
    found = [vocode_results.last(each).errors for each in settings]
    for name in ("log_mel", "spectral_convergence", "multi_resolution_stft"):
        noise, tenth, hundredth = (getattr(each, name) for each in found)
        assert noise > tenth > hundredth
    assert found[0].spectral_convergence > 3 * found[2].spectral_convergence
    assert abs(found[2].partials.cents) < 1


@pytest.mark.parametrize("network", VOCODERS)
def test_each_network_makes_the_sound_again_by_an_architecture_of_its_own(network):
    settings = replace(SHORT, network=network)
    result = vocode_results.last(settings)
    others = {name: vocode_results.last(replace(SHORT, network=name)) for name in VOCODERS}
    assert [name for name in VOCODERS if np.array_equal(others[name].wave(), result.wave())] == [
        network
    ]
    *_, cost, code = show(settings)
    assert f"The network: {network}." in cost
    assert type(settings.checkpoint().network).__qualname__ + ".forward" in code
    # What begins in noise is the same whichever network is to take it away.
    begun = vocode_results.last(replace(settings, start="0.1")).trajectory().views["x_t"][0]
    assert np.allclose(begun, noised_result(settings).views["x_t"][1 + SIGMAS.index("0.1")])


OLD_LINK = {
    "tab": "vocoder", "sound": DEFAULT_SOUND, "duration": "1.0", "sampler": "dpm++2m",
    "steps": "6", "eta": "0.0", "levels": "ours", "mel": "held", "start": "pure noise", "seed": "3",
}  # fmt: skip


def test_an_old_link_shows_the_network_that_it_showed():
    assert VocoderSettings.from_query(OLD_LINK).network == LAPPED
    assert VocoderSettings.from_query(OLD_LINK | {"network": WAVEGRAD}).network == WAVEGRAD
    assert VocoderSettings.from_query({"tab": "vocoder"}).network == HARMONIC
    designed = dict(parse_qsl(sound_link("vocoder", decode_sound(DEFAULT_SOUND), 1.0)[1:]))
    assert VocoderSettings.from_query(designed) == VocoderSettings()


def test_the_errors_of_known_partials_are_listed_and_drawn():
    found = vocode_results.last(VocoderSettings()).errors
    known = found.partials
    assert len(known.levels) == len(known.frequencies) == 12
    assert known.noise > known.noise_of_original
    assert error_facts(found)["pitch error"] == f"{known.cents:+.1f} cents"
    figure = partials_figure(found)
    assert f"175 Hz {known.levels[0]:+.1f} dB" in re.search('aria-label="(.*?)"', figure)[1]


@pytest.fixture(scope="module")
def choice():
    with gr.Blocks():
        return SoundChoice.lay_out(VocoderSettings, {})


def test_another_sound_is_that_of_the_next_seed(choice):
    sound, seed, own, file, excerpt = choice._another(*astuple(VocoderSettings()))
    assert (sound, seed) == another_sound(0)
    assert (seed, own, file) == (1, None, None)
    assert not excerpt["visible"]
    settings = VocoderSettings(sound=sound, seed=seed)
    assert isinstance(decode_sound(settings.sound), Sound)
    assert settings.subject().wave.shape == (1, RATE)
    assert another_sound(1)[0] != sound
    assert another_sound(999_999)[1] == 0


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"sound": "f0:loud"}, "sound must be"),
        ({"sound": "f0:9999999"}, "sound must be"),
        ({"duration": 5}, r"duration \(s\) must be a number in \[0.4, 4\]"),
        ({"steps": "7"}, "steps must be one of"),
        ({"start": "0.001"}, "start must be one of"),  # the schedules end above it
    ],
)
def test_settings_out_of_range_are_refused(options, sentence):
    with pytest.raises(ValueError, match=sentence):
        VocoderSettings(**options)


@pytest.mark.parametrize(
    ("name", "samples", "rate", "subtype", "seconds"),
    [
        ("wav", lambda: tone(0.7), RATE, "PCM_16", 0.7),
        ("flac", lambda: np.stack([tone(1), tone(1)], axis=1), RATE, "PCM_16", 1),
        ("wav", lambda: tone(0.5, 192_000), 192_000, "FLOAT", 0.5),
        ("wav", lambda: tone(3_600, 4_000), 4_000, "PCM_U8", 4),  # not made while collecting
        ("ogg", lambda: tone(0.11), RATE, "VORBIS", 0.11),
    ],
    ids=["wav", "stereo flac", "192 kHz", "an hour", "short ogg"],
)
def test_ones_own_sound_is_read_made_again_and_left_to_others(
    choice, tmp_path, name, samples, rate, subtype, seconds
):
    path = tmp_path / f"mine.{name}"
    soundfile.write(path, samples(), rate, subtype)
    own, _, excerpt = choice._read(str(path), 0)
    assert excerpt["visible"]
    # Two visitors who upload the same file share its path.
    assert choice._read(str(path), 0)[0].key == own.key
    assert own.seconds == pytest.approx(seconds, rel=1e-3)
    payload, said = handler(VocoderSettings, show_noised)(*astuple(VocoderSettings()), own)
    assert said.startswith(f"Your own sound, {own.seconds:.2f} s: from 0.00 s")
    assert own.key in payload["run"]
    if seconds < 1:
        *_, result = vocode(VocoderSettings(), own)
        assert result.wave().shape == own.wave.shape
        assert result.errors.partials is None
        assert "cannot be measured" in str(error_facts(result.errors))
        assert partials_figure(result.errors) == ""


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "cannot be read"),
        (b"<script>no sound</script>" * 99, "cannot be read"),
        (np.zeros(RATE), "silent"),
        (np.full(RATE, np.nan), "finite"),
        (tone(0.05), "at least 0.1 s"),
    ],
    ids=["empty", "no audio", "silent", "nan", "too short"],
)
def test_what_is_no_sound_is_one_sentence(choice, tmp_path, content, sentence):
    path = tmp_path / "mine.wav"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        soundfile.write(path, content, RATE, "FLOAT")
    with pytest.raises(gr.Error, match=sentence) as caught:
        choice._read(str(path), 0)
    assert len(str(caught.value).splitlines()) == 1
    assert str(tmp_path) not in str(caught.value)


def test_no_recording_is_one_sentence(choice):
    with pytest.raises(gr.Error, match="record or upload one"):
        choice._read(None, 0)


def test_two_own_sounds_are_two_runs(tmp_path: Path):
    keys = set()
    for seconds in (0.3, 0.4):
        soundfile.write(tmp_path / "mine.wav", tone(seconds), RATE)
        own = recorded(str(tmp_path / "mine.wav"))
        assert noised(VocoderSettings(), own).views["x_t"].shape[1] == own.wave.shape[1]
        keys.add(own.key)
    assert len(keys) == 2


def test_an_excerpt_of_ones_own_sound_is_named_in_the_words_of_its_control(choice, tmp_path: Path):
    low, high = (np.sin(2 * np.pi * f * np.arange(2 * RATE) / RATE) for f in (300, 600))
    path = str(tmp_path / "mine.wav")
    soundfile.write(path, np.concatenate([0 * low, low, 0 * low, high]), RATE)
    for start, begins, hertz in ((0, 1.95, 300), (3, 3.0, 300), (4.5, 5.95, 600)):
        own, file, _ = choice._read_again(recorded(path), path, start)
        assert file == path
        at, end = begins, begins + own.seconds
        assert (
            own.words
            == f"Your own sound, {own.seconds:.2f} s: from {at:.2f} s to {end:.2f} s of it"
        )
        spectrum = np.abs(np.fft.rfft(own.wave[0, : RATE // 2]))
        assert 2 * spectrum.argmax() == pytest.approx(hertz, abs=2)
        said = show_noised(VocoderSettings(excerpt_start=start), own)[1]
        assert said == about(own, "vocoder", own.seconds)
    with pytest.raises(gr.Error, match=r"after excerpt start = 8.5 s"):
        choice._read_again(own, path, 8.5)
    with pytest.raises(gr.Error, match=r"excerpt start \(s\) must be a number in \[0, 600\]"):
        choice._read_again(own, path, 601)
    assert choice._read_again(None, None, 1.0)[:2] == (None, None)


UNLIKE = "It is probably unlike the training data: "


def test_only_a_sound_unlike_the_training_data_is_called_so(choice):
    member = SHORT
    assert UNLIKE not in show_noised(member)[1]
    recording, *_ = choice._built_in("accordion")
    said = show_noised(member, recording)[1]
    assert said.startswith(f"{recording.words}. {UNLIKE}")
    score = likeness(checkpoint(VOCODERS[HARMONIC]), torch.from_numpy(recording.wave))
    assert f"(its logit is −{-float(score):.1f}, below −1)" in said
    # So is a sound of one's own design, though its partials are known.
    bell = replace(decode_sound(DEFAULT_SOUND), inharmonicity=0.1)
    assert UNLIKE in described(replace(member, sound=encode_sound(bell)).subject())


def test_a_sound_but_no_recording_is_linked_to_the_other_sections(choice):
    subject = SHORT.subject()
    for here, others in {
        "vocoder": ["side-by-side", "sound-designer"],
        "side-by-side": ["vocoder", "sound-designer"],
    }.items():
        links = re.findall(r"\]\(\?([^)]+)\)", about(subject, here, 0.5))
        queries = [dict(parse_qsl(link, keep_blank_values=True)) for link in links]
        assert [query["tab"] for query in queries] == others
        made_again, designer = queries
        assert (made_again["sound"], made_again["duration"]) == (subject.key, "0.5")
        assert SoundDesignerSettings.from_query(designer).sound() == decode_sound(subject.key)
    recording, *_ = choice._built_in("accordion")
    for here, other in (("vocoder", "side-by-side"), ("side-by-side", "vocoder")):
        assert re.findall(r"\]\(\?([^)]+)\)", about(recording, here, 0.5)) == [f"tab={other}"]


@pytest.mark.parametrize("name", RECORDINGS)
def test_the_built_in_recordings_are_there_and_are_made_again(choice, name):
    own, path, excerpt = choice._built_in(name)
    assert path == str(RECORDINGS[name])
    assert excerpt == gr.update(value=0.0, visible=True)
    assert own.words.startswith(f"{name.capitalize()}, ")
    assert own.partials is None
    assert 1.4 < own.seconds <= 4
    moved, *_ = choice._read_again(own, path, 0.5)
    assert moved.words.startswith(f"{name.capitalize()}, ")
    assert moved.key != own.key
