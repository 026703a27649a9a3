import json
import math
from dataclasses import asdict, replace

import pytest
import torch
from huggingface_hub import ModelCard
from safetensors.torch import load_file, save_file
from torch import nn

import diffusion
from diffusion import checkpoints
from diffusion.__main__ import main
from diffusion.catalog import RECIPES, evaluate, recipe
from diffusion.data import swiss_roll
from diffusion.evaluation import metrics
from diffusion.networks import WaveGradConfig
from diffusion.training.batches import Objective
from diffusion.training.state_files import resume_from, save_state, state_files
from diffusion.training.trainer import Trainer, update_ema


@pytest.fixture(autouse=True)
def _cpu_and_private_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


PARABOLA = Objective(
    lambda generator: torch.randn(16, 2, generator=generator),
    lambda network, x: (network(x) - 2 * x).square().mean(),
)


def trainer(steps: int) -> Trainer:
    torch.manual_seed(0)
    return Trainer(nn.Linear(2, 2), PARABOLA, steps=steps, learning_rate=0.05)


def test_training_is_a_generator_of_states():
    states = [(s.step, float(s.loss)) for s in trainer(300)]
    assert [step for step, _ in states] == list(range(1, 301))
    assert states[-1][1] < 0.01 * states[0][1]


def pulled(scale: float, steps: int, learning_rate: float) -> Trainer:
    """The gradient of each of four weights is `scale` at every step."""
    objective = Objective(
        lambda generator: torch.ones(1, 1), lambda network, x: scale * network.weight.sum()
    )
    network = nn.Linear(2, 2, bias=False)
    return Trainer(network, objective, steps=steps, learning_rate=learning_rate)


def test_the_learning_rate_rises_for_100_steps_and_falls_along_a_cosine():
    each = pulled(1.0, steps=300, learning_rate=0.1)
    before, moves = each.network.weight.detach().clone(), []
    for _ in each:
        after = each.network.weight.detach().clone()
        moves.append(float((before - after)[0, 0]))  # of a constant gradient Adam moves by the rate
        before = after
    for step in (0, 49, 99, 150, 299):
        cosine = 0.5 * (1 + math.cos(math.pi * step / 300))
        assert moves[step] == pytest.approx(0.1 * min(1, (step + 1) / 100) * cosine, abs=2e-6)


def test_large_gradients_are_clipped_and_small_ones_are_not():
    for scale, norm in ((1_000.0, 1.0), (0.1, 0.2)):
        each = pulled(scale, steps=1, learning_rate=0.1)
        list(each)
        assert float(each.network.weight.grad.norm()) == pytest.approx(norm, rel=1e-5)


def test_time_and_step_are_gone_on_with():
    first, second = trainer(20), trainer(20)
    next(iter(first))
    first.seconds = 123.0
    second.restore(first.state())
    assert second.step == 1
    list(second)
    assert 123.0 < second.seconds < 183.0


def test_ema_warms_up_and_is_kept():
    network, ema = nn.Linear(1, 1, bias=False), nn.Linear(1, 1, bias=False)
    nn.init.zeros_(ema.weight)
    nn.init.ones_(network.weight)
    update_ema(ema, network, step=1)
    assert ema.weight.item() == pytest.approx(9 / 11)  # decay 2/11
    update_ema(ema, network, step=10**6)
    assert ema.weight.item() == pytest.approx(1 - 0.999 * 2 / 11)
    *_, last = trainer(50)
    assert isinstance(last.ema_network, nn.Linear)
    assert not last.ema_network.weight.requires_grad


def test_statistics_of_a_batch_normalisation_are_averaged_once_only():
    network, ema = nn.BatchNorm1d(2), nn.BatchNorm1d(2)
    network(torch.tensor([[1.0, 2.0], [3.0, 6.0]]))
    update_ema(ema, network, step=1)
    assert ema.running_mean.tolist() == pytest.approx([0.2, 0.4])  # a tenth of the batch's mean
    assert ema.num_batches_tracked == 1


def test_same_seed_same_weights():
    weights = [list(trainer(20))[-1].ema_network.weight for _ in range(2)]
    assert torch.equal(*weights)


@pytest.fixture
def small_base(few_sounds, monkeypatch):
    """The recipe for a large GPU, with a sixteenth of the channels and small batches."""
    small = {"kind": "WaveGrad", **asdict(WaveGradConfig.scaled(16))}
    base = replace(recipe("vocoder-wavegrad-base"), network=small, batch_size=2)
    monkeypatch.setitem(RECIPES, base.name, base)


