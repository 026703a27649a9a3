"""A strip of ten panels, drawn and downloaded in a browser."""

import pytest
from matplotlib.image import imread

from ui.ddpm.forward import layout


@pytest.mark.browser
def test_a_strip_is_downloaded_as_a_picture(serve, open_at, tmp_path):
    page = open_at(serve(layout), "", wait_for="#forward-player canvas")
    page.get_by_role("button", name="Draw a strip of ten panels").click()
    download = page.get_by_role("button", name="Download strip (PNG)")
    download.wait_for()
    page.get_by_text("The strip shows x_t of the swiss roll at 10 of 100 steps").wait_for()
    with page.expect_download() as found:
        download.click()
    assert found.value.suggested_filename.startswith("forward-x_t-100-steps")
    found.value.save_as(tmp_path / "strip.png")
    height, width, _ = imread(tmp_path / "strip.png").shape
    assert width > 1_500 > height > 500
