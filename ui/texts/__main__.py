"""List the texts that a language lacks: `python -m ui.texts LANGUAGE`."""

from __future__ import annotations

import argparse

from ui.texts import ENGLISH, FOLDER, languages, read


def missing(language: str) -> list[str]:
    """The texts that the page shows in English, each as FILE.toml: KEY."""
    files = sorted(path.stem for path in (FOLDER / ENGLISH).glob("*.toml"))
    return [
        f"{file}.toml: {key}"
        for file in files
        for key in read(ENGLISH, file)
        if key not in read(language, file)
    ]


def main(arguments: list[str] | None = None) -> int:
    """Print a line for each; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("language", choices=languages())
    found = missing(parser.parse_args(arguments).language)
    print("\n".join([*found, f"{len(found)} texts are missing"]))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