@pytest.fixture
def small_batches(monkeypatch):
    """Batches that a GPU is given would take a CPU a minute; two of normalised samples at least."""
    for name, each in RECIPES.items():
        few = {"vocoder-wavegrad-small": 1, "vocoder-harmonic": 4}.get(name, 2)
        monkeypatch.setitem(RECIPES, name, replace(each, batch_size=few))


@pytest.mark.usefixtures("small_base", "small_batches")
@pytest.mark.parametrize("name", RECIPES)
def test_each_recipe_trains_and_loads_again(name, tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["train", name, "--steps", "3", "--out", str(out), "--device", "cpu"]) == 0
    assert "wrote" in capsys.readouterr().out
    loaded = diffusion.load(str(out))
    assert loaded.config["recipe"] == name
    assert loaded.config["training"]["steps"] == 3
    assert len(loaded.schedule) == recipe(name).schedule["num_train_timesteps"]
    assert not any(p.requires_grad for p in loaded.network.parameters())
    assert_equal_to_a_resumed_one(load_file(state_files(out)[-1]), recipe(name), tmp_path)


def assert_equal_to_a_resumed_one(unbroken, recipe, folder):
    """Stopped after two of three steps and gone on with, to the last bit."""
    network = recipe.build(0)
    objective = recipe.prepare(recipe, network)
    options = {"steps": 3, "learning_rate": recipe.learning_rate}
    stopped = Trainer(network, objective, **options)
    for state in stopped:
        if state.step == 2:
            break
    file = save_state(stopped, folder, {})
    again = Trainer(recipe.build(1), objective, **options)
    resume_from(again, file, {})
    list(again)
    resumed = again.state()
    assert resumed.keys() == unbroken.keys()
    assert [name for name in resumed if not torch.equal(resumed[name], unbroken[name])] == [
        "seconds"
    ]


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an accelerator")
@pytest.mark.parametrize("name", RECIPES)
def test_each_recipe_trains_on_a_gpu(name, tmp_path, few_sounds, monkeypatch):
    crops = replace(RECIPES[name], batch_size=min(RECIPES[name].batch_size, 16))
    monkeypatch.setitem(RECIPES, name, crops)
    arguments = ["train", name, "--steps", "3", "--out", str(tmp_path), "--device", "cuda"]
    assert main(arguments) == 0


@pytest.mark.usefixtures("few_sounds")
def test_the_base_vocoder_takes_a_step_at_the_papers_size():
    base = replace(recipe("vocoder-wavegrad-base"), batch_size=1)
    network = base.build(seed=0)
    assert sum(p.numel() for p in network.parameters()) == 15_810_401
    before = [p.detach().clone() for p in network.parameters()]
    options = {"steps": 10, "learning_rate": base.learning_rate}
    state = next(iter(Trainer(network, base.prepare(base, network), **options)))
    assert 0.5 < float(state.loss) < 5  # E|ε| = 0.8, and an untrained network adds its own
    # Adam's first step moves every weight by at most the learning rate, here in warm-up.
    moves = [
        float((p.detach() - b).abs().max())
        for p, b in zip(network.parameters(), before, strict=True)
    ]
    assert all(0 < move <= 1.05 * base.learning_rate / 100 for move in moves)


@pytest.mark.usefixtures("small_base")
def test_the_base_vocoder_learns():
    """In 40 steps the loss of one fixed batch falls to a third."""
    base = recipe("vocoder-wavegrad-base")
    network = base.build(seed=0)
    judge = base.prepare(replace(base, batch_size=16), network)

    def loss() -> float:
        with torch.no_grad():
            return float(judge(network, torch.Generator().manual_seed(1)))

    before = loss()
    list(Trainer(network, base.prepare(base, network), steps=40, learning_rate=1e-2))
    assert loss() < 0.4 * before


