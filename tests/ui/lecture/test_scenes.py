"""The scenes of the lecture: what they say, where they lead, and what is refused."""

import re
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from tests.built_page import built_page
from ui.lecture.scene_files import read_lecture, read_scene
from ui.lecture.scenes import short_link
from ui.lecture.truths import TRUTHS
from ui.page import sections
from ui.sound.from_nothing.compute import generate_result
from ui.sound.vocoder.compute import VocoderSettings
from ui.texts import ENGLISH, languages

FOLDER = Path(__file__).parents[3] / "lectures"
SECTIONS = [section.settings for section in sections()]
SCENES = read_lecture(FOLDER, SECTIONS)

SCENE = """---
title: A title
part: A part
view: ?tab=score-field&sigma=0.2
picture: score-player
question:
  text: How many?
  truth: walkers_far
  low: 0
  high: 150
  unit: walkers
---
A few **lines** <b>of</b> text.

## What to notice

This.

## Notes

For the lecturer.
"""


def read(tmp_path, text):
    path = tmp_path / "scene.md"
    path.write_text(text, encoding="utf-8")
    return read_scene(path, SECTIONS)


def test_the_lecture_goes_through_the_four_parts_of_the_tutorial_in_order():
    parts = [scene.part for scene in SCENES]
    assert len(SCENES) >= 15
    assert parts == sorted(parts)
    assert [part[:1] for part in dict.fromkeys(parts)] == ["1", "2", "3", "4"]
    assert min(parts.count(part) for part in parts) >= 3


def test_of_two_scenes_one_has_a_question():
    assert sum(scene.question is not None for scene in SCENES) >= len(SCENES) / 2


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_a_link_is_short_and_leads_to_its_settings(scene):
    shortest = parse_qsl(short_link(scene.view, SECTIONS)[1:])
    assert {name for name, _ in parse_qsl(scene.view[1:])} == {name for name, _ in shortest}
    assert type(scene.settings).from_query(dict(shortest)) == scene.settings
    assert len(scene.view) < 140
    full = "?" + scene.settings.to_query()
    short = dict(parse_qsl(short_link(full, SECTIONS)[1:]))
    assert type(scene.settings).from_query(short) == scene.settings
    named = [name for name, _ in parse_qsl(scene.view[1:])]
    assert len(short) == len([name for name in named if "." not in name])  # no player's options


def test_a_short_link_keeps_how_the_pictures_are_shown():
    link = "?tab=score&sigma=0.1&seed=3&score-player.arrows=off&other=1"
    assert short_link(link, SECTIONS) == "?tab=score-field&seed=3&score-player.arrows=off"


def test_a_short_link_of_another_seed_or_of_an_earlier_version_shows_the_same():
    for link in ("?tab=vocoder&seed=5&network=partials from the mel", "?tab=vocoder&seed=5"):
        short = dict(parse_qsl(short_link(link, SECTIONS)[1:]))
        assert VocoderSettings.from_query(short) == VocoderSettings.from_query(
            dict(parse_qsl(link[1:]))
        )
    assert short_link("?tab=score&levels=5", SECTIONS) == "?tab=score-field&num_sigmas=5"


@pytest.mark.parametrize("view", ["", "?sigma=1", "?tab=none", "?tab=score-field&sigma=9"])
def test_a_link_to_nothing_is_refused(view):
    with pytest.raises(ValueError, match=r"names no section|must be a number"):
        short_link(view, SECTIONS)


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_a_scene_is_a_few_lines_that_can_be_read_from_afar(scene):
    words = re.sub(r"<[^>]*>", "", scene.text + scene.notice).split()
    assert 15 < len(words) < 90
    assert scene.notes


def test_the_sound_from_nothing_is_the_steady_note_that_its_scene_promises():
    (scene,) = (each for each in SCENES if each.settings.tab == "from-nothing")
    assert "steady note" in scene.notice
    harmonics = generate_result(scene.settings).facts["harmonics-to-noise ratio"]
    assert float(harmonics.removesuffix(" dB")) >= 20


def test_every_picture_of_a_scene_is_on_the_page():
    shown = {block.elem_id for block in built_page().blocks.values()}
    assert {scene.picture for scene in SCENES} <= shown


@pytest.mark.parametrize(
    "scene",
    [scene for scene in SCENES if scene.question and scene.question.truth],
    ids=lambda scene: scene.name,
)
def test_the_truth_is_one_of_the_answers(scene):
    truth = TRUTHS[scene.question.truth](scene.settings)
    assert scene.question.check(truth) == truth


