"""What a new user finds: public names, and a README whose Python runs."""

import re
from pathlib import Path

import pytest
import torch

import diffusion
import synth
from diffusion import sampling
from diffusion.evaluation.sample_quality import RealPoints

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)


def test_dir_shows_what_is_public_and_nothing_else():
    for package in (diffusion, synth):
        assert dir(package) == sorted(package.__all__)
        assert all(hasattr(package, name) for name in dir(package))
    assert {"swiss_roll", "distributions", "load", "sample"} <= set(dir(diffusion))


@pytest.mark.parametrize("name", sampling.SAMPLERS)
def test_samplers_are_imported_by_name(name):
    sampler = sampling.SAMPLERS[name]
    assert getattr(sampling, sampler.__name__) is sampler


# Each block is run by a process of its own, in a folder of its own. They begin as copies of one
# that has only imported what all of them need.
RUNNER = """
import os, sys, traceback, warnings
import diffusion, synth, torch
warnings.filterwarnings("error", category=UserWarning, module="__main__")
folder = os.getcwd()
for place, code in enumerate(sys.argv[1:]):
    child = os.fork()
    if child == 0:
        os.mkdir(f"{folder}/{place}")
        os.chdir(f"{folder}/{place}")
        status = 0
        try:
            exec(code, {"__name__": "__main__"})
        except BaseException:
            traceback.print_exc()
            status = 1
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    print("ended", place, os.waitpid(child, 0)[1], flush=True)
"""


WRONG_BLOCKS = ["x = 1", "print(x)", "import synth\ntorch", "import warnings; warnings.warn('old')"]


@pytest.fixture(scope="module")
def blocks_run(tmp_path_factory, run_fresh):
    """The exit status of each block, then of the wrong ones, and what they wrote as errors."""
    done = run_fresh(
        RUNNER, *BLOCKS, *WRONG_BLOCKS, cwd=tmp_path_factory.mktemp("blocks"), env={"PATH": ""}
    )
    statuses = re.findall(rb"^ended \d+ (\d+)$", done.stdout, re.MULTILINE)
    return [int(status) for status in statuses], done.stderr.decode()


def test_the_readmes_python_runs(blocks_run):
    statuses, errors = blocks_run
    assert statuses[: len(BLOCKS)] == [0] * len(BLOCKS), errors


def test_a_block_that_does_not_run_by_itself_is_found(blocks_run):
    statuses, errors = blocks_run
    assert [status != 0 for status in statuses[len(BLOCKS) :]] == [False, True, True, True]
    for found in ("name 'x' is not defined", "name 'torch' is not defined", "UserWarning: old"):
        assert found in errors


def test_the_readme_has_python():
    assert BLOCKS


@pytest.mark.parametrize(
    ("name", "steps", "sw2"),
    [
        ("swiss-roll-ddpm", 10, 1.5),
        ("swiss-roll-score", 20, 2.5),
        ("swiss-roll-variational", None, 1.5),
    ],
)
def test_a_checkpoint_draws_points_by_itself(name, steps, sw2):
    model = diffusion.load(name)
    few, again = (model.sample(20, steps, torch.Generator().manual_seed(0)) for _ in range(2))
    assert torch.equal(few, again)
    points = model.sample(2_000, steps, torch.Generator().manual_seed(0))
    assert RealPoints(2_000).quality([points]).sw2 < sw2


def test_a_checkpoint_draws_what_the_readme_draws_by_hand():
    model = diffusion.load("swiss-roll-ddpm")
    by_hand = diffusion.sample(
        model.network,
        model.inference_schedule(10),
        (20, 2),
        sampler="dpm++2m",
        data_moments=diffusion.swiss_roll.moments(),
        generator=torch.Generator().manual_seed(0),
    )
    assert torch.equal(model.sample(20, 10, torch.Generator().manual_seed(0)), by_hand)


def test_a_vocoder_makes_a_sound_again():
    sound = torch.from_numpy(synth.render([synth.Sound(220, 8, 0.0, 880, 2)], duration=0.5))
    made = diffusion.load("vocoder-wavegrad").vocode(
        sound[0], generator=torch.Generator().manual_seed(0)
    )
    assert made.shape == sound[0].shape
    blocks = 600 * (len(made) // 600)
    mels = [synth.log_mel(wave[None, :blocks]) for wave in (sound[0], made)]
    assert float((mels[0] - mels[1]).abs().mean()) < 0.3


@pytest.mark.parametrize(
    ("name", "length"),
    [("waveform-wavegrad", 8192), ("waveform-harmonic", 8192), ("waveform-simple", 640)],
)
def test_a_network_makes_waveforms_from_nothing(name, length):
    waves = diffusion.load(name).sample(2, 3, torch.Generator().manual_seed(0))
    assert waves.shape == (2, length)
    assert bool(torch.isfinite(waves).all())


def test_checkpoints_refuse_what_they_cannot_do():
    with pytest.raises(ValueError, match="vocode"):
        diffusion.load("vocoder-wavegrad").sample(1)
    points = diffusion.load("swiss-roll-ddpm")
    with pytest.raises(ValueError, match="no vocoder"):
        points.vocode(torch.zeros(22_050))
    bad = ((0, 10, "got 0"), (5, 1, "got 1"), (2.5, 10, "got 2.5"), (5, 2.5, "got 2.5"))
    for n, steps, named in bad:
        with pytest.raises(ValueError, match=named):
            points.sample(n, steps)
    with pytest.raises(ValueError, match="100 steps"):
        diffusion.load("swiss-roll-variational").sample(5, 10)
