"""What the section WaveGrad shows: its players' payloads, its tables and texts."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import gradio as gr

from diffusion.sampling.samplers import SAMPLERS, num_evaluations
from synth.features.mel import SAMPLE_RATE
from ui.components import SoundPlayer
from ui.shared.strips import Strip
from ui.shared.texts import facts_table, source
from ui.sound.networks import VOCODERS
from ui.sound.sound_strips import WaveRow, wave_strip
from ui.sound.sound_views import equally_loud, sound_views
from ui.sound.vocoder.about import about
from ui.sound.vocoder.compute import (
    NOISE,
    SoundTrajectory,
    Vocoded,
    VocoderSettings,
    noised,
    noised_result,
    vocode,
    vocode_results,
)
from ui.sound.vocoder.subject import Subject
from ui.sound.vocoder_errors import error_facts, partials_figure
from ui.texts import Texts

TEXTS = Texts("vocoder")


NEWS_EVERY, PICTURE_EVERY = 0.2, 1.0
"""Seconds."""
INTO_NOISE, BACK, COMPARE = STAGES = ("into noise", "back", "compare")
"""What the player shows one after the other."""
ORIGINAL = "original"


def show_noised(
    settings: VocoderSettings, own: Subject | None = None
) -> tuple[dict[str, Any], str]:
    """The payload of the sound in noise, which sound it is, and links to other sections."""
    trajectory = noised_result(settings) if own is None else noised(settings, own)
    subject = own or settings.subject()
    payload = _payload(
        trajectory,
        subject,
        run=f"noise {subject.key} {settings.duration} {settings.seed}",
        alt=TEXTS.say("alt.noised", words=subject.words),
        file_name=f"noised-seed-{settings.seed}",
        opens_at=0,
    )
    return payload, about(subject, settings.tab, settings.duration)


def show_steps(settings: VocoderSettings, own: Subject | None = None) -> Iterator[tuple[Any, ...]]:
    """The payload, the comparison, a table, a chart, how far it is, the source: every second.

    At first the results of the previous run are cleared: they may belong to another sound.
    """
    news = picture = time.perf_counter()
    shown = 0
    for result in vocode_results(settings) if own is None else vocode(settings, own):
        now = time.perf_counter()
        if result.done == 0:
            yield _begun(settings, result)
        if result.errors is None and now - news > NEWS_EVERY:
            news = now
            status = TEXTS.say("status", step=result.done, steps=result.total)
            trajectory: Any = gr.skip()
            if now - picture > PICTURE_EVERY and len(result.states) > shown:
                picture, shown = now, len(result.states)
                trajectory = _trajectory_payload(settings, result)
            yield trajectory, gr.skip(), gr.skip(), gr.skip(), status, gr.skip()
    yield _finished(settings, result)


def vocoder_strip(settings: VocoderSettings, own: Subject | None = None) -> Strip:
    """The sound in noise, and on its way back: x_t and x̂₀."""
    if own is None:
        noisy, result = noised_result(settings), vocode_results.last(settings)
    else:
        noisy, (*_, result) = noised(settings, own), vocode(settings, own)
    made = result.trajectory()
    rows = {
        TEXTS["rows.noise"]: (noisy.views["x_t"], noisy.labels),
        TEXTS["rows.state"]: (made.views["x_t"], made.labels),
        TEXTS["rows.predicted"]: (made.views["x̂₀"], made.labels),
    }
    loud = equally_loud({name: waves for name, (waves, _) in rows.items()})
    return wave_strip(
        name=f"{_file_name(settings)}-x_t-and-x0",
        description=TEXTS.say(
            "strip",
            words=(own or settings.subject()).words,
            sampler=settings.sampler,
            steps=result.total,
            network=TEXTS.option("network", settings.network),
            start=_start(settings),
        ),
        rows={name: WaveRow(loud[name], labels) for name, (_, labels) in rows.items()},
    )


def _begun(settings: VocoderSettings, result: Vocoded) -> tuple[Any, ...]:
    """The noise that a run starts from, and the original without a result."""
    original = _payload(
        SoundTrajectory({ORIGINAL: result.subject.wave}, [TEXTS["whole"]]),
        result.subject,
        run=f"original {result.subject.key} {settings.to_query()}",
        alt=TEXTS["alt.begun"],
        file_name=_file_name(settings),
    )
    status = TEXTS.say("status", step=0, steps=result.total)
    return (
        _trajectory_payload(settings, result),
        original,
        TEXTS["no_result"],
        "",
        status,
        gr.skip(),
    )


def show(settings: VocoderSettings, own: Subject | None = None) -> tuple[Any, ...]:
    """Both payloads, the errors as a table and a chart, a line on the cost, and the sampler."""
    *_, whole = show_steps(settings, own)
    return whole


def _finished(settings: VocoderSettings, result: Vocoded) -> tuple[Any, ...]:
    assert result.errors is not None  # it is the last one
    subject = result.subject
    compared = _payload(
        SoundTrajectory({ORIGINAL: subject.wave, "result": result.wave()}, [TEXTS["whole"]]),
        subject,
        ORIGINAL,
        run=f"compare {subject.key} {settings.to_query()}",
        alt=TEXTS.say("alt.compared", network=TEXTS.option("network", settings.network)),
        file_name=_file_name(settings),
    )
    evaluations = num_evaluations(settings.plan().sampler, result.total)
    cost = TEXTS.say(
        "cost_text",
        network=TEXTS.option("network", settings.network),
        start=_start(settings),
        evaluations=evaluations,
        seconds=result.seconds,
        length=subject.seconds,
        factor=result.seconds / subject.seconds,
    )
    return (
        _trajectory_payload(settings, result),
        compared,
        facts_table(error_facts(result.errors)),
        partials_figure(result.errors),
        cost,
        source(SAMPLERS[settings.sampler])
        + "\n\n"
        + source(type(settings.checkpoint().network).forward),
    )


def _trajectory_payload(settings: VocoderSettings, result: Vocoded) -> dict[str, Any]:
    return _payload(
        result.trajectory(),
        result.subject,
        run=f"vocode {result.done} {result.subject.key} {settings.to_query()}",
        alt=TEXTS.say(
            "alt.made",
            network=TEXTS.option("network", settings.network),
            sampler=settings.sampler,
            steps=result.total,
            start=_start(settings),
        ),
        file_name=_file_name(settings),
    )


def _start(settings: VocoderSettings) -> str:
    if settings.start == NOISE:
        return TEXTS.option("start", NOISE)
    return TEXTS.say("start_in_noise", start=settings.start)


def _file_name(settings: VocoderSettings) -> str:
    name = VOCODERS[settings.network]
    return f"{name}-{settings.sampler}-{settings.steps}-seed-{settings.seed}"


def _payload(
    trajectory: SoundTrajectory, subject: Subject, original: str | None = None, **options: Any
) -> dict[str, Any]:
    return SoundPlayer.payload(
        sound_views(trajectory.views, original=original),
        trajectory.labels,
        sample_rate=SAMPLE_RATE,
        partials=() if subject.partials is None else subject.partials,
        **options,
    )
