"""What sections load when they first compute, loaded at once.

The fork server imports this, so that there is one copy for all processes that compute: of the
networks, of pyo and of what SciPy and PyTorch import late, in all 100 MB.
"""

import os
from contextlib import suppress

os.environ["PYO_GUI_WX"] = "0"  # else pyo prints a banner

import pyo  # noqa: F401
import scipy.optimize  # noqa: F401
import torch.fx.experimental.symbolic_shapes  # noqa: F401

from diffusion.checkpoints import names
from ui.shared import models

for name in names():
    with suppress(ValueError):  # a damaged one says so where it is needed
        models.checkpoint(name)
