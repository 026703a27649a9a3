"""*Train score* as Python."""

from __future__ import annotations

from ui.score.score_field.fields import NUM_DATA
from ui.score.train_score.compute import METHODS, TrainScoreSettings
from ui.shared.python_code import data_code, program


def as_python(settings: TrainScoreSettings) -> str:
    """The training, and the error of the learned score on data with the same noise."""
    return program(
        "import torch",
        """
        import diffusion
        from diffusion.evaluation.metrics import relative_error
        from diffusion.training.live_presets import score_training
        """,
        data_code(settings.data()),
        f"""
        trainer = score_training(
            {METHODS[settings.method]!r},
            {settings.sigma},
            width={settings.width},
            steps={settings.steps},
            learning_rate={settings.learning_rate},
            seed={settings.seed},
            network={settings.network!r},
            distribution=data,
        )
        for state in trainer:
            if state.step % 100 == 0:
                print(f"step {{state.step}}: loss {{float(state.loss):.3f}}")
        """,
        f"""
        generator = torch.Generator().manual_seed(0)
        points = data.sample({NUM_DATA}, generator)
        points = points + {settings.sigma} * torch.randn(points.shape, generator=generator)
        exact = data.score(points, noise_variance={settings.sigma}**2)
        with torch.no_grad():  # of the averaged weights
            learned = diffusion.score_of(trainer.ema, {settings.sigma})(points)
        error = relative_error(learned, exact)
        print(f"relative error of the learned score: {{error:.3f}}")
        """,
    )