@pytest.mark.parametrize("name", ["vocoder-wavegrad-small", "waveform-simple"])
def test_the_tutorials_two_networks_are_small_enough_to_ship(name):
    network = recipe(name).build(seed=0)
    assert 4 * sum(value.numel() for value in network.state_dict().values()) < 8e6


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["train", "nonsense"], "there is no recipe 'nonsense'"),
        (["evaluate", "nonsense"], "there is no checkpoint 'nonsense'"),
        (["train", "swiss-roll-ddpm", "--steps", "0"], "steps must be >= 1"),
        (["train", "swiss-roll-ddpm", "--seed", "-1"], "seed must be >= 0"),
        (["train", "swiss-roll-ddpm", "--seed", str(2**32)], "seed must be >= 0 and < 2^32"),
        (["train", "swiss-roll-ddpm", "--resume"], "nothing to resume"),
        (["quality", "--points", "-5"], "num_points must be >= 2, got -5"),
        (["quality", "--points", "0"], "num_points must be >= 2, got 0"),
        (["quality", "--out", "none/table.json"], "none/table.json"),
        (["evaluate", "swiss-roll-score", "--json", "none/metrics.json"], "none/metrics.json"),
    ],
)
def test_command_line_errors_are_one_sentence(arguments, sentence, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) != 0
    error = capsys.readouterr().err
    assert sentence in error
    assert "Traceback" not in error
    assert len(error.strip().splitlines()) == 1


def test_the_module_runs_as_a_command_and_imports_no_interface(run_fresh):
    code = (
        "import runpy, sys; sys.argv = ['diffusion', 'list']\n"
        "try: runpy.run_module('diffusion', run_name='__main__')\n"
        "except SystemExit as end: print('status', end.code)\n"
        "import synth; print([m for m in ('gradio', 'matplotlib', 'accelerate', 'pyo') "
        "if m in sys.modules])"
    )
    printed = run_fresh(code).stdout.decode()
    assert all(name in printed for name in RECIPES)
    assert printed.splitlines()[-2:] == ["status 0", "[]"]


def test_a_run_goes_on_from_its_own_state_only(tmp_path, capsys):
    out = ["--out", str(tmp_path), "--device", "cpu"]
    assert main(["train", "swiss-roll-ddpm", "--steps", "3", *out]) == 0
    assert main(["train", "swiss-roll-score", "--steps", "5", "--resume", *out]) == 2
    assert "of another run" in capsys.readouterr().err
    assert main(["train", "swiss-roll-ddpm", "--steps", "2", "--resume", *out]) == 2
    assert "beyond 2" in capsys.readouterr().err


DAMAGES = [
    *("truncated", "missing", "not a number", "other network", "not json"),
    *("no kind", "bad size", "bad kind", "bad inference", "bad searched"),
]


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_checkpoints_are_one_sentence(damage, tmp_path):
    checkpoints.save(
        tmp_path,
        recipe("swiss-roll-ddpm").build(0),
        recipe("swiss-roll-ddpm").config(),
    )
    weights, config = tmp_path / "model.safetensors", tmp_path / "config.json"
    if damage == "truncated":
        weights.write_bytes(weights.read_bytes()[:1000])
    elif damage == "missing":
        weights.unlink()
    elif damage == "not a number":
        values = load_file(weights)
        values["leave.bias"][0] = torch.nan
        save_file(values, weights)
    elif damage in ("bad inference", "bad searched"):
        content = json.loads(config.read_text())
        content[damage.removeprefix("bad ")] = {"rho": 3} if "inf" in damage else {"ddim": [1]}
        config.write_text(json.dumps(content))
    elif damage == "other network":
        content = json.loads(config.read_text())
        content["network"]["width"] = 64
        config.write_text(json.dumps(content))
    elif damage == "not json":
        config.write_text("{")
    elif damage in ("bad size", "bad kind"):
        content = json.loads(config.read_text())
        content["network"] |= {"width": -1} if damage == "bad size" else {"kind": ["x"]}
        config.write_text(json.dumps(content))
    else:
        config.write_text("{}")
    with pytest.raises(ValueError, match=r"damaged|read|does not describe|finite") as caught:
        diffusion.load(str(tmp_path))
    assert "\n" not in str(caught.value)


def test_loading_leaves_torchs_global_generator_alone():
    # It serves other threads too: a visitor's seeded training must not depend on who loads what.
    before = torch.random.get_rng_state()
    diffusion.load("swiss-roll-score")
    assert torch.random.get_rng_state().equal(before)


@pytest.fixture
def one_seed(monkeypatch):
    for module in ("evaluation.swiss_roll_metrics", "waveform.unconditional_metrics"):
        monkeypatch.setattr(f"diffusion.{module}.SEEDS", (0,))


