"""The model card of a checkpoint, written from its configuration and from what was measured."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from diffusion.catalog import recipe
from diffusion.training import records
from diffusion.training.records import Stretch

LIBRARY = "diffusion-companion"

DATA = {
    "swiss-roll": "fresh points in every batch from scikit-learn's swiss roll with noise 0.3, its "
    "first and third coordinate divided by 10 (`diffusion.swiss_roll.sample`)",
    "waveform-simple": "samples 250 to 889 of 12,000 additive sounds of the tutorial at "
    "22,050 Hz, each scaled to a peak of 1 (`synth.SoundDataset`, the notebook prior, seed 0)",
    "waveform-harmonic": "the partials, f0 and inharmonicity of 12,000 additive sounds at "
    "22,050 Hz in closed form, with noise (`diffusion.waveform.notes`, the harmonic prior, seed 0)",
    "waveform": "the first 8,192 samples of 12,000 additive sounds at 22,050 Hz, the last 1,024 "
    "faded out (`synth.SoundDataset`, the harmonic prior, seed 0)",
    "vocoder-harmonic": "fresh additive sounds of 0.4 to 2 s at 22,050 Hz in every batch (the wide "
    "prior with more second notes, `synth.rendering.random_batch`), a tenth of them with glides, "
    "noise, cuts or other notes, as what is no such sound; with their log-mel spectrograms",
    "--fresh-sounds": "crops of fresh additive sounds of 1 s at 22,050 Hz in every batch (the wide "
    "prior, `synth.rendering.random_batch`), with their log-mel spectrograms (`synth.mel`)",
    "--recordings": "crops of recordings, one channel at 22,050 Hz (`synth.recording_set`), with "
    "their log-mel spectrograms (`synth.mel`)",
    "vocoder": "crops of 10,000 additive sounds of 1 s at 22,050 Hz (`synth.SoundDataset`, the "
    "wide prior, seed 0), with their log-mel spectrograms (`synth.mel`)",
}


ROW = re.compile(r"^\| (.+) \| (-?[\d.]+(?:e[+-]?\d+)?) \|$", re.MULTILINE)


def read_card(folder: Path) -> dict[str, float]:
    """The metrics that README.md of a checkpoint's folder gives, by their names.

    Raises:
        ValueError: if there is no card.
    """
    file = folder / "README.md"
    if not file.is_file():
        raise ValueError(f"{folder.name} has no model card")
    return {name: float(value) for name, value in ROW.findall(file.read_text())}


def write_card(folder: Path, metrics: dict[str, float], options: str = "") -> None:
    """Write README.md into a checkpoint's folder; `evaluate` has just measured the metrics.

    Args:
        folder: of the checkpoint.
        metrics: by their names.
        options: of the command that measured them.

    Raises:
        ValueError: if the configuration does not say how the network was trained.
    """
    trained = how_trained(folder)
    config = json.loads((folder / "config.json").read_text())
    name, training = config["recipe"], config["training"]
    option = training.get("data_option", "")
    data = next(text for prefix, text in DATA.items() if (option or name).startswith(prefix))
    weights = "These are the averaged (EMA) weights."
    if "remark" in training:
        weights += f"\n  {training['remark']}"
    rows = "\n".join(f"| {metric} | {value:.4g} |" for metric, value in metrics.items())
    (folder / "README.md").write_text(
        f"""---
{_metadata(name, metrics)}
---

# {name}

{recipe(name).summary[0].upper()}{recipe(name).summary[1:]}.

- Data: {data}.
- Network: `{json.dumps(config["network"])}`; schedule: `{json.dumps(config["schedule"])}`.
- {trained}. {weights}

Measured by `python -m diffusion evaluate {name}{options}`, which defines each metric:

| metric | value |
| --- | --- |
{rows}
"""
    )


def how_trained(folder: Path) -> str:
    """What a card says of a training, with the commands that repeat it.

    Raises:
        ValueError: if the configuration does not say how the network was trained.
    """
    config = json.loads((folder / "config.json").read_text())
    try:
        return _trained(config["recipe"], config["training"])
    except (LookupError, TypeError, AttributeError) as error:
        raise ValueError(
            f"{folder / 'config.json'} does not say how the network was trained"
        ) from error


def _metadata(name: str, metrics: dict[str, float]) -> str:
    """What the Hub reads: library, tags and measures (the "model index"), as YAML."""
    from huggingface_hub import EvalResult, ModelCardData  # takes half a second to import

    sound = not name.startswith("swiss-roll")
    source = "additive sounds (synth)" if sound else "swiss roll (scikit-learn)"
    results = [
        EvalResult(
            task_type="audio-to-audio" if name.startswith("vocoder") else "other",
            dataset_type="additive-sounds" if sound else "swiss-roll",
            dataset_name=source,
            metric_type=metric,
            metric_value=float(f"{value:.4g}"),
        )
        for metric, value in metrics.items()
    ]
    data = ModelCardData(
        license="mit",
        library_name=LIBRARY,
        tags=["diffusion", "audio"] if sound else ["diffusion"],
        model_name=name,
        eval_results=results,
    )
    return str(data.to_yaml())


def _trained(name: str, training: dict[str, Any]) -> str:
    """How, for each time that it was gone on with."""
    stretches = [Stretch(**fields) for fields in training["stretches"]]
    parts = []
    for stretch in stretches:
        seed, option = training["seed"], training.get("data_option", "")
        command = records.command(name, stretch, seed, recipe(name).steps, option)
        begin = "Trained" if stretch is stretches[0] else "Then"
        resumed = " --resume" if stretch.first else ""
        processes = f"{stretch.processes} processes of " if stretch.processes > 1 else ""
        parts.append(
            f"{begin} by `{command}{resumed}`:\n  "
            f"{stretch.last - stretch.first:,} steps of {recipe(name).batch_size} samples in "
            f"{stretch.seconds:,} s on\n  {stretch.machine}, {processes}{stretch.threads} thread(s)"
        )
    return ".\n  ".join(parts)
