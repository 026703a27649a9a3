"""What the mixture of notes learns, and what it learned."""

from types import SimpleNamespace

import pytest
import torch

import diffusion
from diffusion.networks.note import NotePredictor
from diffusion.networks.note_combs import angular
from diffusion.networks.resonances import ResonanceMixture
from diffusion.sampling.samplers import sample
from diffusion.training.trainer import Trainer
from diffusion.waveform.note_training import NOISES, note_objective
from diffusion.waveform.notes import Notes, fit_sizes
from diffusion.waveform.training_sounds import FRAME_SAMPLES, SAMPLE_RATE
from diffusion.waveform.unconditional_metrics import FITTED
from synth import nearest_member
from synth.priors import FILTER_STEP_HZ


@pytest.fixture(scope="module")
def notes():
    return Notes.random(200, seed=1)


@pytest.fixture(scope="module")
def learned():
    return diffusion.load("waveform-harmonic")


def test_a_batch_is_partials_in_noise_of_the_size_that_is_said(notes, generator):
    c, u, s, _, _ = note_objective(notes, 4_000).draw(generator)
    z = torch.view_as_real(u - c) / s[:, None, None]
    assert float(z.std()) == pytest.approx(1, abs=0.01)
    assert NOISES[0] <= float(s.min()) < float(s.max()) <= NOISES[1]
    assert bool((c.unsqueeze(1) == notes.partials()).all(dim=2).any(dim=1).all())


def test_the_loss_is_the_surprise_beyond_that_of_one_who_knows_the_note(notes, generator):
    """Without noise to speak of, ln p(û | member) − ln p(û | c) is a misfit's square over 2 s²."""
    resonances = SimpleNamespace(log_evidence=lambda u, s, f0, b: torch.zeros(len(u)))
    objective = note_objective(notes, 50)
    c, u, s, *_ = batch = objective.draw(generator)
    silent = objective.loss(SimpleNamespace(resonances=resonances), batch)
    misfit = (u.abs().square() - (u - c).abs().square()).sum(dim=1) / (2 * s**2)
    assert float(silent) == pytest.approx(float(misfit.mean()), rel=1e-4)


def test_the_gradient_is_that_of_the_loss(notes, generator):
    resonances = ResonanceMixture(torch.tensor([300.0, 700.0]), torch.tensor([2.0, 4.0]))
    fit_sizes(resonances, notes)
    objective = note_objective(notes, 64)
    network, batch = NotePredictor(resonances), objective.draw(generator)
    batch = (*batch[:2], batch[2].clamp(min=0.3), *batch[3:])  # smooth, as 32 bits demand
    objective.loss(network, batch).backward()
    for parameter in network.parameters():
        index = int(parameter.grad.abs().argmax())
        losses = []
        for step in (1e-2, -1e-2):
            with torch.no_grad():
                parameter[index] += step
                losses.append(float(objective.loss(network, batch)))
                parameter[index] -= step
        assert float(parameter.grad[index]) == pytest.approx(
            (losses[0] - losses[1]) / 2e-2, rel=0.1
        )


def test_a_training_finds_the_filter_of_its_sounds(notes):
    """Sounds through one filter, of which one of eight random ones is to become the like."""
    true = ResonanceMixture(torch.tensor([500.0]), torch.tensor([3.0]))
    v = true.detuning(angular(notes.f0, notes.inharmonicity))
    partials = (-1j / (1 + 1j * v[:, 0])).detach()
    partials = 0.7 * partials / partials.abs().sum(dim=1, keepdim=True)
    through_one = SimpleNamespace(
        partials=lambda: partials, f0=notes.f0, inharmonicity=notes.inharmonicity
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = NotePredictor(ResonanceMixture.random(8))
    network.resonances.peak.copy_(torch.tensor([0.7, 0.0, 0.2]))
    *_, last = Trainer(network, note_objective(through_one, 64), steps=150, learning_rate=0.05)
    found = last.ema_network.resonances
    likeliest = int(found.filter_logits.argmax())
    assert float(found.log_frequency[likeliest].exp()) == pytest.approx(500, rel=0.02)
    assert float(found.log_q[likeliest].exp()) == pytest.approx(3, rel=0.1)
    assert int(found.count_logits.argmax()) == 19  # 20 partials


def test_it_found_the_filters_of_the_family_though_it_was_given_none(learned):
    """The centres are multiples of 110.25 Hz; of random ones a tenth would be so near."""
    resonances = learned.network.resonances
    multiples = resonances.log_frequency.exp() / FILTER_STEP_HZ
    weights = resonances.filter_logits.softmax(dim=0)
    near = (multiples - multiples.round()).abs() < 0.05
    assert float(weights[near].sum()) > 0.8
    found = {int(each) for each in multiples[near & (weights > 0.01)].round()}
    assert found == set(range(1, 11))


def test_its_sounds_are_nearly_members_of_the_family(learned):
    schedule = learned.inference_schedule(15)
    made = torch.cat(
        [
            sample(
                learned.network,
                schedule,
                (1, FRAME_SAMPLES),
                generator=torch.Generator().manual_seed(seed),
            )
            for seed in (1, 2)
        ]
    )
    residuals, _ = nearest_member(made[:, FITTED].numpy(), SAMPLE_RATE)
    assert residuals.max() < 0.1
