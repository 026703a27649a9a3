"""*Vocoder quality* as Python."""

from __future__ import annotations

from ui.shared.python_code import program
from ui.sound.networks import VOCODERS
from ui.sound.vocoder_quality.compute import MEASURES, VocoderQualitySettings


def as_python(settings: VocoderQualitySettings) -> str:
    """The best of the measured table at each budget of evaluations."""
    return program(
        """
        from dataclasses import asdict
        """,
        """
        from diffusion.evaluation.sample_quality import load_table
        from diffusion.waveform.vocoder_quality import (
            BETWEEN,
            EVALUATIONS,
            GRIFFIN_LIM,
            ORIGINAL,
            UNTRAINED,
        )
        """,
        f"""
        table = load_table({VOCODERS[settings.network]!r})  # it ships with the network
        measure = {MEASURES[settings.measure]!r}  # {settings.measure}
        no_sampler = (ORIGINAL, GRIFFIN_LIM, UNTRAINED)
        rows = [row for row in table["rows"] if row["sampler"] not in no_sampler]
        single = [asdict(plan).items() for plan in BETWEEN]  # of six steps only, and on no curve
        rows = [row for row in rows if not any(plan <= row.items() for plan in single)]
        """,
        """
        best = {}
        for budget in EVALUATIONS:
            if budget > max(row["evaluations"] for row in rows):
                continue
            affordable = [row for row in rows if row["evaluations"] <= budget]
            best[budget] = min(affordable, key=lambda row: row[measure])
            row = best[budget]
            print(f"best within {budget} evaluations: {row[measure]:.3f} ({row['sampler']})")
        """,
    )
