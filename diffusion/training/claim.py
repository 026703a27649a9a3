"""One training a folder: it is locked, and seen to be writable, before anything is computed."""

from __future__ import annotations

import fcntl
import os
import tempfile
from pathlib import Path

from diffusion.training.state_files import state_files


def claim(out: Path, resume: bool) -> int:
    """Lock the folder, and see that it can be written and has what is expected; its descriptor.

    Raises:
        ValueError: if another process has it, if a training is in it where none is resumed, or
            none is in it where one is.
        OSError: if it cannot be written.
    """
    states = state_files(out)
    if resume and not states:
        raise ValueError(f"nothing to resume: there is no state of a training in {out}")
    out.mkdir(parents=True, exist_ok=True)
    folder = os.open(out, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not resume and (states or (out / "config.json").exists()):
            raise ValueError(
                f"there is a training in {out} already: go on with it by --resume, or name another "
                "folder by --out"
            )
        with tempfile.TemporaryFile(dir=out) as probe:
            probe.write(b"a full disk refuses this")
    except BaseException as error:
        os.close(folder)
        if isinstance(error, BlockingIOError):
            raise ValueError(f"another process is training in {out}") from error
        if isinstance(error, OSError) and error.filename is None:  # as of a full disk
            raise OSError(error.errno, error.strerror, str(out)) from error
        raise
    return folder
