"""*Score field* as Python."""

from __future__ import annotations

from ui.score.score_field.compute import PLAIN, ScoreFieldSettings
from ui.score.score_field.facts import NUM_REAL, REAL_SEED
from ui.score.score_field.fields import EMPIRICAL, LEARNED, TRAINING_SEED, Subject
from ui.shared.python_code import data_code, imports, program


def as_python(settings: ScoreFieldSettings) -> str:
    """The walk, and the energy distance of its end to data with the same noise."""
    subject = settings.subject()
    annealed = "from diffusion.sampling.langevin import geometric_sigmas"
    return program(
        "import torch",
        imports(
            "import diffusion",
            "from diffusion.evaluation.metrics import energy_distances",
            annealed if settings.dynamics != PLAIN else "",
        ),
        data_code(subject.data),
        *_score(subject),
        f"""
        generator = torch.Generator().manual_seed({settings.seed})
        noise = torch.randn({settings.walkers}, 2, generator=generator)
        start = torch.tensor([{settings.x}, {settings.y}]) + {settings.start_std} * noise
        """,
        _walk(settings),
        "walkers = torch.stack(list(walk))  # (steps + 1, walkers, 2)",
        f"""
        generator = torch.Generator().manual_seed({REAL_SEED})
        real = data.sample({NUM_REAL}, generator)
        real = real + {settings.sigma} * torch.randn(real.shape, generator=generator)
        (distance,) = energy_distances([walkers[-1]], real)
        print(f"energy distance of the walkers to fresh data: {{distance:.2g}}")
        """,
    )


def _score(subject: Subject) -> list[str]:
    """Paragraphs that define `score_at`."""
    if subject.score == LEARNED:
        network = 'network = diffusion.load("swiss-roll-score").network'
        return [network, _score_at("diffusion.score_of(network, sigma)")]
    if subject.score != EMPIRICAL:
        return [_score_at("lambda x: data.score(x, noise_variance=sigma**2).to(x.dtype)")]
    known = f"""
        # The empirical score knows these points only.
        generator = torch.Generator().manual_seed({TRAINING_SEED})
        points = data.sample({subject.training_points}, generator)
        known = diffusion.distributions.GaussianMixture(points, width=0.0)
        """
    return [known, _score_at("lambda x: known.score(x, noise_variance=sigma**2).to(x.dtype)")]


def _score_at(score: str) -> str:
    return f"def score_at(sigma):\n    return {score}"


def _walk(settings: ScoreFieldSettings) -> str:
    if settings.dynamics == PLAIN:
        return f"""
        walk = diffusion.langevin(
            score_at({settings.sigma}),
            start,
            step_size={settings.step_size},
            num_steps={settings.num_steps},
            decay={settings.decay},
            temperature={settings.temperature},
            generator=generator,
        )
        """
    return f"""
        walk = diffusion.annealed_langevin(
            score_at,
            start,
            geometric_sigmas({settings.sigma_max}, {settings.sigma}, {settings.num_sigmas}),
            step_size={settings.step_size},
            steps_per_sigma={settings.steps_per_sigma},
            temperature={settings.temperature},
            generator=generator,
        )
        """
