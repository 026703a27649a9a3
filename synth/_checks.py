"""Checks of arguments, with one wording for every refusal: the name, the value, what is allowed."""

import math
from collections.abc import Collection
from numbers import Real

import numpy as np
from numpy.typing import NDArray


def number(name: str, value: object, low: float, high: float, exclude_low: bool = False) -> float:
    """The value as a float, if it is a finite real number in [low, high].

    Args:
        name: What the message calls the value.
        value: Anything; only a real number passes.
        low: Smallest allowed value.
        high: Largest allowed value.
        exclude_low: Whether `low` itself is refused.

    Raises:
        ValueError: If it is no number, not finite or out of range.
    """
    allowed = f"{'(' if exclude_low else '['}{low:g}, {high:g}]"
    if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
        raise ValueError(f"{name} must be a number in {allowed}, got {value!r}")
    result = float(value)
    if not low <= result <= high or (exclude_low and result == low):
        raise ValueError(f"{name} must be in {allowed}, got {result:g}")
    return result


def whole(name: str, value: object, low: int, high: int) -> int:
    """The value as an int, if it is an integer in [low, high]; 3.0 counts as 3.

    Args:
        name: What the message calls the value.
        value: Anything; only an integer passes.
        low: Smallest allowed value.
        high: Largest allowed value.

    Raises:
        ValueError: If it is no integer or out of range.
    """
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or int(value) != value:  # type: ignore[call-overload, arg-type]
        raise ValueError(f"{name} must be a whole number in [{low}, {high}], got {value!r}")
    result = int(value)  # type: ignore[call-overload]
    if not low <= result <= high:
        raise ValueError(f"{name} must be in [{low}, {high}], got {result}")
    return int(result)


def one_of(name: str, value: object, allowed: Collection[str]) -> None:
    """Refuse a name that is not in the list.

    Args:
        name: What the message calls the value.
        value: Anything; only one of the allowed names passes.
        allowed: The allowed names.

    Raises:
        ValueError: If the value is none of them.
    """
    if not isinstance(value, str) or value not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(allowed)}, got {value!r}")


def loud_frames(frames: NDArray[np.floating], shortest: int) -> NDArray[np.float64]:
    """The frames in float64, if they are (N, L) with L at least `shortest`, and none is silent.

    Raises:
        ValueError: If the shape is another, or a frame is silent or not finite.
    """
    checked: NDArray[np.float64] = np.asarray(frames, dtype=np.float64)
    if checked.ndim != 2 or checked.shape[1] < shortest:
        raise ValueError(f"frames must have shape (N, L) with L >= {shortest}, got {checked.shape}")
    if not np.isfinite(checked).all() or not np.abs(checked).max(axis=1, initial=0).all():
        raise ValueError("frames must be finite and not silent, got nan, infinity or only zeros")
    return checked
