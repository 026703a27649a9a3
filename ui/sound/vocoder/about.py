"""What the sections that make a sound again say of it, and links that take it to the others."""

from __future__ import annotations

import torch

from diffusion.waveform.likeness import UNLIKE_BELOW, likeness
from ui.shared.models import checkpoint
from ui.shared.texts import minus_signs
from ui.sound.networks import HARMONIC, VOCODERS
from ui.sound.sound_designer.compute import designer_link
from ui.sound.sound_text import SIDE_BY_SIDE, VOCODER, decode_sound, sound_link
from ui.sound.vocoder.subject import Subject
from ui.texts import Texts

TEXTS = Texts("sound-choice")


def described(subject: Subject) -> str:
    """What the page says of a sound; a sentence more if it seems unlike the training data."""
    reader = checkpoint(VOCODERS[HARMONIC])
    score = float(likeness(reader, torch.from_numpy(subject.wave)))
    if score >= UNLIKE_BELOW:
        return subject.words
    return minus_signs(
        TEXTS.say(
            "unlike_text",
            words=subject.words,
            network=Texts("vocoder").option("network", HARMONIC),
            logit=score,
            least=UNLIKE_BELOW,
        )
    )


def about(subject: Subject, here: str, duration: float) -> str:
    """What the page says of a sound, and where else it can be taken: no link carries a recording.

    Args:
        subject: the sound.
        here: the tab of the section that shows it.
        duration: of the sound, in seconds.
    """
    said = described(subject)
    if subject.partials is None:
        return f"{said}\n\n{TEXTS[f'no_link.{here}']}"
    sound = decode_sound(subject.key)
    names = {VOCODER: TEXTS["to_vocoder"], SIDE_BY_SIDE: TEXTS["compare"]}
    links = {name: sound_link(tab, sound, duration) for tab, name in names.items() if tab != here}
    links[TEXTS["edit"]] = designer_link(sound, duration)
    paragraph = " · ".join(f"[{name}]({link})" for name, link in links.items() if link)
    return f"{said}\n\n{paragraph}"
