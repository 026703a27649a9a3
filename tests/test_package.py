"""What `pip install .` brings, and which package may import which."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from diffusion.checkpoints import names

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
IMPORT = re.compile(r"^ *(?:from (\w[\w.]*) import|import (\w[\w.]*)$|import (\w[\w.]*) as)", re.M)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """What pip lets the project's own builder make before it installs it."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in ("diffusion", "synth", "checkpoints"):
        shutil.copytree(ROOT / name, source / name)
    for name in ("pyproject.toml", "LICENSE", "README.md"):
        shutil.copy(ROOT / name, source)
    build = f"from setuptools.build_meta import build_wheel; build_wheel({str(out)!r})"
    subprocess.run([sys.executable, "-c", build], cwd=source, check=True, capture_output=True)
    return zipfile.ZipFile(next(out.glob("*.whl")))


def test_the_wheel_holds_every_module_and_checkpoint(wheel):
    held = set(wheel.namelist())
    modules = [path for name in ("diffusion", "synth") for path in (ROOT / name).rglob("*.py")]
    assert {path.relative_to(ROOT).as_posix() for path in modules} <= held
    assert {"diffusion/py.typed", "synth/py.typed"} <= held
    for name in names():
        assert f"diffusion/shipped/{name}/model.safetensors" in held
        assert f"diffusion/shipped/{name}/config.json" in held


def test_an_installed_package_loads_its_checkpoints_from_any_folder(wheel, tmp_path, run_fresh):
    installed, elsewhere = tmp_path / "installed", tmp_path / "elsewhere"
    elsewhere.mkdir()
    wheel.extractall(installed)
    program = (
        "import diffusion; print(diffusion.__file__, diffusion.load('swiss-roll-ddpm').config)"
    )
    found = run_fresh(program, cwd=elsewhere, path=installed)
    assert found.returncode == 0, found.stderr
    assert found.stdout.decode().startswith(str(installed))


def imports(path):
    return {"".join(found) for found in IMPORT.findall(path.read_text())}


def test_all_dependencies_are_pinned_for_the_page():
    pinned = {line.split("==")[0] for line in (ROOT / "requirements.txt").read_text().split()}
    assert {re.split("[>=<]", each)[0] for each in PROJECT["dependencies"]} <= pinned


def test_every_library_that_the_packages_import_is_declared():
    names = (re.split("[>=<]", each)[0] for each in PROJECT["dependencies"])
    declared = {name.replace("-", "_") for name in names}
    paths = [path for name in ("diffusion", "synth") for path in (ROOT / name).rglob("*.py")]
    used = {each.split(".")[0] for path in paths for each in imports(path)}
    own = {"diffusion", "synth", *sys.stdlib_module_names}
    assert used - own <= declared


def test_only_the_waveform_package_and_the_command_line_know_sound():
    diffusion = ROOT / "diffusion"
    knowing = {
        path.relative_to(diffusion).as_posix()
        for path in diffusion.rglob("*.py")
        if any(each.startswith(("synth", "diffusion.waveform")) for each in imports(path))
    }
    assert {path for path in knowing if not path.startswith("waveform/")} == {
        "catalog.py",
        "checkpoints.py",  # Checkpoint.vocode
        "__main__.py",
        "quality_command.py",
    }


@pytest.mark.parametrize("package", ["diffusion", "synth"])
def test_no_core_package_imports_the_page_or_its_tools(package):
    forbidden = {"gradio", "matplotlib", "ui"}
    for path in (ROOT / package).rglob("*.py"):
        assert not {each.split(".")[0] for each in imports(path)} & forbidden, path


def test_the_tests_of_a_file_share_a_process(request):
    """Else each process computes what the sections open on, and walks through the whole page."""
    several = "PYTEST_XDIST_WORKER" in os.environ
    assert request.node.nodeid.endswith("@test_package") == several


def test_the_readmes_picture_has_the_folders_that_there_are():
    picture = (ROOT / "README.md").read_text().split("## How it is laid out\n")[1].split("\n## ")[0]
    named, package = set(), ""
    for indent, folders in re.findall(r"^ {4}((?:  )?)((?:\w+/ )+)", picture, re.M):
        package = package if indent else folders.strip("/ ")
        named |= {f"{package}/{name}" if indent else name for name in re.findall(r"\w+", folders)}
    there = {
        path.parent.relative_to(ROOT).as_posix()
        for package in ("diffusion", "synth", "ui")
        for path in (ROOT / package).glob("*/*.*")
        if not path.parent.name.startswith(("_", "."))
    }
    assert {name for name in named if "/" in name} == there
    assert all((ROOT / name).is_dir() for name in named)


def test_nothing_is_read_or_written_with_pickle():
    unsafe = re.compile(r"\b(pickle|dill|joblib|shelve|torch\.(load|save)|allow_pickle=True)\b")
    packages = ("diffusion", "synth", "ui", "benchmarks")
    for path in (path for name in packages for path in (ROOT / name).rglob("*.py")):
        assert not unsafe.search(path.read_text()), path
    suffixes = {path.suffix for path in (ROOT / "checkpoints").rglob("*") if path.is_file()}
    assert suffixes <= {".safetensors", ".json", ".md"}


def test_the_image_has_what_the_page_needs_and_runs_as_nobody_special():
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    copied = {line.split()[1] for line in lines if line.startswith("COPY ")}
    let_in = {
        line[1:] for line in (ROOT / ".dockerignore").read_text().split() if line.startswith("!")
    }
    used = {each.split(".")[0] for path in (ROOT / "ui").rglob("*.py") for each in imports(path)}
    own = {name for name in used if (ROOT / name).is_dir()}
    assert copied == let_in == own | {"app.py", "checkpoints", "lectures", "requirements.txt"}
    assert re.fullmatch(r"FROM python:3\.11\.\d+-slim-\w+", lines[0])
    assert lines.index("USER 1000") < lines.index("EXPOSE 7860")
    assert "STOPSIGNAL SIGINT" in lines  # as process 1, Python ends by Ctrl-C alone
