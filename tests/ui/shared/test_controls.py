from types import SimpleNamespace

import pytest

from tests.built_page import built_page
from ui.mistakes.mistakes_in_2d.compute import MistakesIn2dSettings
from ui.page import sections
from ui.shared.section_opening import restore
from ui.shared.texts import minus_signs

SETTINGS = MistakesIn2dSettings(seed=7)


def request(query):
    return SimpleNamespace(query_params=query, session_hash=None, headers={})


def show_seed(settings):
    return (f"seed {settings.seed}",)


def show_parts(settings):
    yield ("first",)
    yield show_seed(settings)


LINK = request({"tab": "mistakes", "mistake": SETTINGS.mistake, "seed": "7"})
VALUES = [SETTINGS.mistake, 7]


def test_a_link_is_restored_with_its_results():
    assert restore(MistakesIn2dSettings, [show_seed])(LINK) == [*VALUES, "seed 7"]
    other_tab = restore(MistakesIn2dSettings, [show_seed])(
        request({"tab": "score-field", "seed": "7"})
    )
    assert other_tab[-1] == "seed 0"


def test_a_long_result_is_restored_part_by_part_and_the_controls_are_set_once():
    first, second = restore(MistakesIn2dSettings, [show_parts, show_seed])(LINK)
    assert first == [*VALUES, "first", "seed 7"]
    assert second[2:] == ["seed 7", "seed 7"]
    assert not set(map(str, second[:2])) & set(map(str, VALUES))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("-1.5 nats (-0.035)", "−1.5 nats (−0.035)"),
        ("**-.5**", "**−.5**"),
        ("1e-05, DDPM-100, L_{t-1}, 3-5", "1e-05, DDPM-100, L_{t-1}, 3-5"),
    ],
)
def test_negative_numbers_have_a_minus_sign(text, shown):
    assert minus_signs(text) == shown


def test_what_says_how_far_it_is_does_so_when_a_link_opens_it():
    page = built_page()
    openings = {
        page.blocks[target].elem_id: each.fn.__name__
        for each in page.fns.values()
        for target, event in each.targets
        if event == "click" and each.fn
    }
    grow = {each.api_name for each in page.fns.values() if each.types_generator}
    opened = {each.settings.endpoint: openings[f"opens-{each.settings.tab}"] for each in sections()}
    # A link to a training shows one that was made before.
    long = {name for name in opened.keys() & grow if not name.startswith("train_")}
    assert {"from_nothing", "reverse", "vocoder"} <= long
    assert {opened[name] for name in long} == {"open_first"}


def test_all_openings_share_the_limit_of_computations():
    openings = [
        each
        for each in built_page().fns.values()
        if getattr(each.fn, "__name__", "") in ("open_tab", "open_first", "open_others")
    ]
    assert len(openings) >= len(sections())
    assert {(each.concurrency_id, each.concurrency_limit) for each in openings} == {("compute", 4)}
