"""Render sounds with pyo, the tutorial's synthesiser, offline and without its pitfalls.

Files are 32-bit float, so that loud sounds do not wrap around, and the fade-in that a server
applies to its first recording never reaches a sound.
"""

import os
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from synth.rendering.envelope import SHORTEST, has_envelope
from synth.sound import Sound

_BLOCK = 256
_WAVE_FORMAT = 0
_FLOAT_32 = 3
_BAND_PASS = 2

# A process has one pyo server, and it is not thread-safe: whoever renders holds the lock.
_lock = threading.Lock()
_servers: dict[int, Any] = {}


def render_pyo(sounds: Sequence[Sound], num_samples: int, sample_rate: int) -> NDArray[np.float32]:
    """Sines at the partial frequencies, each through pyo's band-pass `Biquad`, and summed.

    Args:
        sounds: N sounds.
        num_samples: Samples per sound.
        sample_rate: In Hz.

    Returns:
        (N, num_samples), not normalised. May be called from any thread.
    """
    waveforms = np.empty((len(sounds), num_samples), dtype=np.float32)
    with _lock, tempfile.TemporaryDirectory() as folder:
        server = _server(sample_rate, Path(folder))
        for waveform, sound in zip(waveforms, sounds, strict=True):
            waveform[:] = _record(server, sound, num_samples, sample_rate, Path(folder))
    return waveforms


def _server(sample_rate: int, folder: Path) -> Any:
    """The process's server, running at this sample rate."""
    if sample_rate not in _servers:
        os.environ["PYO_GUI_WX"] = "0"  # else pyo prints a banner when it is imported
        import pyo

        for rate in list(_servers):
            _servers.pop(rate).shutdown()
        server = pyo.Server(audio="offline", nchnls=1, sr=sample_rate, buffersize=_BLOCK)
        server.setVerbosity(0)
        server.boot()
        # The first recording after a boot is faded in over 5 ms: throw one away.
        _record(server, Sound(440, 1, 0, 440, 1), _BLOCK, sample_rate, folder)
        _servers[sample_rate] = server
    return _servers[sample_rate]


def _record(
    server: Any, sound: Sound, num_samples: int, sample_rate: int, folder: Path
) -> NDArray[np.float32]:
    """One sound, recorded to a file and read back; the server must be at `sample_rate`."""
    import pyo

    path = folder / "sound.wav"
    # pyo writes whole blocks and rounds their number: one more than needed, cut below.
    duration = (num_samples + _BLOCK) / sample_rate
    server.recordOptions(
        dur=duration, filename=str(path), fileformat=_WAVE_FORMAT, sampletype=_FLOAT_32
    )
    frequencies, amplitudes = sound.sines(sample_rate)
    sines = pyo.Sine(freq=frequencies.tolist(), mul=amplitudes.tolist())
    output = pyo.Biquad(
        sines,
        freq=sound.filter_frequency,
        q=sound.filter_q,
        type=_BAND_PASS,
        mul=_envelope(sound, num_samples / sample_rate),
    ).out()
    # To its end, where the file is closed: `recstop`, as in the tutorial, would close it again.
    server.start()
    output.stop()
    waveform, _ = soundfile.read(path, frames=num_samples, dtype="float32")
    result: NDArray[np.float32] = waveform
    return result


def _envelope(sound: Sound, duration: float) -> Any:
    """The envelope as a pyo object, or 1 where it has no effect; see `synth.envelope`."""
    import pyo

    if not has_envelope(sound):
        return 1
    fade = pyo.Fader(SHORTEST, max(sound.release, SHORTEST), duration).play()
    return pyo.Adsr(
        max(sound.attack, SHORTEST), max(sound.decay, SHORTEST), sound.sustain, mul=fade
    ).play()
