"""Likelihood in a real browser: its two walkers can be told apart, and seen closely."""

import pytest

from ui.ddpm.likelihood import layout as likelihood_tab
from ui.ddpm.likelihood.compute import LikelihoodSettings

SETTINGS = LikelihoodSettings(x=0.0, y=0.0, sigma=0.1, num_steps=50)

MIDDLES = """() => {
  const canvas = document.querySelector("#likelihood-player canvas");
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  const found = {};
  for (const [name, colour] of [["learned", [255, 61, 127]], ["exact", [255, 255, 255]]]) {
    let [n, x, y] = [0, 0, 0];
    for (let i = 0; i < data.length; i += 4) {
      const [column, row] = [(i / 4) % width, Math.floor(i / 4 / width)];
      if (column < 0.35 * width && row < 0.15 * height) continue;  // the names
      if (colour.some((c, k) => Math.abs(data[i + k] - c) > 2)) continue;
      [n, x, y] = [n + 1, x + column, y + row];
    }
    found[name] = { n, x: x / n / width, y: y / n / width };
  }
  return found;
}"""


@pytest.mark.browser
def test_two_walkers_look_different_and_the_closer_view_parts_them(open_at, serve):
    page = open_at(
        serve(likelihood_tab), "?" + SETTINGS.to_query(), wait_for="#likelihood-player [data-run]"
    )
    scrub = page.locator("#likelihood-player .scrub")
    scrub.press("Home")
    for _ in range(4):
        scrub.press("ArrowRight")
    whole = page.evaluate(MIDDLES)
    assert whole["learned"]["n"] > 40
    assert whole["exact"]["n"] > 40
    assert apart(whole) < 0.05
    page.get_by_label("follow closely").check()
    page.wait_for_function(f"""() => {{
      const {{ learned, exact }} = ({MIDDLES})();
      return Math.hypot(learned.x - exact.x, learned.y - exact.y) > 0.1;
    }}""")
    assert "apart." in page.locator("#likelihood-player .note").text_content()


def apart(middles):
    """The distance of the two walkers' pixels, in widths of the canvas."""
    one, other = middles["learned"], middles["exact"]
    return ((one["x"] - other["x"]) ** 2 + (one["y"] - other["y"]) ** 2) ** 0.5
