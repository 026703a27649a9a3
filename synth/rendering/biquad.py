"""The second-order band-pass filter that every sound goes through.

    H(z) = g (z² − 1) / ((z − p)(z − p̄)),    g = α/(1 + α),    α = sin ω0 / 2q,    ω0 = 2π f/sr

so its gain is 1 at f. Source: R. Bristow-Johnson's audio EQ cookbook, "BPF, 0 dB peak gain".
"""

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]


def bandpass(frequency: Real, q: Real, sample_rate: float) -> tuple[Real, Complex]:
    """Gain g and upper pole p of the filter, from coefficients rounded to 32 bits as pyo's are.

    Args:
        frequency: Centre, Hz, below half the sample rate; any shape.
        q: Quality, at least 0.5 (below, the poles would be real); same shape.
        sample_rate: In Hz.

    Returns:
        g (float64) and p (complex128), shaped like `frequency`.
    """
    omega = (2 * np.pi * frequency / sample_rate).astype(np.float32)
    cosine = np.cos(omega)
    alpha = np.sin(omega) / (2 * np.asarray(q, dtype=np.float32))
    a0, a2 = (1 + alpha).astype(np.float64), (1 - alpha).astype(np.float64)
    cosine = cosine.astype(np.float64)
    # At q = 0.5 the two poles meet, and the partial fractions that the renderer uses would
    # divide by zero: keep them apart as q = 0.50003 would, far below anything audible.
    closest = 1e-4 * (1 - cosine**2)
    imaginary = np.sqrt(np.maximum(a0 * a2 - cosine**2, closest))
    return alpha / a0, (cosine + 1j * imaginary) / a0


def response(z: Complex, gain: Real, pole: Complex) -> Complex:
    """The transfer function H(z); at z = exp(iω), the steady gain and phase of a sine at ω.

    Args:
        z: Points of the complex plane, any shape.
        gain: g, broadcastable to `z`.
        pole: p, broadcastable to `z`.
    """
    result: Complex = gain * (z**2 - 1) / ((z - pole) * (z - pole.conj()))
    return result
