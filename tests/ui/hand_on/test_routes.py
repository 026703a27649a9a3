"""What one takes along of a view, as any program may request it."""

import json
import re
from contextlib import redirect_stdout
from io import StringIO
from urllib.parse import parse_qsl, urlencode

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from ui.ddpm.likelihood.compute import LikelihoodSettings, likelihood_result
from ui.hand_on.notebook import notebook
from ui.hand_on.routes import HandOnRoutes
from ui.page import sections
from ui.shared.qr_code import MAX_LINK

VIEW = "?tab=likelihood&y=0.5&num_steps=10"
SECTIONS = sections()


@pytest.fixture(scope="module")
def client():
    with TestClient(Starlette(routes=HandOnRoutes(sections).routes())) as client:
        yield client


def test_the_python_of_a_view_is_that_of_its_settings(client):
    answer = client.get(f"/hand-on/python{VIEW}&likelihood-player.trails=on&__theme=dark")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    (section,) = (each for each in SECTIONS if each.settings is LikelihoodSettings)
    assert answer.text == section.as_python(LikelihoodSettings(y=0.5, num_steps=10))


def test_a_downloaded_notebook_runs_and_gives_the_numbers_of_the_page(client):
    page = "https://example.org/space/"
    answer = client.get(f"/hand-on/notebook{VIEW}&page={page}")
    assert answer.headers["content-type"] == "application/x-ipynb+json"
    cells = json.loads(answer.content)["cells"]
    assert f"({page}?tab=likelihood&y=0.5&num_steps=10)" in cells[0]["source"]
    found = {}
    with redirect_stdout(StringIO()):
        for cell in cells:
            if cell["cell_type"] == "code":
                exec(compile(cell["source"], cell["id"], "exec"), found)
    result = likelihood_result(LikelihoodSettings(y=0.5, num_steps=10))
    assert tuple(found["log_likelihoods"].values()) == pytest.approx(result.log_likelihoods)


@pytest.mark.parametrize(
    ("title", "heading"),
    [
        ("Why it fails: week 3", r"# Why it fails\: week 3"),
        ("<script>alert(1)</script>", r"# \<script\>alert\(1\)\<\/script\>"),
        ("[a](javascript:b) `c` $d$ &amp;", r"# \[a\]\(javascript\:b\) \`c\` \$d\$ \&amp\;"),
    ],
)
def test_a_notebook_has_the_title_of_its_view_as_plain_text(client, title, heading):
    query = urlencode({"page": "https://example.org/", "title": title})
    answer = client.get(f"/hand-on/notebook{VIEW}&{query}")
    begin = answer.json()["cells"][0]["source"]
    assert begin.splitlines()[0] == heading
    link = re.search(r"\[This view on the page\]\(([^)]*)\)", begin).group(1)
    assert dict(parse_qsl(link.split("?")[1]))["title"] == title


@pytest.mark.parametrize("section", SECTIONS, ids=lambda each: each.settings.tab)
def test_a_notebook_is_one_of_format_4_5(section):
    """What nbformat checks of the cells and metadata that ours have."""
    settings = section.settings()
    file = json.loads(json.dumps(notebook(section, settings, "https://example.org/?tab=x")))
    assert set(file) == {"cells", "metadata", "nbformat", "nbformat_minor"}
    assert (file["nbformat"], file["nbformat_minor"]) == (4, 5)
    assert set(file["metadata"]["kernelspec"]) >= {"name", "display_name"}
    ids = [cell["id"] for cell in file["cells"]]
    assert len(ids) == len(set(ids))
    assert all(name.isidentifier() and len(name) <= 64 for name in ids)
    common = {"cell_type", "id", "metadata", "source"}
    for cell in file["cells"]:
        of_code = {"execution_count", "outputs"} if cell["cell_type"] == "code" else set()
        assert set(cell) == common | of_code
        assert isinstance(cell["source"], str)
    assert "pip install" in "".join(cell["source"] for cell in file["cells"])


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("python", "no section of the page is at tab=None"),
        ("python?tab=none", "no section of the page is at tab=none"),
        ("python?tab=likelihood&sigma=9", "noise σ₀ of the data must be a number in [0.02, 1]"),
        ("python?tab=forward&distribution=your drawing&strokes=", "your drawing is empty"),
        (f"notebook{VIEW}", "page must be the address of a page"),
        (f"notebook{VIEW}&page=javascript:alert(1)", "page must be the address of a page"),
        (f"notebook{VIEW}&page=https://a/)[x](b", "page must be the address of a page"),
        (f"notebook{VIEW}&page=https://a/&title={81 * 'a'}", "at most 80 characters, got 81"),
        (f"notebook{VIEW}&page=https://a/&title=one%0Atwo", "must be one line"),
        (f"notebook{VIEW}&page=https://a/&title=%E2%80%AEsdrawkcab", "must be one line"),
        ("qr", "a link must be an address"),
        ("qr?link=javascript:alert(1)", "a link must be an address"),
        (f"qr?link=https://{MAX_LINK * 'a'}", "at most 1,000 characters"),
    ],
)
def test_what_is_not_understood_is_refused_with_a_sentence(client, path, sentence):
    answer = client.get(f"/hand-on/{path}")
    assert answer.status_code == 400
    assert sentence in answer.json()["error"]


def test_a_qr_code_is_that_of_the_link(client):
    link = f"https://example.org/{VIEW}"
    first, again, other = (
        client.get("/hand-on/qr", params={"link": each}) for each in (link, link, link + "5")
    )
    assert first.headers["content-type"] == "image/svg+xml"
    assert first.text == again.text != other.text
