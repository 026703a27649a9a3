"""Checkpoints in the Hugging Face Hub's layout, which is the one of a checkpoint's folder here.

model = HubCheckpoint.from_pretrained("somebody/their-network")  # or a folder
points = model.checkpoint.sample(1000)
model.save_pretrained("a folder")
model.push_to_hub("somebody/another-network")
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from huggingface_hub import ModelHubMixin, snapshot_download

from diffusion import checkpoints
from diffusion.checkpoints import Checkpoint

FILES = ["config.json", "model.safetensors"]


class HubCheckpoint(ModelHubMixin, library_name="diffusion-companion", license="mit"):  # type: ignore[call-arg, misc]
    """A checkpoint with the methods of the Hub's libraries: `from_pretrained`, `push_to_hub` ….

    They are huggingface_hub's own. What they download is a network of this package: its weights
    are safetensors, and no code comes with it.

    Attributes:
        checkpoint: network, schedule and configuration.
    """

    def __init__(self, checkpoint: Checkpoint) -> None:
        self.checkpoint = checkpoint

    def _save_pretrained(self, save_directory: Path) -> None:
        checkpoints.save(save_directory, self.checkpoint.network, self.checkpoint.config)

    @classmethod
    def _from_pretrained(cls, *, model_id: str, **options: Any) -> HubCheckpoint:
        """Load a folder, or download it first.

        Raises:
            ValueError: if one of its files is missing or damaged.
        """
        known = ("revision", "cache_dir", "force_download", "token", "local_files_only")
        folder = model_id
        if not Path(folder).is_dir():
            wanted = {name: options[name] for name in known if name in options}
            folder = snapshot_download(model_id, allow_patterns=FILES, **wanted)
        return cls(checkpoints.load(folder))
