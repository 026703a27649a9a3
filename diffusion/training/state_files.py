"""The states of a training in its folder, the last few of them, each whole or not there."""

from __future__ import annotations

from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from diffusion.training.trainer import Trainer
from diffusion.whole_files import whole

KEPT = 3


def state_files(folder: Path) -> list[Path]:
    """The states in a folder, the newest last."""
    return sorted(folder.glob("training-*.safetensors"))


def step_of(path: Path) -> int:
    """The number of steps that were made before a state."""
    return int(path.stem.removeprefix("training-"))


def save_state(trainer: Trainer, folder: Path, metadata: dict[str, str]) -> Path:
    """Write all that `resume_from` needs, in one stroke; of older states the last two are kept.

    Args:
        trainer: whose state it is.
        folder: where `training-STEP.safetensors` is written.
        metadata: what the run says of itself.

    Raises:
        OSError: if it cannot be written; the states that were there still are.
    """
    path = folder / f"training-{trainer.step:09}.safetensors"
    try:
        with whole(path) as unfinished:
            save_file(trainer.state(), unfinished, metadata=metadata)
    except OSError as error:
        earlier = [each.name for each in state_files(folder)][-1:]
        left = f"; {earlier[0]} is still there" if earlier else ""
        raise OSError(f"{error}{left}") from error
    for old in state_files(folder)[:-KEPT]:
        old.unlink()
    return path


def resume_from(trainer: Trainer, path: Path, identity: dict[str, str]) -> dict[str, str]:
    """Go on from a file that `save_state` wrote.

    Args:
        trainer: of the same network.
        path: the file.
        identity: the part of the metadata that must be the same.

    Returns:
        The metadata.

    Raises:
        ValueError: if the file is damaged, belongs to another run, or is further than this one.
    """
    try:
        with safe_open(path, framework="pt") as file:
            metadata: dict[str, str] = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        others = [
            f"{key} {found!r}, not {wanted!r}"
            for key, wanted in identity.items()
            if (found := metadata.get(key, "")) != wanted
        ]
        if others:
            raise ValueError(f"it is of another run: {', '.join(others)}")
        trainer.restore(tensors)
    except (OSError, SafetensorError, RuntimeError, KeyError, ValueError) as error:
        reason = " ".join(str(error).split())[:300]
        raise ValueError(f"cannot resume from {path}: {reason}") from error
    return metadata
