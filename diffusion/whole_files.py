"""Files that are whole, or not there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from safetensors import SafetensorError


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A path beside `path`: the file that is written there is moved to `path` at the end.

    Raises:
        OSError: if it cannot be written; the file that was at `path` still is.
    """
    unfinished = path.with_suffix(".unfinished")
    try:
        yield unfinished
        unfinished.replace(path)
    except BaseException as error:
        unfinished.unlink(missing_ok=True)
        if isinstance(error, OSError | SafetensorError):
            raise OSError(f"cannot write {path}: {error}") from error
        raise