def test_swiss_roll_checkpoints_hold_their_figures(one_seed):
    score = evaluate("swiss-roll-score", num_points=2_000)
    assert max(score.values()) < 0.15
    points = evaluate("swiss-roll-ddpm", num_points=2_500)
    assert points["DDPM-100, SW2 ratio"] < 1.7
    assert points["DDPM-100, MMD² ratio"] < 1.7
    assert points["DDPM-100, fraction off the curve"] < 0.005
    learned = evaluate("swiss-roll-variational", num_points=2_000)
    assert learned["learned variance, SW2 ratio"] < 1.7
    assert learned["learned variance, fraction off the curve"] < 0.015


def test_figures_would_show_a_bad_sampler(one_seed):
    # The same weights by DDIM in 8 steps: the bounds above must refuse it: MMD² is 6.4.
    trained = diffusion.load("swiss-roll-ddpm")
    generator = torch.Generator().manual_seed(0)
    x = diffusion.sample(
        trained.network,
        trained.schedule,
        (2_500, 2),
        "ddim",
        num_inference_steps=8,
        generator=generator,
    )
    real = [swiss_roll.sample(2_500, generator) for _ in range(2)]
    assert metrics.ratio_to_real(metrics.squared_mmd, [x], real) > 1.7


def test_waveform_checkpoint_is_far_from_noise(one_seed):
    figures = evaluate("waveform-wavegrad", num_frames=16)
    assert figures["log-spectra, fraction of white noise's distance"] < 0.08
    assert figures["error of the noise at σ = 0.1"] < 0.25


def test_only_some_checkpoints_have_an_inference_schedule():
    schedule = diffusion.load("waveform-wavegrad").inference_schedule(6)
    later = diffusion.load("waveform-wavegrad").inference_schedule(6, sigma_max=0.5)
    assert later.sigmas[[0, -1]].tolist() == pytest.approx([float(schedule.sigmas[0]), 0.5])
    assert len(schedule) == 6
    assert schedule.reaches_noise
    with pytest.raises(ValueError, match="no inference schedule"):
        diffusion.load("swiss-roll-score").inference_schedule(6)


def test_no_file_of_weights_is_larger_than_8_mb():
    files = list(checkpoints.CHECKPOINTS.rglob("*.safetensors"))
    assert len(files) >= len(checkpoints.names())
    assert max(file.stat().st_size for file in files) < 8e6


def test_every_checkpoint_has_a_card_with_its_measures():
    shipped = checkpoints.names()
    assert {"swiss-roll-score", "swiss-roll-ddpm", "waveform-wavegrad"} <= set(shipped)
    for name in shipped:
        file = checkpoints.CHECKPOINTS / name / "README.md"
        card = file.read_text()
        assert f"python -m diffusion evaluate {name}" in card
        assert "| metric | value |" in card
        read_by_the_hub = ModelCard.load(file).data
        assert read_by_the_hub.library_name == "diffusion-companion"
        for measure in read_by_the_hub.eval_results:
            assert f"| {measure.metric_type} | {measure.metric_value:.4g} |" in card
        assert len(read_by_the_hub.eval_results) == card.count("\n| ") - 2


def test_metrics_tell_real_from_wrong(generator):
    real = [swiss_roll.sample(1_000, generator) for _ in range(4)]
    fresh = swiss_roll.sample(1_000, generator)
    for distance in (metrics.sliced_wasserstein, metrics.squared_mmd, metrics.energy_distance):
        assert metrics.ratio_to_real(distance, [fresh], real) < 1.7
        assert metrics.ratio_to_real(distance, [fresh + 0.15], real) > 2
    assert metrics.fraction_off_curve(fresh) < 0.01
    assert metrics.fraction_off_curve(fresh + 0.15) > 0.5


def test_energy_distance_and_mmd_of_known_sets():
    a, b = torch.zeros(3, 2), torch.tensor([[3.0, 4.0]]).expand(3, 2)
    assert metrics.energy_distance(a, b) == pytest.approx(10)
    assert metrics.squared_mmd(a, b) == pytest.approx(2)
    assert metrics.squared_mmd(a, a) == pytest.approx(0)
    with pytest.raises(ValueError, match="one shape"):
        metrics.sliced_wasserstein(a, torch.zeros(4, 2))
