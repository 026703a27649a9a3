import io
import re

import gradio as gr
import pytest

from ui.page import launch_options
from ui.shared import figures
from ui.shared.figures import INK, INK_ON_PAGE, chart, svg


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    """The ratio of WCAG 2: 1 of equal colours, 21 of black and white."""
    darker, lighter = sorted(map(luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_letters_of_charts_have_the_ink_of_the_page():
    figure, (axes,) = chart()
    axes.set_xlabel("t")
    drawing = svg(figure, "a chart")
    assert INK not in drawing
    assert f"fill: {INK_ON_PAGE}" in drawing


def test_equal_charts_are_equal_texts_and_no_two_share_a_name():
    def drawn(description):
        figure, (axes,) = chart()
        axes.plot([0, 1], [0, 1], "o-")
        return svg(figure, description)

    def names(drawing):
        return set(re.findall(r'\bid="([^"]+)"', drawing))

    one, again, another = drawn("one"), drawn("one"), drawn("another")
    assert one == again
    assert names(one).isdisjoint(names(another))
    used = re.findall(r'(?:url\(|href=")#([^")]+)', one)
    assert used
    assert set(used) <= names(one)


@pytest.mark.parametrize("scale", ["linear", "log"])
@pytest.mark.parametrize("highest", [0.03, 7.0, 4e5])
def test_ticks_that_are_found_once_are_those_found_each_time(scale, highest, monkeypatch):
    def drawn():
        figure, (upper, lower) = chart(2)
        upper.plot([1, 30, 100], [highest / 50, highest, highest / 3], label="a curve")
        upper.set_yscale(scale)
        upper.set_ylabel("nats")
        upper.legend()
        lower.plot([1, 100], [-highest, highest])
        lower.set_xlabel("t")
        return svg(figure, "a chart")

    once = drawn()
    monkeypatch.setattr(figures, "_find_ticks_once", lambda axis: None)
    assert drawn() == once


@pytest.mark.parametrize(
    ("selector", "backgrounds"),
    [
        (r"^\.gradio-container", ["#ffffff"]),
        (r"^\.dark \.gradio-container", ["neutral_800", "neutral_900", "neutral_950"]),
    ],
)
def test_ink_has_enough_contrast_to_the_page(selector, backgrounds):
    name = INK_ON_PAGE.removeprefix("var(").removesuffix(")")
    pattern = selector + r"[^{]*\{[^}]*" + name + ": (#[0-9a-f]{6})"
    (ink,) = re.findall(pattern, launch_options()["css"], re.MULTILINE)
    theme = gr.themes.Default()
    for background in backgrounds:
        assert contrast(ink, getattr(theme, background, background)) >= 4.5


def test_a_chart_is_what_matplotlib_saves():
    def drawn():
        figure, panels = chart(2)
        panels[0].plot([1, 2, 30], [1e-3, 2, 5], "o-", label="one")
        panels[0].set_yscale("log")
        panels[1].imshow([[0.0, 1.0], [2.0, 3.0]])
        panels[1].set(xlabel="t", ylabel="log-density")
        figure.legend(loc="outside upper center", labelcolor=INK)
        return figure

    saved = io.StringIO()
    drawn().savefig(saved, format="svg", transparent=True, metadata={"Date": None})
    kept = re.compile(r"<path .*?/>|<use .*?/>|<image .*?/>", re.DOTALL)
    expected = kept.findall(saved.getvalue().replace(INK, INK_ON_PAGE))
    assert len(expected) > 20
    own = re.compile(r"chart-\w{8}-")
    assert kept.findall(own.sub("", svg(drawn(), "a chart"))) == expected
