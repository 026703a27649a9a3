"""Samplers side by side and Quality, of Waveforms: what they compute, without a browser."""

import itertools
import json
import re
from dataclasses import asdict, replace
from urllib.parse import parse_qsl

import gradio as gr
import numpy as np
import pytest
import torch

from diffusion.waveform.vocoder_quality import BETWEEN, EVALUATIONS, plans
from tests.ui.components.test_components import decode
from ui.gradio_limits import limit_gradio
from ui.page import launch_options
from ui.shared.section_opening import OPEN_SECTIONS
from ui.sound import vocoder_tables
from ui.sound.networks import HARMONIC, LAPPED, VOCODERS
from ui.sound.side_by_side import layout as side_by_side_layout
from ui.sound.side_by_side.compute import (
    GRIFFIN_LIM,
    ORIGINAL,
    SideBySideSettings,
    side_by_side_steps,
    sound_run,
)
from ui.sound.side_by_side.displays import side_by_side_payload, side_by_side_table
from ui.sound.sound_text import another_sound, decode_sound, in_words
from ui.sound.vocoder.about import about
from ui.sound.vocoder.subject import Subject
from ui.sound.vocoder_quality import compute as sound_quality
from ui.sound.vocoder_quality import layout as sound_quality_tab
from ui.sound.vocoder_quality.compute import (
    CHANGES,
    MEASURES,
    VocoderQualitySettings,
    sound_quality_facts,
)
from ui.sound.vocoder_quality.figure import noise_errors_figure, sound_quality_figure
from ui.sound.vocoder_quality.points import change_factor, hearing_table, heun_sentence

FEW = SideBySideSettings(
    duration=0.5, sampler_1="ddim", steps_1=2, sampler_2="ddim", steps_2=2, eta_2=1.0,
    mel_2="projected", schedule_3="published", mel_3="conditioned", sampler_3="dpm++2m", steps_3=3,
    sampler_4="none", seed=5, network_3=LAPPED,
)  # fmt: skip


def test_a_link_keeps_the_sound_and_the_runs():
    chosen = replace(FEW, sound=another_sound(7)[0])
    assert SideBySideSettings.from_query(dict(parse_qsl(chosen.to_query()))) == chosen
    assert "Hz" in in_words(decode_sound(chosen.sound))
    with pytest.raises(ValueError, match="sound must be"):
        replace(FEW, sound="f0:high")
    with pytest.raises(ValueError, match="at least one run"):
        replace(FEW, sampler_1="none", sampler_2="none", sampler_3="none").plans()


def finished(settings, own=None):
    """The news of a comparison, and its runs."""
    steps, news = side_by_side_steps(settings, own), []
    while True:
        try:
            news.append(next(steps))
        except StopIteration as end:
            return news, end.value


def test_runs_differ_in_their_plans_only():
    news, runs = finished(FEW)
    titles = [
        "1: partials from the mel, ddim, 2 steps",
        "2: lapped transform, ddim η = 1, 2 steps",
        "3: lapped transform, dpm++2m, 3 steps, published schedule, conditioned only",
    ]
    assert list(runs) == [*titles, GRIFFIN_LIM]
    assert news[-1] == GRIFFIN_LIM
    assert [run.evaluations for run in runs.values()] == [2, 2, 3, 0]
    first, second, *_ = (run.wave for run in runs.values())
    assert not np.array_equal(first, second)
    # The same plan in another run, computed anew, gives the same sound: the noise is the seed's.
    sound_run.cache_clear()
    moved = replace(FEW, sampler_1="none", sampler_4="ddim", steps_4=2, network_4=HARMONIC)
    title = "4: partials from the mel, ddim, 2 steps"
    again = finished(moved)[1][title].wave
    np.testing.assert_array_equal(first, again)
    other = finished(replace(moved, seed=6))[1][title].wave
    assert not np.array_equal(first, other)


def test_the_player_has_every_run_the_original_and_griffin_lim():
    subject = FEW.subject()
    payload = side_by_side_payload(FEW, subject, finished(FEW)[1])
    assert list(payload["views"]) == [*FEW.plans(), ORIGINAL, GRIFFIN_LIM]
    assert len(json.dumps(payload)) < 700_000
    assert payload["partials"] == pytest.approx(subject.partials, abs=0.06)
    residuals = [name for name, view in payload["views"].items() if view["residual"]]
    assert residuals == [*FEW.plans(), GRIFFIN_LIM]


