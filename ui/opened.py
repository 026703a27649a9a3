"""What the sections open on, computed as this is imported.

The fork server does, so that no process that computes has to do what comes only once: PyTorch,
SciPy and the players set up a lot as they are first used. The first answer of a section took two
to four times the processor time of the next ones.
"""

import os
from contextlib import suppress

import torch

from ui.ddpm import train_ddpm
from ui.page import sections
from ui.score import train_score
from ui.shared.workers import results_here
from ui.texts import use_language

torch.set_num_threads(1)  # before its first step: threads would not be in the copies
use_language(os.environ["COMPANION_LANGUAGE"])
for section in sections():
    if section in (train_score.SECTION, train_ddpm.SECTION):
        continue  # which run in the server
    with suppress(Exception):  # the server says so where it opens this section
        for show in section.shows:
            list(results_here(show, section.settings()))
