"""Programs that were written for earlier versions: endpoints, keywords and values still work."""

from dataclasses import asdict, fields

import pytest
from gradio_client import Client

from ui.page import build_page, launch_options, sections
from ui.shared.control_types import Choice, Number
from ui.shared.settings import control_of

OLD_ENDPOINTS = {
    "score": "score_field",
    "quality": "sample_quality",
    "bound": "variational_bound",
    "compose": "sound_designer",
    "vocode": "vocoder",
    "sound_lanes": "side_by_side",
    "sound_quality": "vocoder_quality",
    "generate": "from_nothing",
    "mistake": "mistakes_in_2d",
    "sound_mistake": "mistakes_in_sound",
}
SETTINGS = {section.settings.endpoint: section.settings for section in sections()}


@pytest.fixture(scope="module")
def client():
    demo = build_page()
    try:
        _, url, _ = demo.launch(prevent_thread_lock=True, quiet=True, **launch_options())
        yield Client(url, verbose=False)
    finally:
        demo.close()


@pytest.fixture(scope="module")
def endpoints(client):
    """What Gradio's client knows of each endpoint."""
    info = client.view_api(return_format="dict")
    assert info["unnamed_endpoints"] == {}
    return info["named_endpoints"]


@pytest.fixture(scope="module")
def parameters(endpoints):
    return {name: each["parameters"] for name, each in endpoints.items()}


@pytest.mark.parametrize(("old", "new"), OLD_ENDPOINTS.items())
def test_an_old_endpoint_takes_old_keywords(parameters, old, new):
    called = [each["parameter_name"] for each in parameters[f"/{old}"]]
    renamed = {now: before for before, now in SETTINGS[new].old_names.items()}
    assert called == [
        renamed.get(each["parameter_name"], each["parameter_name"])
        for each in parameters[f"/{new}"]
    ]


@pytest.mark.parametrize("kind", SETTINGS.values(), ids=SETTINGS)
def test_an_endpoint_takes_old_values(kind):
    values = {name: getattr(kind(), name) for name in kind.names()}
    for field in fields(kind):
        control = control_of(field)
        old_options = control.old_options if isinstance(control, Choice) else {}
        for old, new in old_options.items():
            chosen = kind.from_values(list((values | {field.name: old}).values()))
            assert getattr(chosen, field.name) == new


def test_old_keywords_of_a_section_are_those_of_its_old_endpoint(parameters):
    named = [each["parameter_name"] for each in parameters["/vocode"]]
    assert "levels" in named
    assert "schedule" not in named
    assert {f"levels_{k}" for k in range(1, 5)} <= {
        each["parameter_name"] for each in parameters["/sound_lanes"]
    }
    assert {"levels", "spread"} <= {each["parameter_name"] for each in parameters["/score"]}


def test_a_call_of_an_earlier_version_is_answered(client):
    call = asdict(SETTINGS["score_field"](walkers=5, num_steps=5))
    call["levels"] = call.pop("num_sigmas")
    call["spread"] = call.pop("start_std")
    assert client.predict(**call, api_name="/score")[0]["run"]


OTHERS = {"gallery": "sound_designer", "noise_sound": "vocoder"}
"""Endpoints that a section has beside the one of its own name."""


def test_only_what_has_a_name_of_its_own_is_public(endpoints):
    assert set(endpoints) == {f"/{name}" for name in (*SETTINGS, *OLD_ENDPOINTS, *OTHERS)}


@pytest.mark.parametrize("name", [*SETTINGS, *OLD_ENDPOINTS, *OTHERS])
def test_an_endpoint_says_what_it_gives_and_what_each_parameter_may_be(endpoints, name):
    section = (OLD_ENDPOINTS | OTHERS).get(name, name)
    described = endpoints[f"/{name}"]
    if name in OLD_ENDPOINTS:
        assert f"/{section}" in described["description"]
    else:
        assert SETTINGS[section].title in described["description"]
        assert len(described["description"].split("It gives: ")[1].split()) >= 5
    for parameter, field in zip(described["parameters"], fields(SETTINGS[section]), strict=True):
        control, schema = control_of(field), parameter["type"]
        assert parameter["python_type"]["description"] == f"{control.label}, {control.allowed}"
        assert parameter["parameter_default"] == field.default
        if isinstance(control, Number):
            assert schema["type"] == ("integer" if isinstance(control.step, int) else "number")
            assert (schema["minimum"], schema["maximum"]) == (control.low, control.high)
        elif isinstance(control, Choice):
            assert schema["enum"] == list(control.options)
        else:
            assert schema["maxLength"] == control.max_length
        assert control.check(parameter["example_input"]) == field.default
