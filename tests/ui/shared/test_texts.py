"""Numbers as formulas, and the references that each section of the plane gives."""

import pytest

from ui.page import TABS
from ui.shared.references import PAPERS, TUTORIAL, references
from ui.shared.texts import scientific, short

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


@pytest.mark.parametrize("section", PLANE, ids=lambda each: each.settings.tab)
def test_each_section_links_to_its_papers_and_the_tutorial(section):
    papers = section.introduction.papers
    assert papers
    line = references(*papers)
    assert TUTORIAL in line
    assert all(f"[{paper}]({PAPERS[paper]})" in line for paper in papers)


def test_an_unknown_paper_is_an_error():
    with pytest.raises(KeyError, match="nobody 1900"):
        references("nobody 1900")
