"""The section Forward of Diffusion (DDPM): from data to noise, by schedule, and back."""

from __future__ import annotations

from typing import Any

import gradio as gr

from diffusion import NoiseSchedule, add_noise
from diffusion.evaluation.variational_bound import terminal_kl
from ui.components import PointPlayer
from ui.ddpm.forward.compute import ForwardResult, ForwardSettings, forward_result, schedules
from ui.ddpm.forward.figures import ends_figure, schedule_figure
from ui.shared.controls import Controls, answers, in_order, make_control
from ui.shared.introduction import Introduction
from ui.shared.section_opening import opens
from ui.shared.texts import equation, source_panel, table

INTRODUCTION = Introduction("", (), "")

TEXT = r"""
$$q(x_t \mid x_0) = \mathcal{N}\big(\sqrt{\bar\alpha_t}\, x_0,\ (1 - \bar\alpha_t)\, I\big)$$

$$\bar\alpha_t = \prod_{s \le t} (1 - \beta_s)$$

One and the same noise in every schedule: only its pace differs (Ho et al. 2020, eq. 4). The cosine
schedule, squaredcos_cap_v2, does not depend on the range of β.
"""

ENDS = r"""
**Does it end in noise?** Sampling starts from $\mathcal{N}(0, I)$ (dashed: the circles that hold
50 and 90 % of it), so $q(x_T)$ must be that. Even an exact reverse process can lose up to
$\mathrm{KL}(q(x_T) \,\|\, \mathcal{N}(0, I))$ of the data by starting there.
"""

BACK = r"""
**And back** from one and the same $\mathcal{N}(0, I)$ by DDPM with the *exact* score, in at most
50 steps. Where points crowd or are missing no network is to blame, and none can mend it: a KL far
from 0 is the schedule's, what is wrong at a KL near 0 is that of few steps. SW2 ratio: the distance
to real points over that among real points; 1 is perfect.
"""

HEAD = ("schedule", "ᾱ_T", "KL, nats")


def show(settings: ForwardSettings) -> tuple[dict[str, Any], dict[str, Any], str, str, str]:
    """Both players' payloads, the figures of the schedules and of their ends, and a table."""
    result = forward_result(settings)
    run = "forward " + settings.to_query()
    steps = settings.num_train_timesteps
    dissolving = f"The swiss roll dissolving into noise over {steps} steps, by schedule"
    returning = "Points on their way from N(0, I) to the swiss roll by the exact score, by schedule"
    chosen = schedules(settings)
    return (
        result.forward.payload(run, dissolving),
        result.backward.payload(run, returning),
        schedule_figure(chosen),
        ends_figure(chosen),
        _ends_table(result, settings.steps_back),
    )


SHOWS = [show]


def _ends_table(result: ForwardResult, steps: int) -> str:
    rows = [
        (name, f"{end.alpha_cumprod:.2g}", f"{end.kl:.2g}", f"{end.sw2_ratio:.2f}")
        for name, end in result.ends.items()
    ]
    return table((*HEAD, f"SW2 ratio, {steps} steps back"), rows)


def build() -> None:
    """Lay out the section inside the present context and wire it."""
    controls: Controls = {}
    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=320):
            player = PointPlayer(elem_id="forward-player")
        with gr.Column(scale=2, min_width=320):
            equation(TEXT)
            for name in ForwardSettings.names():
                controls[name] = make_control(ForwardSettings, name)
            figure = gr.HTML()
    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=320):
            back = PointPlayer(elem_id="backward-player")
        with gr.Column(scale=2, min_width=320):
            equation(ENDS)
            ends = gr.HTML()
            equation(BACK)
            facts = gr.Markdown()
    source_panel(NoiseSchedule.from_name, add_noise, terminal_kl)

    inputs = in_order(ForwardSettings, controls)
    outputs = [player, back, figure, ends, facts]
    opens(ForwardSettings, SHOWS, [*inputs, *outputs])
    changes = [controls[name].release for name in ForwardSettings.names() if name != "seed"]
    answers(
        ForwardSettings,
        show,
        [*changes, controls["seed"].submit],
        inputs,
        outputs,
        progress_on=facts,
    )
