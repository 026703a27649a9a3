"""A class against the running page, over loopback: how long does each student wait?

Run as `python -m benchmarks.classroom [lecture exploring training doors] [--seconds 120]`. It
starts the app on a free port, lets 30 students act, and prints one row a lesson. Ten answers of
each lesson are compared with what the package computes here from the same settings.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import random
import re
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import astuple, dataclass, field, fields, replace

import httpx
import numpy as np
import torch

from benchmarks.served_app import Watch, served
from ui.ddpm.train_ddpm.compute import TrainDdpmSettings
from ui.page import TABS, sections
from ui.score.score_field.compute import ScoreFieldSettings
from ui.shared.control_types import Choice, Number
from ui.shared.settings import Settings, control_of
from ui.shared.workers import results

STUDENTS = 30
PAUSE = (4.0, 12.0)  # seconds between two actions of one student
LECTURERS_PAUSE = 20.0
WITH_THE_LECTURER = 0.7  # of the actions
DOORS = 20.0  # seconds within which all come in
COMPARED = 10
PATIENCE = 120.0
ASSET = re.compile(r'(?:src|href)="\.?/?(assets/[^"]+)"')

MEASURED = re.compile(
    r'"shown": ?\d+|\d+\.\d+ s\b|real-time factor of \d+\.\d+|sampling time \(s\) \|[\d. |]+'
)
"""What differs between two answers to the same settings: the moment, and how long it took."""

Wish = Callable[[random.Random], Settings]
"""What a student wants to see next."""

WEIGHTS = {
    "score_field": 5,
    "reverse": 5,
    "forward": 4,
    "vocoder": 4,
    "sound_designer": 4,
    "likelihood": 2,
    "variational_bound": 1,
    "sample_quality": 1,
    "side_by_side": 1,
    "vocoder_quality": 1,
    "from_nothing": 1,
    "mistakes_in_2d": 1,
    "mistakes_in_sound": 1,
}
SECTIONS = {each.settings.endpoint: each for each in sections()}
OF_SOUND = {each.settings.endpoint for each in TABS["sound"]} | {"mistakes_in_sound"}


@dataclass
class Lesson:
    """What happened: for each answer its settings, seconds and text; and what went wrong."""

    answers: list[tuple[Settings, float, str]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def seconds(self, of_sound: bool) -> list[float]:
        """How long the answers took, of the sections of sound or of the others."""
        return [
            seconds
            for chosen, seconds, _ in self.answers
            if (chosen.endpoint in OF_SOUND) == of_sound
        ]


def some_settings(draw: random.Random) -> Settings:
    """A section by its weight, with another seed and one other control moved."""
    while True:
        with suppress(ValueError):  # the page refuses it in a sentence, and one moves another
            return _moved(draw)


def _moved(draw: random.Random) -> Settings:
    endpoint = draw.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
    chosen = SECTIONS[endpoint].settings()
    if "seed" in chosen.names():
        chosen = replace(chosen, **{"seed": draw.randrange(100_000)})
    moved = draw.choice([each for each in fields(chosen) if each.name != "seed"])
    control = control_of(moved)
    if isinstance(control, Choice):
        return replace(chosen, **{moved.name: draw.choice(control.options)})
    if isinstance(control, Number):
        # Near the default, as a hand that moves a slider to see what it does.
        default = getattr(chosen, moved.name)
        low, high = max(control.low, default * 0.5), min(control.high, default * 1.5)
        steps = round((draw.uniform(low, high) - control.low) / control.step)
        value = min(control.low + steps * control.step, control.high)
        return replace(chosen, **{moved.name: type(control.step)(value)})
    return chosen


async def ask(
    client: httpx.AsyncClient, chosen: Settings, lesson: Lesson, started: float | None = None
) -> None:
    """Ask the section's endpoint, and note how long the student has waited for the answer."""
    started = time.monotonic() if started is None else started
    try:
        path = f"gradio_api/call/{chosen.endpoint}"
        sent = await client.post(path, json={"data": list(astuple(chosen))})
        sent.raise_for_status()
        answer = await last_answer(client, f"{path}/{sent.json()['event_id']}")
    except (httpx.HTTPError, ValueError) as error:
        lesson.faults.append(f"{chosen.to_query()}: {type(error).__name__} {error}")
        return
    lesson.answers.append((chosen, time.monotonic() - started, answer))


async def last_answer(client: httpx.AsyncClient, path: str) -> str:
    """The data of the event "complete".

    Raises:
        ValueError: if the event is an error.
    """
    event = data = ""
    async with client.stream("GET", path) as stream:
        async for line in stream.aiter_lines():
            if line.startswith("event: "):
                event = line.removeprefix("event: ")
            elif line.startswith("data: "):
                data = line.removeprefix("data: ")
            if event == "error" and data:
                raise ValueError(data)
    if event != "complete":
        raise ValueError(f"the last event was {event!r}")
    return data


async def act(url: str, until: float, wish: Wish, seed: int, lesson: Lesson) -> None:
    """One student, who asks for something every few seconds."""
    draw = random.Random(seed)
    async with httpx.AsyncClient(base_url=url, timeout=PATIENCE) as client:
        await asyncio.sleep(draw.uniform(0, PAUSE[1]))
        while time.monotonic() < until:
            await ask(client, wish(draw), lesson)
            await asyncio.sleep(draw.uniform(*PAUSE))


