"""Where the equations stand: links to the papers, and to the tutorial that the page follows."""

from __future__ import annotations

from ui.texts import Texts

SHARED = Texts("shared")

TUTORIAL = "[tutorial by Philippe Esling](https://github.com/acids-ircam/diffusion_models)"

PAPERS = {
    "Baoueb et al. 2025": "https://arxiv.org/abs/2511.22293",
    "Chen et al. 2020": "https://arxiv.org/abs/2009.00713",
    "Gretton et al. 2012": "https://jmlr.org/papers/v13/gretton12a.html",
    "Ho et al. 2020": "https://arxiv.org/abs/2006.11239",
    "Hyvärinen 2005": "https://jmlr.org/papers/v6/hyvarinen05a.html",
    "Karras et al. 2022": "https://arxiv.org/abs/2206.00364",
    "Liu et al. 2024": "https://arxiv.org/abs/2402.15516",
    "Lu et al. 2022": "https://arxiv.org/abs/2211.01095",
    "Nichol & Dhariwal 2021": "https://arxiv.org/abs/2102.09672",
    "Song & Ermon 2019": "https://arxiv.org/abs/1907.05600",
    "Song et al. 2019": "https://arxiv.org/abs/1905.07088",
    "Song et al. 2020": "https://arxiv.org/abs/2010.02502",
    "Song et al. 2021": "https://arxiv.org/abs/2011.13456",
    "Székely & Rizzo 2013": "https://doi.org/10.1016/j.jspi.2013.03.018",
    "Vincent 2011": "https://doi.org/10.1162/NECO_a_00142",
}


def references(*papers: str) -> str:
    """A line of Markdown with a link to the tutorial, and to papers by their keys in `PAPERS`.

    Raises:
        KeyError: for a paper that is not there.
    """
    links = ", ".join(f"[{paper}]({PAPERS[paper]})" for paper in papers)
    follows = SHARED.say("follows", tutorial=TUTORIAL)
    return f"{follows} {SHARED.say('papers', links=links)}" if links else follows