def test_ones_own_sound_is_compared_with_griffin_lim_and_not_kept():
    wave = 0.1 * np.random.default_rng(0).standard_normal((1, 11_025)).astype(np.float32)
    own = Subject(wave, None, "own 1", "Your own sound, 0.50 s")
    (first, *_, last) = side_by_side_layout.show_steps(FEW, own)
    for payload in (first[0], last[0]):
        assert "own 1" in payload["run"]
        original = decode(payload["views"][ORIGINAL]["sounds"])[0]
        assert np.corrcoef(original, wave[0])[0, 1] == pytest.approx(1, abs=1e-6)
    assert last[2] == about(own, "side-by-side", own.seconds)
    assert "unlike the training data" in last[2]  # which has no noise alone
    assert "spectral convergence" in last[1]
    assert "pitch" not in last[1]  # nobody knows its partials
    runs, again = finished(FEW, own)[1], finished(FEW, own)[1]
    assert not {id(run) for run in runs.values()} & {id(run) for run in again.values()}
    assert list(runs)[-1] == GRIFFIN_LIM
    assert runs[GRIFFIN_LIM].errors.spectral_convergence < 1
    assert all(run.errors.partials is None for run in runs.values())


def test_the_table_has_a_column_for_each_run():
    found = finished(FEW)[1]
    head, _, *rows = side_by_side_table(FEW.subject(), found).splitlines()
    assert head.split("|")[1:-1] == [" run ", " 1 ", " 2 ", " 3 ", " GL "]
    cells = {line.split("|")[1].strip(): line.split("|")[2:-1] for line in rows}
    assert [cell.strip() for cell in cells["network evaluations (NFE)"]] == ["2", "2", "3", "0"]
    runs = list(found.values())
    for cell, run in zip(cells["log-mel distance (nepers)"], runs, strict=True):
        assert float(cell) == pytest.approx(run.errors.log_mel, abs=0.006)
    assert len(cells) == 8


# ---- Quality ------------------------------------------------------------------------------------