async def lecture(url: str, seconds: float, lesson: Lesson) -> None:
    """Most students do what the lecturer does, who shows something new every 20 s."""
    began = time.monotonic()
    led = [some_settings(random.Random(k)) for k in range(int(seconds / LECTURERS_PAUSE) + 2)]

    def wish(draw: random.Random) -> Settings:
        if draw.random() < WITH_THE_LECTURER:
            return led[min(int((time.monotonic() - began) / LECTURERS_PAUSE), len(led) - 1)]
        return some_settings(draw)

    seeds = range(100, 100 + STUDENTS)
    await asyncio.gather(*(act(url, began + seconds, wish, k, lesson) for k in seeds))


async def exploring(url: str, seconds: float, lesson: Lesson) -> None:
    """Everyone has settings of their own."""
    until = time.monotonic() + seconds
    seeds = range(1000, 1000 + STUDENTS)
    await asyncio.gather(*(act(url, until, some_settings, k, lesson) for k in seeds))


async def training(url: str, seconds: float, lesson: Lesson) -> None:
    """The same as `exploring`, while one more student trains a network."""

    async def train() -> None:
        async with httpx.AsyncClient(base_url=url, timeout=PATIENCE) as client:
            for seed in range(1_000):
                await ask(client, TrainDdpmSettings(seed=seed), Lesson())

    trained = asyncio.create_task(train())
    await exploring(url, seconds, lesson)
    trained.cancel()


async def doors(url: str, _: float, lesson: Lesson) -> None:
    """All load the page within 20 s, and wait for the first picture."""

    async def enter(student: int) -> None:
        await asyncio.sleep(DOORS * student / STUDENTS)
        started = time.monotonic()
        async with httpx.AsyncClient(base_url=url, timeout=PATIENCE) as client:
            page = await client.get("")
            for asset in sorted(set(ASSET.findall(page.text))):
                await client.get(asset)
            await client.get("config")
            await ask(client, ScoreFieldSettings(), lesson, started)

    await asyncio.gather(*map(enter, range(STUDENTS)))


LESSONS = {each.__name__: each for each in (lecture, exploring, training, doors)}


def _without_time(answer: str) -> str:
    """An answer with 0 in the place of each digit of what depends on the clock."""
    return MEASURED.sub(lambda found: re.sub(r"\d+", "0", found[0]), answer)


def wrong_answers(lesson: Lesson) -> list[str]:
    """Settings whose answers differ among one another, or from what is computed here."""
    first: dict[Settings, str] = {}
    wrong = []
    for chosen, _, answer in lesson.answers:
        if _without_time(answer) != first.setdefault(chosen, _without_time(answer)):
            wrong.append(f"{chosen.to_query()}: two answers differ")
    for chosen in random.Random(0).sample(sorted(first, key=repr), min(COMPARED, len(first))):
        *_, outputs = results(SECTIONS[chosen.endpoint].shows[0], chosen)
        shown = json.loads(first[chosen])[0]
        expected = json.loads(json.dumps(outputs[0]))
        if isinstance(expected, dict):
            expected["shown"] = shown["shown"]
        if expected != shown:
            wrong.append(f"{chosen.to_query()}: not what is computed here")
    return wrong


def row(name: str, lesson: Lesson, held: list[str]) -> str:
    """One lesson as a row of the table."""
    wrong = wrong_answers(lesson)
    for each in [*lesson.faults, *wrong]:
        print(f"{name}: {each}", file=sys.stderr)
    answers, different = len(lesson.answers), len({chosen for chosen, *_ in lesson.answers})
    repeats = f"{1 - different / answers:.0%}" if answers else "–"
    cells = [name, f"{answers}", repeats, f"{len(lesson.faults)}", f"{len(wrong)}"]
    for of_sound in (False, True):
        seconds = lesson.seconds(of_sound)
        quantiles = np.quantile(seconds, (0.5, 0.95)) if seconds else (math.nan, math.nan)
        cells += [f"{quantile:.1f}" for quantile in quantiles]
    return f"| {' | '.join(cells + held)} |"


def main(arguments: list[str] | None = None) -> None:
    """Play the lessons and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lessons", nargs="*", default="all", choices=("all", *LESSONS))
    parser.add_argument("--seconds", type=float, default=120.0, help="of each lesson")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    print(
        "Seconds until the answer, median and 95th percentile. Memory in MB, threads and open "
        "files of the app before the lesson and half a minute after it. Repeats are answers to "
        "settings that another student has had before.\n"
    )
    print(
        "| lesson | answers | repeats | errors | wrong | 2-D, median | 2-D, 95 % | sound, median "
        "| sound, 95 % | memory | in its last half | threads | files |"
    )
    print(f"|{'---|' * 13}")
    with served() as (url, process):
        for name in LESSONS if "all" in options.lessons else options.lessons:
            lesson, watch = Lesson(), Watch(process)
            asyncio.run(LESSONS[name](url, options.seconds, lesson))
            print(row(name, lesson, watch.cells()), flush=True)


if __name__ == "__main__":
    main()
