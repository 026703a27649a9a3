"""What `pip install .` brings."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
SETUPTOOLS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]


def test_every_package_of_the_core_is_installed():
    found = {
        ".".join(folder.parent.relative_to(ROOT).parts)
        for package in ("diffusion", "synth")
        for folder in (ROOT / package).rglob("__init__.py")
    }
    assert {*SETUPTOOLS["packages"]} == found | {"diffusion.shipped"}


def test_the_checkpoints_are_installed_whole():
    folder = ROOT / SETUPTOOLS["package-dir"]["diffusion.shipped"]
    patterns = SETUPTOOLS["package-data"]["diffusion.shipped"]
    files = {path for path in folder.rglob("*") if path.is_file()}
    assert files == {path for pattern in patterns for path in folder.glob(pattern)}
    assert (ROOT / "diffusion" / "py.typed").is_file()
    assert (ROOT / "synth" / "py.typed").is_file()
