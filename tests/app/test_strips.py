"""A strip of panels, drawn and downloaded by one click in a browser."""

import pytest
from PIL import Image

from ui.ddpm.forward import layout as forward
from ui.sound.sound_designer import layout as designer


@pytest.mark.browser
@pytest.mark.parametrize(
    ("section", "player", "name", "words", "tall"),
    [
        (
            forward,
            "#forward-player",
            "forward-x_t-swiss-roll-100-steps",
            "x_t of data (swiss roll) at 10",
            True,
        ),
        (designer, "#designer-gallery", "sounds-of-prior-wide-seed-0", "10 sounds of", False),
    ],
    ids=["forward", "gallery"],
)
def test_one_click_downloads_a_strip(serve, open_at, tmp_path, section, player, name, words, tall):
    page = open_at(serve(section), "", wait_for=f"{player} canvas")
    for _ in range(2):  # the same strip comes again
        with page.expect_download() as found:
            page.get_by_role("button", name="Download a strip of panels (PNG)").click()
        assert found.value.suggested_filename.startswith(name)
        assert found.value.suggested_filename.endswith(".png")
    page.get_by_text(words).wait_for()
    found.value.save_as(tmp_path / "strip.png")
    with Image.open(tmp_path / "strip.png") as picture:
        width, height = picture.size
        assert words in picture.info["Description"]  # in the file too, for those who get it
    assert width > 1_500
    assert (height > 500) == tall
