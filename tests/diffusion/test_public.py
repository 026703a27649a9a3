"""What a new user finds: public names, and a README whose Python runs."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import diffusion
from diffusion import sampling

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)


def test_dir_shows_what_is_public_and_nothing_else():
    assert dir(diffusion) == sorted(diffusion.__all__)
    assert all(hasattr(diffusion, name) for name in dir(diffusion))
    assert {"swiss_roll", "distributions", "load", "sample"} <= set(dir(diffusion))


@pytest.mark.parametrize("name", sampling.SAMPLERS)
def test_samplers_are_imported_by_name(name):
    sampler = sampling.SAMPLERS[name]
    assert getattr(sampling, sampler.__name__) is sampler


@pytest.mark.parametrize("code", BLOCKS, ids=range(len(BLOCKS)))
def test_the_readmes_python_runs(code, tmp_path):
    run = [sys.executable, "-W", "error::UserWarning:__main__", "-c", code]
    done = subprocess.run(
        run,
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_readme_has_python():
    assert BLOCKS
