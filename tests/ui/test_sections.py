"""What holds for every section: its names and its links."""

import json
from dataclasses import asdict, fields, replace
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.any_settings import any_settings
from ui.page import OLD_TABS, TABS, sections
from ui.shared.control_types import Choice
from ui.shared.permalinks import linked_controls
from ui.shared.settings import control_of

ALL = sections()
each_section = pytest.mark.parametrize("section", ALL, ids=lambda each: each.settings.tab)


# ---- Names and links ----------------------------------------------------------------------------


@each_section
def test_a_section_has_one_name_everywhere(section):
    name = section.build.__module__.split(".")[-2]
    assert section.settings.title.lower().replace(" ", "_") == name
    assert section.settings.tab == name.replace("_", "-")
    assert section.settings.endpoint == name
    assert section.settings.__module__.split(".")[-2] == name
    assert (
        section.settings.__name__ == name.title().replace("_", "").replace("2D", "2d") + "Settings"
    )


def test_no_two_sections_share_an_address():
    addresses = [
        address for section in ALL for address in (section.settings.tab, *section.settings.old_tabs)
    ]
    assert len(addresses) == len(set(addresses))


def test_every_old_address_still_opens_a_section():
    old = "score quality bound sounds vocoder sound-lanes sound-quality waveform mistakes "
    old += "sound-mistakes forward reverse likelihood"
    for address in old.split():
        assert sum(section.settings.is_at(address) for section in ALL) == 1, address
    assert {"diffusion", "notebook"} <= set(OLD_TABS)
    assert set(OLD_TABS.values()) <= set(TABS)


@each_section
@given(data=st.data())
def test_a_view_is_a_link(section, data):
    chosen = data.draw(any_settings(section.settings))
    query = dict(parse_qsl(chosen.to_query(), keep_blank_values=True))
    assert query["tab"] == chosen.tab
    hidden = {
        name: getattr(section.settings(), name)
        for name, option in section.settings.not_linked.items()
        if option in (None, getattr(chosen, name))
    }
    assert section.settings.from_query(query) == replace(chosen, **hidden)
    short = dict(parse_qsl(chosen.to_link()[1:], keep_blank_values=True))
    assert section.settings.from_query(short) == replace(chosen, **hidden)
    assert short.items() <= query.items()


@each_section
def test_a_link_leaves_out_what_equals_the_default(section):
    kind = section.settings
    assert kind().to_link() == f"?tab={kind.tab}"
    assert kind.defaults() == asdict(kind())
    if "seed" in kind.names():
        # Of an earlier version it would be, if it named no control of `old_defaults` beside it.
        named = [name for name, _ in parse_qsl(kind(seed=7).to_link()[1:])]
        assert sorted(named) == sorted(["tab", "seed", *kind.old_defaults])


def test_the_browser_knows_what_a_short_link_leaves_out():
    kinds = [section.settings for section in ALL]
    script = linked_controls(kinds)
    known = json.loads(script.removeprefix("const LINKED_CONTROLS = ").removesuffix(";"))
    assert list(known) == [kind.tab for kind in kinds]
    for kind in kinds:
        assert known[kind.tab]["defaults"] == asdict(kind())
        assert known[kind.tab]["besideSeed"] == list(kind.old_defaults)


@each_section
def test_old_names_in_a_link_are_understood(section):
    kind = section.settings
    for old, new in kind.old_names.items():
        value = getattr(kind(), new)
        assert old not in kind.names()
        assert kind.from_query({old: str(value)}) == kind()
    for field in fields(kind):
        control = control_of(field)
        if isinstance(control, Choice):
            for old, new in control.old_options.items():
                assert kind.from_query({field.name: old}) == replace(kind(), **{field.name: new})
