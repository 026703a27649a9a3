/* ---- An additive sound, by the formulas of synth/sound.py and synth/rendering ---------------- */

const SHORTEST_SECONDS = 1e-6;

/** The sines that sound behind the filter: frequencies in Hz, amplitudes, phases. */
function sinesOf(design, rate) {
  const filter = bandPass(design.filter_frequency, design.filter_q, rate);
  const second = 2 ** (design.second_interval / 12);
  const sines = [];
  for (const [ratio, factor] of [[1, 1], [second, design.second_level]]) {
    partialsOf(design).forEach(({ frequency, amplitude }) => {
      const hertz = ratio * frequency;
      if (hertz >= rate / 2 || factor * amplitude === 0) return;
      const { gain, phase } = filter(hertz);
      sines.push({ hertz, amplitude: factor * amplitude * gain, phase });
    });
  }
  return sines;
}

/** f_k and a_k of the first note, in front of the filter. */
function partialsOf(design) {
  const { f0, num_harmonics: count, inharmonicity, series, spectral_slope, odd_even_balance } = design;
  const drawn = fitAmplitudes(design.amplitudes, count);
  const b = series === "harmonic" ? inharmonicity : 0;
  return Array.from({ length: count }, (_, i) => {
    const rank = series === "harmonic" ? i + 1 : Math.max(2 * i, 1);
    const slope = 10 ** ((spectral_slope * Math.log2(rank)) / 20);
    const balance = Math.min(1, 1 + (rank % 2 ? 1 : -1) * odd_even_balance);
    const stretched = rank * Math.sqrt((1 + b * rank ** 2) / (1 + b));
    return { frequency: f0 * stretched, amplitude: (drawn[i] ?? 1) * slope * balance };
  });
}

/** A drawing for another number of partials: cut, or gone on with at the last one's height. */
function fitAmplitudes(drawn, count) {
  const fitted = Array.from({ length: drawn.length && count }, (_, i) => drawn[i] ?? drawn.at(-1));
  return fitted.some((each) => each > 0) ? fitted : [];
}

/** Gain and phase of g (z² − 1) / ((z − p)(z − p̄)) at z = exp(iω), with 32-bit coefficients. */
function bandPass(centre, q, rate) {
  const omega = Math.fround((2 * Math.PI * centre) / rate);
  const cosine = Math.fround(Math.cos(omega));
  const alpha = Math.fround(Math.fround(Math.sin(omega)) / (2 * Math.fround(q)));
  const [a0, a2] = [Math.fround(1 + alpha), Math.fround(1 - alpha)];
  const imaginary = Math.sqrt(Math.max(a0 * a2 - cosine ** 2, 1e-4 * (1 - cosine ** 2)));
  const [re, im] = [cosine / a0, imaginary / a0]; // the pole p
  return (hertz) => {
    const w = (2 * Math.PI * hertz) / rate;
    const above = [Math.cos(2 * w) - 1, Math.sin(2 * w)];
    const below = [
      Math.cos(2 * w) - 2 * re * Math.cos(w) + re ** 2 + im ** 2,
      Math.sin(2 * w) - 2 * re * Math.sin(w),
    ];
    const gain = ((alpha / a0) * Math.hypot(...above)) / Math.hypot(...below);
    return { gain, phase: Math.atan2(above[1], above[0]) - Math.atan2(below[1], below[0]) };
  };
}

/** The envelope at sample n of so many. */
function envelopeOf(design, count, rate) {
  const [attack, decay, release] = [design.attack, design.decay, design.release].map((seconds) =>
    Math.max(seconds, SHORTEST_SECONDS) * rate);
  return (n) => {
    const falling = 1 - ((1 - design.sustain) * (n - attack)) / decay;
    const opened = Math.min(n / attack, Math.max(falling, design.sustain));
    return opened * Math.min((count - n) / release, 1);
  };
}

/** e(t) Σ a_k sin(2π f_k t + φ_k): the sound, without the short ringing of its filter. */
function synthesise(design, rate) {
  const count = Math.round(design.duration * rate);
  const samples = new Float64Array(count);
  for (const { hertz, amplitude, phase } of sinesOf(design, rate)) {
    const step = (2 * Math.PI * hertz) / rate;
    const twice = 2 * Math.cos(step); // sin(φ + step) = 2 cos(step) sin φ − sin(φ − step)
    let [before, now] = [amplitude * Math.sin(phase - step), amplitude * Math.sin(phase)];
    for (let n = 0; n < count; n++) {
      samples[n] += now;
      [before, now] = [now, twice * now - before];
    }
  }
  const envelope = envelopeOf(design, count, rate);
  return samples.map((sample, n) => envelope(n) * sample);
}

/** How much of the peak of a Hann window's spectrum is left so many bins beside it. */
function hannLobe(bins) {
  const x = Math.abs(bins);
  if (x < 1e-6) return 1;
  const lobe = Math.abs(1 - x) < 1e-6 ? 0.5 : Math.sin(Math.PI * x) / (Math.PI * x * (1 - x * x));
  return x < 2 ? lobe : 1 / (Math.PI * x * (x * x - 1)); // over the side lobes
}

/** The largest amplitude that a window of so many seconds sees between neighbouring edges, in Hz. */
function amplitudesBetween(edges, sines, seconds) {
  return Float64Array.from({ length: edges.length - 1 }, (_, row) => {
    const seen = ({ hertz, amplitude }) => {
      const beside = Math.max(edges[row] - hertz, hertz - edges[row + 1], 0);
      return amplitude * hannLobe(beside * seconds);
    };
    return sines.reduce((most, sine) => Math.max(most, seen(sine)), 0);
  });
}
