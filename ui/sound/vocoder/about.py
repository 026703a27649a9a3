"""What the sections that make a sound again say of it, and links that take it to the others."""

from __future__ import annotations

import torch

from diffusion.waveform.likeness import UNLIKE_BELOW, likeness
from ui.shared.models import checkpoint
from ui.shared.texts import minus_signs
from ui.sound.networks import HARMONIC, VOCODERS
from ui.sound.sound_designer.compute import designer_link
from ui.sound.sound_text import COMPARE, SIDE_BY_SIDE, VOCODER, decode_sound, sound_link
from ui.sound.vocoder.subject import Subject

NAMES = {VOCODER: "Take it to the vocoder", SIDE_BY_SIDE: COMPARE}
"""The sections that make a sound again, by their tabs, and what a link to each is called."""
TITLES = {VOCODER: "Vocoder", SIDE_BY_SIDE: "Side by side"}


def described(subject: Subject) -> str:
    """What the page says of a sound; a sentence more if it seems unlike the training data."""
    reader = checkpoint(VOCODERS[HARMONIC])
    score = float(likeness(reader, torch.from_numpy(subject.wave)))
    if score >= UNLIKE_BELOW:
        return subject.words
    return minus_signs(
        f"{subject.words}. It is probably unlike the training data: the network *{HARMONIC}* does "
        f"not recognise one or two steady notes in its mel (its logit is {score:.1f}, below "
        f"{UNLIKE_BELOW:g})."
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
        (other,) = TITLES.keys() - {here}
        return (
            f"{said}\n\nNo link carries a recording: choose it again in "
            f"[{TITLES[other]}](?tab={other})."
        )
    sound = decode_sound(subject.key)
    links = {name: sound_link(tab, sound, duration) for tab, name in NAMES.items() if tab != here}
    links["Edit it in the sound designer"] = designer_link(sound, duration)
    paragraph = " · ".join(f"[{name}]({link})" for name, link in links.items() if link)
    return f"{said}\n\n{paragraph}"
