"""The counted inputs of `docs/scaling.md`: `python -m benchmarks.scaling`."""


def main() -> None:
    """Print the tables."""
