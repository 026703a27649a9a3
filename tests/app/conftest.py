import pytest


@pytest.fixture(scope="module")
def serve():
    """Serves single sections, until the tests of the module are done."""
    import gradio as gr

    from ui.page import LAUNCH_OPTIONS

    served = []

    def serve(section):
        with gr.Blocks() as demo:
            section.build()
        served.append(demo)
        _, url, _ = demo.launch(prevent_thread_lock=True, quiet=True, **LAUNCH_OPTIONS)
        return url

    yield serve
    for demo in served:
        demo.close()
