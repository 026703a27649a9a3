"""What a section offers depends on the distribution: the networks learned only one of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from ui.shared.controls import Controls
from ui.shared.data import WITH_NETWORK

Options = Mapping[str, Sequence[str]]
"""The options of controls, by the controls' names."""


def offers(controls: Controls, of_any: Options, of_network: Options) -> None:
    """Let the chosen distribution decide which options some controls have.

    Drawings, files, links and tries change it too. What is chosen but not offered becomes the first
    option that is.

    Args:
        controls: of the section, one of them the `distribution`.
        of_any: the options that there are for every distribution.
        of_network: of the same controls, for the distribution that the networks learned.
    """
    chosen = [controls[name] for name in of_any]
    controls["distribution"].change(
        fn=None,
        inputs=[controls["distribution"], *chosen],
        outputs=chosen,
        js=offer_script(
            list(of_any.values()),
            [of_network[name] for name in of_any],
            [{value: label for label, value in each.choices} for each in chosen],
        ),
        api_visibility="private",
    )


def offer_script(
    of_any: Sequence[Sequence[str]],
    of_network: Sequence[Sequence[str]],
    labels: Sequence[Mapping[str, str]],
) -> str:
    """JavaScript that offers the options of the chosen distribution, under their labels.

    Choices that Python changes would become the only ones that Gradio accepts in this session, and
    old links and tries name others.
    """
    one = ".at(0)" if len(of_any) == 1 else ""  # Gradio wants a single output without a list
    return (
        "(distribution, ...values) => {"
        f" const known = distribution === {json.dumps(WITH_NETWORK)};"
        f" const offered = known ? {json.dumps(of_network)} : {json.dumps(of_any)};"
        " return values.map((chosen, i) => {"
        "  const value = offered[i].includes(chosen) ? chosen : offered[i][0];"
        f"  const choices = offered[i].map((name) => [{json.dumps(labels)}[i][name], name]);"
        "  return {__type__: 'update', choices, value};"
        f" }}){one}; }}"
    )
