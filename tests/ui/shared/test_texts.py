"""Numbers as formulas, and the references that each section gives."""

import gradio as gr
import pytest

from ui.page import TABS, sections
from ui.shared.references import PAPERS, TUTORIAL, references
from ui.shared.texts import equation, scientific, short

PLANE = [section for tab in ("score", "ddpm") for section in TABS[tab]]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2.4e-7, r"$2.4 \cdot 10^{-7}$"),
        (0.0, "0"),
        (0.6049, "0.6"),
        (9.96e-5, r"$1.0 \cdot 10^{-4}$"),
    ],
)
def test_small_numbers_are_formulas(value, text):
    assert short(value) == text


def test_a_number_and_its_formula_are_equal():
    digits, power = scientific(3.14159e-12).strip("$").split(r" \cdot 10^")
    assert float(digits) * 10.0 ** int(power.strip("{}")) == pytest.approx(3.1e-12)


@pytest.mark.parametrize("section", sections(), ids=lambda each: each.settings.tab)
def test_each_section_shows_links_to_its_papers_and_the_tutorial(section):
    papers = section.introduction.papers
    assert papers or section.settings.tab not in PLANE
    with gr.Blocks() as page:
        section.introduction.lay_out()
    shown = "".join(block.value for block in page.blocks.values() if hasattr(block, "value"))
    assert TUTORIAL in shown
    assert all(f"[{paper}]({PAPERS[paper]})" in shown for paper in papers)


def test_a_unit_stays_with_its_number():
    with gr.Blocks():
        assert equation("5 % of 10 dB").value == "5\N{NO-BREAK SPACE}% of 10\N{NO-BREAK SPACE}dB"


def test_an_unknown_paper_is_an_error():
    with pytest.raises(KeyError, match="nobody 1900"):
        references("nobody 1900")
