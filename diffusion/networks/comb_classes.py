"""The classes that a `CombReader` sorts f0 and the inharmonicity into."""

from __future__ import annotations

import math

import torch
from torch import Tensor

F0_RANGE = (26.0, 960.0)  # Hz, of the lower note
CENTS = 10
CLASS = CENTS / 1200 * math.log(2)  # between two classes of ln f0
F0_CLASSES = int(math.log(F0_RANGE[1] / F0_RANGE[0]) / CLASS) + 1
INHARMONICITY_CLASSES = 16  # equal steps of √B
INHARMONICITY_TOP = 1e-3


def f0_class(log_f0: Tensor) -> Tensor:
    """Where ln f0 lies among the classes of f0, a real number."""
    return (log_f0 - math.log(F0_RANGE[0])) / CLASS


def log_f0_of(classes: Tensor) -> Tensor:
    """The ln f0 of a class, a real number too."""
    return math.log(F0_RANGE[0]) + classes * CLASS


def inharmonicity_class(inharmonicity: Tensor) -> Tensor:
    """The class of B, in equal steps of √B; B = 0 is in the first."""
    position = (inharmonicity / INHARMONICITY_TOP).sqrt() * INHARMONICITY_CLASSES
    return position.long().clamp(max=INHARMONICITY_CLASSES - 1)


def inharmonicity_of(classes: Tensor) -> Tensor:
    """B in the middle of a class, and 0 in the first."""
    middle = ((classes + 0.5) / INHARMONICITY_CLASSES).square() * INHARMONICITY_TOP
    return torch.where(classes == 0, 0.0, middle)
