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
from ui.sound.side_by_side.compute import SideBySideSettings, describe
from ui.sound.vocoder_quality.compute import VocoderQualitySettings
from ui.sound.vocoder_quality.figure import sound_quality_figure
from ui.texts import ENGLISH, FOLDER, Texts, read, use_language
from ui.texts.__main__ import main, missing


@pytest.fixture
def german():
    use_language("de")
    yield
    use_language(ENGLISH)


@pytest.fixture
def half_translated(tmp_path, monkeypatch):
    """Two files of texts in English; in German one of them, without one of its texts."""
    files = {
        "en/some": "walk = 'walk'\ninner.stop = 'stop'",
        "en/other": "step = 'step'",
        "de/some": "walk = 'laufen'",
    }
    for name, text in files.items():
        path = tmp_path / f"{name}.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    monkeypatch.setattr("ui.texts.FOLDER", tmp_path)
    monkeypatch.setattr("ui.texts.__main__.FOLDER", tmp_path)
    read.cache_clear()
    yield
    read.cache_clear()


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

    made = describe(SideBySideSettings().plan(1))
    assert made.startswith("Teiltöne aus dem Mel")
    chart = sound_quality_figure(VocoderQualitySettings())
    assert "Log-Mel-Distanz (Neper) gegen Netzauswertungen, Teiltöne aus dem Mel" in chart
    assert "log-mel" not in chart


def test_what_is_not_translated_is_english(german, half_translated):
    some = Texts("some")
    assert [some["walk"], some["inner.stop"]] == ["laufen", "stop"]
    assert some.everything() == {"walk": "laufen", "inner.stop": "stop"}
    assert Texts("other")["step"] == "step"


def test_the_command_lists_what_is_missing(half_translated, capsys):
    lines = ["other.toml: step", "some.toml: inner.stop"]
    assert missing("de") == lines
    assert missing(ENGLISH) == []
    assert main(["de"]) == 0
    assert capsys.readouterr().out.splitlines() == [*lines, "2 texts are missing"]


def test_the_german_files_have_all_their_texts():
    begun = {path.name for path in (FOLDER / "de").glob("*.toml")}
    assert {"score-field.toml", "page.toml", "shared.toml"} <= begun
    assert [line for line in missing("de") if line.partition(":")[0] in begun] == []


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