def measured_table():
    """Made up: errors that fall with the evaluations, from a value of its own for each sampler."""

    def row(evaluations, error, **options):
        errors = dict.fromkeys(MEASURES.values(), error) | {"noise": -10 / error}
        return options | {"evaluations": evaluations, "seconds": 0.1, **errors}

    rows = [
        row(plan.evaluations, (2 + k // len(EVALUATIONS)) / plan.evaluations, **asdict(plan))
        for k, plan in enumerate(plans())
    ]
    extra = [row(0, 0.001, sampler="original"), row(0, 0.05, sampler="griffin-lim")]
    extra.append(row(6, 0.4, sampler="untrained"))
    return {
        "command": "a command",
        "num_sounds": 3,
        "threads": 1,
        "noise_errors": {"0.1": 0.5, "1.0": 0.25},
        "fields": {"0.1": 441, "1.0": 2205},
        "rows": [*extra, *rows],
    }


@pytest.fixture
def table(monkeypatch):
    table = measured_table()
    for module in (vocoder_tables, sound_quality, sound_quality_tab):
        monkeypatch.setattr(module, "measured", lambda network: table)
    return table


@pytest.mark.parametrize("measure", MEASURES)
def test_the_chart_tells_every_number(table, measure):
    drawn = sound_quality_figure(VocoderQualitySettings(measure=measure))
    label = drawn[: drawn.index("<svg")]
    assert measure in label
    for row in table["rows"]:
        if any(asdict(plan).items() <= row.items() for plan in BETWEEN):
            continue  # in the table of the changes
        if row["sampler"] == "original":
            assert ("originals" in label) == (measure.startswith("noise"))
        else:
            value = sound_quality.number(row[MEASURES[measure]], MEASURES[measure])
            assert value in label


def test_the_facts_are_the_best_within_each_budget(table):
    facts = sound_quality_facts(VocoderQualitySettings())
    assert facts["best within 12 evaluations"].startswith("**0.167** (ddpm, 12 evaluations")
    assert facts["best within 100 evaluations"].startswith("**0.020** (ddpm, 100 evaluations")
    assert facts["Griffin-Lim, no network"].startswith("0.050")
    # The chart ends at twice the distance of Griffin-Lim, 0.1; what lies beyond is said.
    assert "ddpm in 12 evaluations (0.167)" in facts["beyond the axis of the chart"]
    assert "ddpm in 25" not in facts["beyond the axis of the chart"]
    noise = sound_quality_facts(VocoderQualitySettings(measure="noise between partials (dB)"))
    assert noise["best within 6 evaluations"].startswith("**−30** (ddpm, 6 evaluations")
    assert "the originals" in noise
    assert "a command" in sound_quality_tab.show(VocoderQualitySettings())[1]


@pytest.mark.parametrize("network", VOCODERS)
def test_every_point_of_the_chart_can_be_heard(table, network):
    links = re.findall(r"\[(\d+)\]\(\?([^)]+)\)", hearing_table(network))
    measured = [row for rows in sound_quality.curves(network).values() for row in rows]
    assert len(links) == len(measured) == len(plans()) - len(BETWEEN)
    for (evaluations, query), row in zip(links, measured, strict=True):
        opened = SideBySideSettings.from_query(dict(parse_qsl(query)))
        ((heard, plan),) = opened.plans().values()  # the point alone
        assert heard == network
        assert plan.evaluations == int(evaluations) == row["evaluations"]
        assert asdict(plan).items() <= row.items()


def heun_rows(convergence_of_few):
    """A table in which Heun's method fares so in the fewest evaluations."""
    table = measured_table()
    for row in table["rows"]:
        if row["sampler"] == "heun" and row["evaluations"] == 5:
            row["convergence"] = convergence_of_few
    return table


@pytest.mark.parametrize(
    ("convergence", "verdict"),
    [(0.112, "does not fail in 3 steps"), (12.4, "fails in 3 steps: silence, with 1, would be")],
)
@pytest.mark.parametrize("network", VOCODERS)
def test_how_heun_fares_in_few_steps_follows_from_the_table(
    monkeypatch, network, convergence, verdict
):
    monkeypatch.setattr(sound_quality, "measured", lambda network: heun_rows(convergence))
    said = heun_sentence(network)
    assert said.startswith("With 5 evaluations Heun's method has a spectral convergence of")
    assert f" of {convergence:.3f}, with 11 of" in said
    assert f"With this network, it {verdict}" in said


def test_what_is_said_of_the_default_network_is_no_failure():
    few = min(sound_quality.curves(HARMONIC)["heun"], key=lambda row: row["evaluations"])
    assert few["convergence"] < sound_quality.highest(HARMONIC, "convergence")
    assert "does not fail" in heun_sentence(HARMONIC)


def test_heun_adds_the_change_of_x_0_times_the_factor():
    sigmas = torch.tensor([12, 0.4762902, 0.001])  # the Karras grid of three steps
    factor = float(((sigmas[:-1] / sigmas[1:]).max() - 1) / 2)
    assert change_factor(LAPPED, 3) == pytest.approx(factor, rel=1e-3)
    assert "at most 238 in 3 steps, 11 in 6." in heun_sentence(LAPPED)
    # By hand, the method's own step beside Euler's.
    x, sigma, lower, before, after = 0.7, 0.4762902, 0.001, 0.2, 0.25
    slope = (x - before) / sigma
    euler = x + (lower - sigma) * slope
    heun = x + (lower - sigma) * (slope + (euler - after) / lower) / 2
    assert heun - euler == pytest.approx(factor * (after - before), rel=1e-3)


def test_each_change_is_a_measured_row(table):
    lines = sound_quality.changes_table().splitlines()[2:]
    assert len(lines) == len(CHANGES)
    for line, (name, network, plan) in zip(lines, CHANGES, strict=True):
        row = vocoder_tables.row_of_plan(network, plan)
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        assert cells[0] == sound_quality.TEXTS[f"change.{name}"]
        assert cells[1:3] == [f"{row['log_mel']:.3f}", f"{row['convergence']:.3f}"]
    # One change at a time.
    for (_, *before), (_, *after) in itertools.pairwise(CHANGES):
        parts = [asdict(plan) | {"network": network} for network, plan in (before, after)]
        changed = {key for key in parts[0] if parts[0][key] != parts[1][key]}
        assert len(changed) == 1


def test_how_far_a_network_looks_is_said_in_milliseconds(table):
    said = sound_quality.field_texts()
    assert set(said) == set(VOCODERS)
    assert all(text.startswith("2,205 samples, 100 ms") for text in said.values())
    assert all("10 Hz" in text for text in said.values())
    assert "σ" in noise_errors_figure()
    assert "0.1: 0.5, 1: 0.25" in noise_errors_figure()


def test_the_projection_s_part_of_the_time_is_measured(monkeypatch):
    table = measured_table()
    for row in table["rows"]:
        if row.get("projection") == "none":
            row["seconds"] = 0.07
    monkeypatch.setattr(vocoder_tables, "measured", lambda network: table)
    assert vocoder_tables.projection_times() == pytest.approx(dict.fromkeys(VOCODERS, 0.3))
    table["rows"] = table["rows"][:3]
    with pytest.raises(ValueError, match="was not measured with"):
        vocoder_tables.projection_times()


@pytest.mark.parametrize("network", VOCODERS)
def test_the_shipped_tables_say_all_that_the_page_shows(network):
    settings = VocoderQualitySettings(network=network)
    figure, said, facts, changes, errors, why = sound_quality_tab.show(settings)
    assert "<svg" in figure
    assert "<svg" in errors
    assert f"diffusion quality {VOCODERS[network]} " in said
    assert "best within 12 evaluations" in facts
    assert "as published: ddpm, conditioned only" in figure
    assert "WaveGrad as published" in changes
    assert all(name in why for name in VOCODERS)


def test_before_the_first_measurement_there_is_a_sentence(monkeypatch):
    def nothing(network):
        raise ValueError("vocoder-wavegrad has no quality.json")

    monkeypatch.setattr(sound_quality_tab, "measured", nothing)
    figure, said, *others = sound_quality_tab.show(VocoderQualitySettings())
    assert not any([figure, *others])
    assert said == "Nothing to show yet: vocoder-wavegrad has no quality.json."


# ---- In the browser -----------------------------------------------------------------------------

RUNS = "#side-by-side-player"
QUERY = "?tab=side-by-side&duration=0.5&steps_1=2&steps_2=3&sampler_3=none&sampler_4=none"


@pytest.fixture(scope="module")
def url():
    table = measured_table()
    with pytest.MonkeyPatch.context() as patch:
        for module in (vocoder_tables, sound_quality, sound_quality_tab):
            patch.setattr(module, "measured", lambda network: table)
        side_by_side_layout.show(SideBySideSettings())
        limit_gradio()
        with gr.Blocks() as demo:
            with gr.Tab("runs"):
                side_by_side_layout.build()
            with gr.Tab("quality"):
                sound_quality_tab.build()
            demo.load(fn=None, js=OPEN_SECTIONS)
        _, local, _ = demo.launch(prevent_thread_lock=True, quiet=True, **launch_options())
        yield local
        demo.close()


@pytest.mark.browser
def test_runs_are_compared_by_ear_and_linked(open_at, url):
    page = open_at(
        url, QUERY, wait_for=f"{RUNS} [data-run]", viewport={"width": 390, "height": 900}
    )
    player = page.locator(RUNS)
    views = player.locator(".sides").get_by_role("radio")
    views.nth(3).wait_for()  # until the runs are finished, the original is alone
    assert views.count() == 4
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.get_by_role("columnheader").all_inner_texts()[:4] == ["run", "1", "2", "GL"]
    player.get_by_label("loop").check()
    player.get_by_role("button", name="Listen").click()
    for key in "1234b":
        page.keyboard.press(key)
        page.wait_for_function(
            f"Number(document.querySelector('{RUNS} [data-run]').dataset.level) > 0.01"
        )
    assert views.nth(2).is_checked()  # B went back from the fourth to the third
    player.get_by_role("button", name="Stop").click()

    run = player.locator("[data-run]").get_attribute("data-run")
    page.locator(".label-wrap").get_by_text("Sound", exact=True).click()
    page.get_by_role("button", name="Another sound").click()
    page.wait_for_function(f"document.querySelector('{RUNS} [data-run]').dataset.run !== {run!r}")
    page.wait_for_function("location.search.includes('seed=1&') || /seed=1$/.test(location.search)")
    (_, sound), *_ = (pair for pair in parse_qsl(page.url.partition("?")[2]) if pair[0] == "sound")
    assert (sound, 1) == another_sound(0)


@pytest.mark.browser
def test_the_chart_follows_the_measure(open_at, url):
    page = open_at(url, "?tab=vocoder-quality", wait_for=f"{RUNS} [data-run]")
    page.get_by_role("tab", name="quality").click()
    chart = page.locator("#sound-quality-figure [role=img]")
    assert chart.get_attribute("aria-label").startswith("log-mel distance")
    page.get_by_label("measure").click()
    page.get_by_role("option", name="noise between partials (dB)").click()
    page.locator("#sound-quality-figure [aria-label^=noise]").wait_for()
    page.wait_for_function("location.search.includes('measure=noise')")
    link = page.get_by_role("link", name="6", exact=True).first
    assert link.get_attribute("href").startswith("?tab=side-by-side&")
