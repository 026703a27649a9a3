"""Real sounds go through each vocoder and Griffin-Lim, and each row says which they are."""

import os
from collections import Counter

import numpy as np
import soundfile

from benchmarks import real_sounds
from benchmarks.tables import tables_in
from synth import render
from synth.features.mel import SAMPLE_RATE
from synth.recordings import RECORDINGS
from synth.sound import Sound


def test_each_file_has_a_row_with_three_errors_of_each_measure(tmp_path, capsys):
    hiss = 0.1 * np.random.default_rng(0).standard_normal(SAMPLE_RATE // 4)
    (note,) = render([Sound(220.0, 8, 0.0, 440.0, 2.0)], 1.0)
    for name, wave in (("note", note), ("hiss", hiss)):
        soundfile.write(tmp_path / f"{name}.wav", wave, SAMPLE_RATE)
    real_sounds.main([str(tmp_path / "note.wav"), str(tmp_path / "hiss.wav")])
    printed = capsys.readouterr().out
    ((_, of_note, of_hiss, means),) = tables_in(printed)
    assert (of_note[0], of_note[3]) == ("note.wav", "no")
    assert (of_hiss[0], of_hiss[3]) == ("hiss.wav", "yes")
    errors = np.array([[cell.split(", ") for cell in row[4:]] for row in (of_note, of_hiss, means)])
    assert errors.shape == (3, len(real_sounds.MEASURES), 3)
    wavegrad, harmonic, griffin_lim = errors[0].astype(float).T
    assert (harmonic < wavegrad).all()
    assert (harmonic < griffin_lim).all()
    np.testing.assert_allclose(
        errors[:2].astype(float).mean(axis=0), errors[2].astype(float), atol=0.011
    )
    won = [line for line in printed.splitlines() if line.startswith("vocoder-harmonic, log-mel")]
    assert len(won) == 1
    assert won[0].endswith("of 2")


def test_a_vocoder_wins_where_its_error_is_smaller():
    errors = {
        "vocoder-wavegrad": [1, 5, 3],
        "vocoder-harmonic": [0, 0, 9],
        "Griffin-Lim": [2, 4, 3],
    }
    lines = list(real_sounds.wins([errors, errors]))
    assert [line.rsplit("Griffin-Lim on ")[1] for line in lines] == [
        *("2 of 2", "0 of 2", "0 of 2"),
        *("2 of 2", "2 of 2", "0 of 2"),
    ]


def test_without_espeak_it_says_so_and_the_recordings_are_left(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    found = real_sounds.default_sounds(tmp_path)
    assert "espeak-ng was not found" in capsys.readouterr().out
    assert found[: len(RECORDINGS)] == list(RECORDINGS.values())
    assert max(Counter(found).values()) == 1
    assert all(path.is_file() for path in found)


def test_where_espeak_is_found_each_voice_speaks(tmp_path, monkeypatch):
    program = tmp_path / "espeak-ng"
    program.write_text('#!/bin/sh\necho "$2: $5" > "$4"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    paths = list(real_sounds.speech(tmp_path))
    said = [path.read_text().strip() for path in paths]
    assert said == [f"{voice}: {text}" for voice, text in real_sounds.SPEECH.items()]
