"""Files that one process writes and all read: whole, or not there."""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


def default_cache_dir() -> Path:
    """$XDG_CACHE_HOME/diffusion-companion, or ~/.cache/diffusion-companion."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "diffusion-companion"


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """While it lasts, other processes that want the same folder wait."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """A file beside `path` that is moved there at the end, or deleted if something goes wrong.

    Raises:
        OSError: if it cannot be written.
    """
    # Not into mapped memory: on a full disk that would end the process without a word.
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
        try:
            yield file
            file.flush()
            os.replace(file.name, path)
        except BaseException as error:
            os.unlink(file.name)
            if isinstance(error, OSError) and error.filename is None:  # as of a full disk
                raise OSError(error.errno, error.strerror, str(path)) from error
            raise