def test_a_scene_is_what_its_file_says(tmp_path):
    scene = read(tmp_path, SCENE)
    assert (scene.name, scene.title, scene.part) == ("scene", "A title", "A part")
    assert scene.settings.sigma == 0.2
    assert scene.text == "<p>A few <strong>lines</strong> &lt;b&gt;of&lt;/b&gt; text.</p>\n"
    assert (scene.notice, scene.notes) == ("<p>This.</p>\n", "<p>For the lecturer.</p>\n")
    assert (scene.question.low, scene.question.high) == (0, 150)


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("---\ntitle", "title", 1, "must come first"),
        ("title: A title\n", "", 1, "`title` is missing"),
        ("title: A title", "title: [", 4, "not YAML"),
        ("title: A title", "title: 3", 2, "must be a text"),
        ("part: A part", "part: A part\ncolour: red", 4, "`colour` is none of"),
        ("?tab=score-field&", "score-field?", 4, "must be a link"),
        ("score-field", "scorefield", 4, "names no section"),
        ("sigma=0.2", "sigma=20", 4, "noise σ of the data must be a number in [0.01, 1]"),
        ("sigma=0.2", "sigmas=0.2", 4, "'sigmas', which is no control of Score field"),
        ("walkers_far", "walkers", 8, "`truth` must be one of"),
        ("walkers_far", "variance_left", 8, "is about Forward, not Score field"),
        ("walkers_far", "nearer_dynamics", 8, "answer of nearer_dynamics needs `choices`"),
        ("low: 0\n  high: 150\n  unit: walkers", "choices: [a, b]", 8, "needs `low`, `high`"),
        ("walkers_far\n  low: 0\n  high: 150\n  unit: walkers",
         "nearer_dynamics\n  choices: [a]", 9, "two or more texts"),
        ("low: 0", "low: 200", 9, "`low` must be a number below `high`"),
        ("  unit: walkers\n", "", 6, "`question.unit` is missing"),
        ("## Notes", "## notes", 13, "'## Notes' is missing"),
        ("This.", "", 13, "'## What to notice' is missing"),
    ],
)  # fmt: skip
def test_a_broken_scene_is_refused_with_its_file_and_line(tmp_path, old, new, line, reason):
    with pytest.raises(ValueError, match=re.escape(reason)) as refused:
        read(tmp_path, SCENE.replace(old, new, 1))
    assert str(refused.value).startswith(f"{tmp_path / 'scene.md'}:{line}: ")


LISTENING = """---
title: A title
part: A part
view: ?tab=side-by-side&sampler_1=none
picture: side-by-side-player
question:
  text: Which one is X?
  sounds: [2, 4]
---
A text.

## What to notice

This.

## Notes

For the lecturer.
"""


def test_a_scene_of_blind_listening_names_two_runs(tmp_path):
    question = read(tmp_path, LISTENING).question
    assert question.sounds == (2, 4)
    assert question.check("B") == "B"
    for answer in ("X", "a", "", None, 1, ["A"], {}):
        with pytest.raises(ValueError, match="answer must be one of A, B"):
            question.check(answer)


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        *(
            ("[2, 4]", runs, 8, "`sounds` must be two of the runs in use, 2, 3, 4, got")
            for runs in ("[1, 4]", "[2, 2]", "[2]", "[2, 3, 4]", "[2, 5]", "two", "[true, 2]", "{}")
        ),
        ("sounds: [2, 4]", "sounds: [2, 4]\n  choices: [a, b]", 9, "`choices` is none of text, so"),
        ("  text: Which one is X?\n", "", 6, "`question.text` is missing"),
        ("side-by-side&sampler_1=none", "vocoder", 8, "are runs of Side by side, not of Vocode"),
    ],
)
def test_a_broken_scene_of_blind_listening_is_refused(tmp_path, old, new, line, reason):
    with pytest.raises(ValueError, match=re.escape(reason)) as refused:
        read(tmp_path, LISTENING.replace(old, new, 1))
    assert str(refused.value).startswith(f"{tmp_path / 'scene.md'}:{line}: ")


def test_a_translation_has_the_same_sounds(tmp_path):
    (tmp_path / "de").mkdir()
    (tmp_path / "scene.md").write_text(LISTENING, encoding="utf-8")
    other = LISTENING.replace("[2, 4]", "[4, 2]")
    (tmp_path / "de" / "scene.md").write_text(other, encoding="utf-8")
    with pytest.raises(ValueError, match=re.escape("`question.sounds` must be [2, 4]")):
        read_lecture(tmp_path, SECTIONS, "de")


def test_a_folder_without_scenes_is_refused(tmp_path):
    with pytest.raises(ValueError, match="has no scene"):
        read_lecture(tmp_path, SECTIONS)


@pytest.mark.parametrize("language", [each for each in languages() if each != ENGLISH])
def test_a_translated_scene_takes_the_place_of_the_english_one(language):
    translated = {path.stem for path in (FOLDER / language).glob("*.md")}
    assert translated
    for english, scene in zip(SCENES, read_lecture(FOLDER, SECTIONS, language), strict=True):
        assert (scene.name, scene.view) == (english.name, english.view)
        if scene.name in translated:
            assert scene.title != english.title
            assert scene.text != english.text
        else:
            assert scene == english


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("sigma=0.2", "sigma=0.3", 4, "`view` must be '?tab=score-field&sigma=0.2', as in English"),
        ("high: 150", "high: 160", 10, "`question.high` must be 150, as in English, got 160"),
        ("title: A title", "titel: A title", 1, "`title` is missing"),
    ],
)
def test_a_translation_of_something_else_is_refused(tmp_path, old, new, line, reason):
    (tmp_path / "de").mkdir()
    (tmp_path / "scene.md").write_text(SCENE, encoding="utf-8")
    translated = tmp_path / "de" / "scene.md"
    translated.write_text(SCENE.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ValueError, match=re.escape(reason)) as refused:
        read_lecture(tmp_path, SECTIONS, "de")
    assert str(refused.value).startswith(f"{translated}:{line}: ")
    (tmp_path / "scene.md").rename(tmp_path / "other.md")
    with pytest.raises(ValueError, match="there is no English scene"):
        read_lecture(tmp_path, SECTIONS, "de")


@pytest.mark.parametrize("answer", [True, "3", None, float("nan"), -1, 151, [1], {}])
def test_an_answer_that_is_no_number_in_the_range_is_refused(tmp_path, answer):
    question = read(tmp_path, SCENE).question
    assert question.check(150) == 150
    with pytest.raises(ValueError, match="answer must be a number in"):
        question.check(answer)
