"""The page in another language than English."""

import pytest

import app
from diffusion.mistakes.registry import MISTAKES
from ui.ddpm.sample_quality.compute import SampleQualitySettings
from ui.ddpm.sample_quality.figure import quality_figure
from ui.mistakes.costs import measure_all
from ui.mistakes.mistakes_in_2d.compute import MistakesIn2dSettings
from ui.page import build_page, launch_options
from ui.score import score_field
from ui.score.score_field.compute import ScoreFieldSettings
from ui.score.score_field.displays import show
from ui.texts import ENGLISH, FOLDER, Texts, read, use_language
from ui.texts.__main__ import main, missing

GERMAN_SECTION = "score-field"


@pytest.fixture
def german():
    use_language("de")
    yield
    use_language(ENGLISH)


def test_the_page_is_built_in_german_and_its_values_stay(german):
    config = build_page().get_config_file()
    props = [each["props"] for each in config["components"]]
    labels = {each.get("label") for each in props}
    assert {"Score-Feld", "Die Fehler des Notebooks", "Rauschen σ der Daten"} <= labels
    assert "Loslaufen" in [each.get("value") for each in props]
    choices = {tuple(option) for each in props for option in each.get("choices") or []}
    assert {("gelernt", "learned"), ("zwei Monde", "two moons")} <= choices
    assert any("lang = 'de'" in str(event["js"]) for event in config["dependencies"])
    panel = next(text for each in props if "lecture-entry" in (text := str(each.get("value"))))
    assert "Vorlesung</a> Gehen Sie in Szenen" in panel
    assert '"title": "Walker folgen dem Score"' in panel
    assert '"hand_on.link": "Link kopieren"' in launch_options()["head"]
    assert score_field.SECTION.settings().to_link() == "?tab=score-field"


def test_results_and_errors_are_german(german):
    payload, facts, far = show(ScoreFieldSettings(score="empirical", num_steps=3, seed=77))
    assert payload["labels"][-1] == "Schritt 3 von 3"
    assert "relativer Fehler des Scores (empirisch)" in facts
    assert far == "Der ganze Lauf wird gezeigt."
    with pytest.raises(ValueError, match=r"^Schrittweite ε muss eine Zahl in \[0.0001, 0.2\] sein"):
        ScoreFieldSettings(step_size=1)


def test_results_name_options_as_the_controls_do(german):
    chart = quality_figure(SampleQualitySettings(measure="fraction off the curve", num_points=500))
    assert "Anteil neben der Kurve" in chart
    assert "ddim Orakel" in chart
    assert "fraction off" not in chart
    mistakes = {"uniform noise": MISTAKES["uniform noise"]}
    costs = {"SW2 ratio": (15.0, 1.0)}
    show = measure_all(MistakesIn2dSettings, mistakes, lambda _: costs)
    *_, (_, overview) = show(MistakesIn2dSettings())
    assert "[gleichverteiltes Rauschen](?tab=mistakes-in-2d" in overview


def test_what_is_not_translated_is_english(german):
    key, text = next(
        (key, text)
        for key, text in read(ENGLISH, "vocoder").items()
        if key not in read("de", "vocoder")
    )
    assert Texts("vocoder")[key] == text


def test_the_command_lists_what_is_missing(capsys):
    lines = missing("de")
    assert not [
        line
        for line in lines
        if line.startswith((f"{GERMAN_SECTION}.toml", "page.toml", "shared.toml"))
    ]
    assert missing(ENGLISH) == []
    assert main(["de"]) == 0
    assert capsys.readouterr().out.splitlines() == [*lines, f"{len(lines)} texts are missing"]


def test_an_unknown_language_or_key_is_an_error(capsys):
    assert app.main(["--language", "tlh"]) == 1
    assert "language must be one of de, en, got 'tlh'" in capsys.readouterr().err
    with pytest.raises(KeyError, match=r"score-field.toml has no text walkk"):
        Texts("score-field")["walkk"]


def test_braces_of_formulas_stay(tmp_path, monkeypatch):
    (tmp_path / ENGLISH).mkdir()
    (tmp_path / ENGLISH / "some.toml").write_text("a = '$p^{x}$ {x:.1f} {y}'", encoding="utf-8")
    monkeypatch.setattr("ui.texts.FOLDER", tmp_path)
    assert Texts("some").say("a", y=2) == "$p^{x}$ {x:.1f} 2"
    assert tmp_path != FOLDER
