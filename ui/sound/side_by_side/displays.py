"""Samplers side by side: what its section shows, the player's payload and the table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from synth.metrics.listening_test import p_values
from ui.components import SoundPlayer
from ui.shared.texts import minus_signs, table
from ui.sound.side_by_side.compute import GRIFFIN_LIM, ORIGINAL, Array, Runs, SideBySideSettings
from ui.sound.sound_views import SAMPLE_RATE, sound_views
from ui.sound.vocoder.subject import Subject
from ui.texts import Texts

TEXTS = Texts("side-by-side")


TRIALS = 20
"""How many a blind test has at most."""


def original_payload(settings: SideBySideSettings, subject: Subject) -> dict[str, Any]:
    """What `SoundPlayer` shows before the first run is finished."""
    return _payload(settings, subject, {ORIGINAL: subject.wave}, "original ")


def side_by_side_payload(
    settings: SideBySideSettings, subject: Subject, runs: Runs
) -> dict[str, Any]:
    """What `SoundPlayer` shows: one view a run, the original and Griffin-Lim."""
    waves = {title: run.wave for title, run in runs.items()}
    last = waves.pop(GRIFFIN_LIM)
    views = waves | {ORIGINAL: subject.wave, GRIFFIN_LIM: last}
    return _payload(settings, subject, views, "sound runs ")


def _payload(
    settings: SideBySideSettings, subject: Subject, views: dict[str, Array], run: str
) -> dict[str, Any]:
    own = "" if subject.partials is not None else f"{subject.key} "
    return SoundPlayer.payload(
        sound_views(views, ORIGINAL),
        [""],
        sample_rate=SAMPLE_RATE,
        run=run + own + settings.to_query(),
        alt=TEXTS["alt"],
        file_name=f"side-by-side-seed-{settings.seed}",
        partials=() if subject.partials is None else subject.partials,
        p_values=p_values(TRIALS),
    )


def side_by_side_table(subject: Subject, runs: Runs) -> str:
    """The errors and costs, a column for each run: on a phone its numbers fit, not its name."""
    found = [run.errors for run in runs.values()]
    rows = {
        TEXTS["facts.evaluations"]: [str(run.evaluations) for run in runs.values()],
        TEXTS["facts.log_mel"]: _cells([each.log_mel for each in found], ".2f"),
        TEXTS["facts.convergence"]: _cells([each.spectral_convergence for each in found], ".2f"),
        TEXTS["facts.stft"]: _cells([each.multi_resolution_stft for each in found], ".2f"),
    }
    known = [each.partials for each in found if each.partials]
    if known:  # those of a recording are not
        quietest = minus_signs(f"{known[0].noise_of_original:.0f}")
        rows |= {
            TEXTS["facts.cents"]: _cells([each.cents for each in known], "+.1f"),
            TEXTS["facts.partial"]: _cells([each.largest for each in known], ".1f"),
            TEXTS.say("facts.noise", original=quietest): _cells(
                [each.noise for each in known], ".0f"
            ),
        }
    rows[TEXTS["facts.time"]] = _cells([run.seconds for run in runs.values()], ".2f")
    heads = ["GL" if title == GRIFFIN_LIM else title.partition(":")[0] for title in runs]
    return table([TEXTS["run_head"], *heads], ([name, *cells] for name, cells in rows.items()))


def _cells(values: Sequence[float], form: str) -> list[str]:
    return [minus_signs(f"{value:{form}}") for value in values]
