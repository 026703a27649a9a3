import csv
import resource
import runpy
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from synth import Sound, render
from synth.__main__ import main
from synth._sound_files import _CHUNK, _interrupts_ignored

AS_A_COMMAND = "import runpy; runpy.run_module('synth', run_name='__main__', alter_sys=True)"


@pytest.mark.parametrize("renderer", ["vectorized", "pyo"])
def test_render_writes_sounds_and_their_table(
    tmp_path: Path, renderer: str, capfd, run_fresh
) -> None:
    """With pyo in a process of its own; the shards below are of the other renderer's."""
    out = tmp_path / "deep" / "folder"
    options = ("--count", 3, "--out", out, "--seed", 5, "--duration", 0.25, "--prior", "notebook")
    if renderer == "pyo":
        done = run_fresh(AS_A_COMMAND, "render", *options, "--renderer", renderer)
        code, printed, errors = done.returncode, done.stdout.decode(), done.stderr.decode()
    else:
        code = main(["render", *map(str, options), "--renderer", renderer])
        printed, errors = capfd.readouterr()
    assert code == 0
    assert errors == ""
    assert len(printed.splitlines()) == 1
    names = [f"sound-0000{i}.wav" for i in range(3)]
    assert sorted(path.name for path in out.iterdir()) == [*names, "sounds.csv"]

    generator = torch.Generator().manual_seed(5)
    sounds = [Sound.random(generator, "notebook") for _ in range(3)]
    expected = render(sounds, 0.25)
    with open(out / "sounds.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row, name, sound, waveform in zip(rows, names, sounds, expected, strict=True):
        assert row["file"] == name
        assert float(row["f0"]) == sound.f0
        assert int(row["num_harmonics"]) == sound.num_harmonics
        assert row["series"] == "notebook"
        written, rate = soundfile.read(out / name)
        assert rate == 22050
        np.testing.assert_allclose(written, waveform, atol=1e-3)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--count", "0"], "--count"),
        (["--count", "many"], "--count"),
        (["--count", "1", "--seed", "-1"], "--seed"),
        (["--count", "1", "--duration", "nan"], "duration"),
        (["--count", "1", "--duration", "60"], "duration"),
        (["--count", "1", "--renderer", "csound"], "--renderer"),
        (["--count", "1", "--prior", "odd"], "--prior"),
        ([], "--count"),
    ],
)
def test_bad_values_give_one_sentence_and_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], words: str
) -> None:
    try:
        code: object = main(["render", *options, "--out", str(tmp_path / "out")])
    except SystemExit as stop:
        code = stop.code
    printed = capsys.readouterr()
    assert code == 2
    assert len(printed.err.splitlines()) == 1
    assert words in printed.err
    assert printed.out == ""
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written_gives_one_sentence(tmp_path: Path, capsys) -> None:
    (tmp_path / "file").write_text("in the way")
    for out in (tmp_path / "file", tmp_path / "file" / "below"):
        assert main(["render", "--count", "1", "--out", str(out)]) == 2
        error = capsys.readouterr().err
        assert len(error.splitlines()) == 1
        assert str(out) in error
        assert "Traceback" not in error


def test_a_full_disk_gives_one_sentence_and_leaves_no_half_sound(tmp_path: Path, capsys) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3_000, before[1]))
    try:
        options = ["--count", "2", "--duration", "0.1", "--out", str(tmp_path)]
        assert main(["render", *options]) == 2
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert capsys.readouterr().err == (
        f"python -m synth: cannot write all of {tmp_path}: File too large\n"
    )
    assert not list(tmp_path.iterdir())


def test_shards_write_what_one_process_does(tmp_path: Path, run_fresh) -> None:
    """As a command: there the first process's functions are those of `__main__`."""
    count = 2 * _CHUNK + 1
    options = ["render", "--count", str(count), "--duration", "0.01", "--out"]
    assert main([*options, str(tmp_path / "one")]) == 0
    sharded = run_fresh(AS_A_COMMAND, *options, tmp_path / "two", "--shards", 2)
    assert (sharded.returncode, sharded.stderr) == (0, b"")
    one, two = (sorted((tmp_path / name).iterdir()) for name in ("one", "two"))
    assert [path.name for path in one] == [path.name for path in two]
    assert len(one) == count + 1
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]


def test_ctrl_c_is_left_to_the_first_process() -> None:
    print_handler = "import signal; print(signal.getsignal(signal.SIGINT).name)"
    handler = signal.getsignal(signal.SIGINT)
    with _interrupts_ignored():
        started = subprocess.run([sys.executable, "-c", print_handler], capture_output=True)
    assert started.stdout.strip() == b"SIG_IGN"
    assert signal.getsignal(signal.SIGINT) is handler


def test_ctrl_c_is_one_sentence(tmp_path: Path, monkeypatch, capsys) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("synth._sound_files.render", interrupted)
    assert main(["render", "--count", "3", "--out", str(tmp_path)]) == 130
    assert capsys.readouterr().err.startswith("python -m synth: stopped; ")


def test_sigterm_leaves_no_half_sound(tmp_path: Path, monkeypatch) -> None:
    def terminated(*_: object) -> None:
        signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr("synth._sound_files.Path.replace", terminated)
    monkeypatch.setattr("sys.argv", ["synth", "render", "--count", "1", "--out", str(tmp_path)])
    monkeypatch.delitem(sys.modules, "synth.__main__")
    before = signal.getsignal(signal.SIGTERM)
    try:
        with pytest.raises(SystemExit) as stopped:
            runpy.run_module("synth", run_name="__main__", alter_sys=True)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert stopped.value.code == 143
    assert not list(tmp_path.iterdir())
