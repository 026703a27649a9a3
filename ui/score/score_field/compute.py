"""What *Score field* computes: a score field, and walkers that follow it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from diffusion import annealed_langevin
from diffusion.sampling.langevin import annealed_step_size, geometric_sigmas, langevin
from ui.components import Heat
from ui.score.score_field.facts import (
    field_facts,
    notes_of,
    step_bound,
    unstable,
    walk_facts,
)
from ui.score.score_field.fields import (
    EMPIRICAL,
    EXACT,
    LEARNED,
    Array,
    Subject,
    annealed_heats,
    field,
    noised_points,
    score_at,
    scores_of,
    training_set,
)
from ui.shared.cache import RememberLast
from ui.shared.control_types import readable
from ui.shared.data import WITH_NETWORK, HasData, distribution_choice, strokes_text
from ui.shared.drawing import LIMITS
from ui.shared.models import frames_to_keep
from ui.shared.settings import Settings, choice, number, seed
from ui.texts import Texts

TEXTS = Texts("score-field")


MAX_FRAMES = 61
SIGMA_MIN = 0.01
PART_SECONDS = 0.5  # of computing, between two parts of a long walk
PLAIN, ANNEALED = "Langevin", "annealed Langevin"


@dataclass(frozen=True)
class ScoreFieldSettings(HasData, Settings):
    """The controls of *Score field*."""

    title: ClassVar[str] = "Score field"
    old_tabs: ClassVar[tuple[str, ...]] = ("score",)
    old_names: ClassVar[Mapping[str, str]] = {"levels": "num_sigmas", "spread": "start_std"}
    distribution: str = distribution_choice()
    strokes: str = strokes_text()
    score: str = choice(LEARNED, scores_of(WITH_NETWORK))
    training_points: int = number(100, 2, 1000, 1)
    sigma: float = number(0.1, SIGMA_MIN, 1.0, 0.01)
    dynamics: str = choice(PLAIN, (PLAIN, ANNEALED))
    sigma_max: float = number(1.0, 0.05, 3.0, 0.05)
    num_sigmas: int = number(10, 2, 20, 1)
    x: float = number(0.0, LIMITS[0], LIMITS[1], 0.01)
    y: float = number(0.0, LIMITS[0], LIMITS[1], 0.01)
    walkers: int = number(150, 1, 500, 1)
    start_std: float = number(0.1, 0.0, 1.0, 0.01)
    step_size: float = number(0.005, 0.0001, 0.2, 0.0001)
    decay: float = number(1.0, 0.8, 1.0, 0.005)
    temperature: float = number(1.0, 0.0, 2.0, 0.05)
    num_steps: int = number(240, 1, 1000, 1)
    seed: int = seed()

    def subject(self) -> Subject:
        """Distribution and score; where no network was trained, the exact score replaces it.

        Raises:
            ValueError: if the distribution is that of a drawing, and there is none.
        """
        shown = self.score if self.score in scores_of(self.distribution) else EXACT
        return Subject(
            data=self.data(),
            score=shown,
            training_points=self.training_points,
        )

    def sigmas(self) -> list[float]:
        """The σ that the walk goes through.

        Raises:
            ValueError: if they do not fall.
        """
        if self.dynamics == PLAIN:
            return [self.sigma]
        if self.sigma_max <= self.sigma:
            raise ValueError(
                TEXTS.say("errors.sigmas", sigma=readable(self.sigma), got=readable(self.sigma_max))
            )
        return geometric_sigmas(self.sigma_max, self.sigma, self.num_sigmas)

    @property
    def steps_per_sigma(self) -> int:
        """The steps at each σ."""
        return max(self.num_steps // len(self.sigmas()), 1)

    @property
    def time_walked(self) -> float:
        """Σε over the steps."""
        if self.dynamics == PLAIN:
            return self.step_size * sum(self.decay**i for i in range(self.num_steps))
        sizes = [annealed_step_size(self.step_size, each, self.sigma) for each in self.sigmas()]
        return self.steps_per_sigma * sum(sizes)


@dataclass(frozen=True)
class ScoreResult:
    """A field, walkers in it, and what was measured.

    Attributes:
        heats: heat maps by name.
        arrows_xy: where the arrows start (N, 2).
        arrows_uv: the shown score there (N, 2).
        data: points of the noised data, or the training points (N, 2).
        walkers: their positions so far (frames, walkers, 2).
        labels: one for each frame.
        layers: for each frame the layer of the heat map log p.
        notes: for each frame its distance to the data.
        num_frames: how many the whole walk has.
        unstable: why walkers diverge, or nothing if the step size is below its bound.
        facts: numbers with their names.
    """

    heats: dict[str, Heat]
    arrows_xy: Array
    arrows_uv: Array
    data: Array
    walkers: Array
    labels: list[str]
    layers: list[int]
    notes: list[str]
    num_frames: int
    unstable: str
    facts: dict[str, str]


@RememberLast
def score_results(settings: ScoreFieldSettings) -> Iterator[ScoreResult]:
    """Walk down a score from a start, over the exact density; the walk so far, twice a second."""
    subject, sigmas = settings.subject(), settings.sigmas()
    steps = settings.steps_per_sigma
    total = len(sigmas) * steps
    kept = frames_to_keep(total + 1, MAX_FRAMES)
    wanted = set(kept)
    shown = field(subject, settings.sigma)
    heats = shown.heats | (annealed_heats(subject, sigmas) if len(sigmas) > 1 else {})
    known = training_set(subject).centres if subject.score == EMPIRICAL else None
    data = noised_points(subject, settings.sigma) if known is None else known
    layers = [max(i - 1, 0) // steps for i in kept]
    labels = [TEXTS.say("step", step=i, total=total) for i in kept]
    if len(sigmas) > 1:
        pairs = zip(labels, layers, strict=True)
        labels = [
            TEXTS.say("step_at_sigma", label=label, sigma=sigmas[layer]) for label, layer in pairs
        ]
    frames: list[Tensor] = []
    notes: list[str] = []
    started = time.monotonic()
    for i, x in enumerate(_walk(settings, subject, sigmas)):
        if i in wanted:
            frames.append(x)
        late = time.monotonic() - started > PART_SECONDS
        if not (i == total or (late and len(frames) > len(notes))):
            continue
        notes += notes_of(subject, settings.sigma, frames[len(notes) :])
        count = len(frames)
        bound = step_bound(subject, sigmas, x)
        yield ScoreResult(
            heats=heats,
            arrows_xy=shown.arrows_xy,
            arrows_uv=shown.arrows_uv,
            data=data.double().numpy(),
            walkers=torch.stack(frames).double().numpy(),
            labels=labels[:count],
            layers=layers[:count],
            notes=list(notes),
            num_frames=len(kept),
            unstable=unstable(settings.step_size, bound),
            facts=field_facts(subject, settings.score, settings.sigma)
            | {TEXTS["facts.time"]: f"{settings.time_walked:.3g}"}
            | walk_facts(subject, settings.sigma, bound, settings.step_size, x),
        )
        started = time.monotonic()


def _walk(settings: ScoreFieldSettings, subject: Subject, sigmas: list[float]) -> Iterator[Tensor]:
    generator = torch.Generator().manual_seed(settings.seed)
    start = torch.tensor([settings.x, settings.y]) + settings.start_std * torch.randn(
        settings.walkers, 2, generator=generator
    )
    if settings.dynamics == ANNEALED:
        return annealed_langevin(
            lambda sigma: score_at(subject, sigma),
            start,
            sigmas,
            step_size=settings.step_size,
            steps_per_sigma=settings.steps_per_sigma,
            temperature=settings.temperature,
            generator=generator,
        )
    return langevin(
        score_at(subject, settings.sigma),
        start,
        step_size=settings.step_size,
        num_steps=settings.num_steps,
        decay=settings.decay,
        temperature=settings.temperature,
        generator=generator,
    )
