/* ---- Time × frequency: spectrogram and log-mel ----------------------------------------------- */

const TICKS = [200, 500, 1000, 2000, 5000, 10000]; // Hz, far enough apart on the mel scale

/* Slaney's mel scale, as synth/features/mel.py has it: linear to 1 kHz, logarithmic above. */
const BREAK_HZ = 1000;
const BREAK_MEL = 15;
const LOG_STEP = Math.log(6.4) / 27;

function toMel(hertz) {
  return hertz < BREAK_HZ
    ? (hertz / BREAK_HZ) * BREAK_MEL
    : BREAK_MEL + Math.log(hertz / BREAK_HZ) / LOG_STEP;
}

function toHertz(mel) {
  return mel < BREAK_MEL
    ? (mel / BREAK_MEL) * BREAK_HZ
    : BREAK_HZ * Math.exp(LOG_STEP * (mel - BREAK_MEL));
}

/** Ticks below a frequency, at the place of each on its axis. */
function frequencyTicks(top, place) {
  const ticks = TICKS.filter((hertz) => hertz < top).map((hertz) =>
    ({ value: place(hertz), text: String(hertz / 1000) }));
  ticks.at(-1).text += " kHz";
  return ticks;
}

/** The name of the scale of frequencies, in the upper right corner, where least is heard. */
function nameScale(context, axes, colour, around) {
  context.textAlign = "right";
  context.textBaseline = "top";
  context.lineWidth = 3;
  context.lineJoin = "round";
  context.strokeStyle = around;
  context.fillStyle = colour;
  const place = [say("sound.mel_scale"), axes.left + axes.width - 6, axes.top + 6];
  context.strokeText(...place);
  context.fillText(...place);
}

/** Levels of all steps on one scale of frequencies. Rows are even; what they stand for need not be. */
class Spectrograms {
  constructor({ levels, edges, seconds }) {
    [, this.rows, this.columns] = levels.shape;
    this.codes = unpackCodes(levels);
    this.offset = levels.offset;
    this.scale = levels.scale;
    this.edges = edges;
    this.seconds = seconds;
    this.painted = [];
  }

  codesOf(step) {
    const size = this.rows * this.columns;
    return this.codes.subarray(step * size, (step + 1) * size);
  }

  /** The small picture of a step, painted when it is first seen. */
  heat(step) {
    this.painted[step] ??= paintLayer(this.codesOf(step), this.rows, this.columns);
    return this.painted[step];
  }

  /** The level in dB at a time and a height in rows. */
  level(step, seconds, height) {
    const row = clamp(Math.floor(height), 0, this.rows - 1);
    const column = clamp(Math.floor((seconds / this.seconds) * this.columns), 0, this.columns - 1);
    return this.offset + this.scale * this.codesOf(step)[row * this.columns + column];
  }

  frequency(height) {
    const row = clamp(Math.floor(height), 0, this.rows - 1);
    const [low, high] = [this.edges[row], this.edges[row + 1]];
    return Math.max(low + (height - row) * (high - low), 0);
  }

  height(frequency) {
    const row = clamp(this.edges.findIndex((edge) => edge > frequency) - 1, 0, this.rows - 1);
    const [low, high] = [this.edges[row], this.edges[row + 1]];
    return row + (frequency - low) / (high - low);
  }

  /** The same picture of a sound that is known by its sines and its envelope. */
  drawn(sines, design, rate) {
    const { rows, columns, offset, scale } = this;
    const rowAmplitudes = amplitudesBetween(this.edges, sines, WINDOW_SECONDS);
    const envelope = envelopeOf(design, design.duration * rate, rate);
    const columnAmplitudes = Float64Array.from({ length: columns }, (_, column) =>
      Math.max(envelope(((column + 0.5) / columns) * design.duration * rate), 0));
    const loudest = peakOf(rowAmplitudes) * peakOf(columnAmplitudes);
    const codes = Uint8ClampedArray.from({ length: rows * columns }, (_, i) => {
      const amplitude = rowAmplitudes[Math.floor(i / columns)] * columnAmplitudes[i % columns];
      return (20 * Math.log10(amplitude / loudest) - offset) / scale;
    });
    const seconds = design.duration;
    return Object.assign(Object.create(Spectrograms.prototype), this, { codes, seconds, painted: [] });
  }

  /** Draw a step over so many seconds; its axes measure time, and frequency in rows. */
  draw(context, width, height, palette, step, seconds) {
    const axes = timeAxes(context, width, height, seconds, [0, this.rows]);
    const fraction = this.seconds / seconds; // the last column may reach beyond the sound
    within(context, axes, () =>
      drawHeat(context, { ...axes, width: fraction * axes.width }, this.heat(step)));
    const [xTicks] = ticksOf(axes, timeUnit(seconds));
    const yTicks = frequencyTicks(this.edges.at(-1), (hertz) => this.height(hertz));
    axes.drawLabels(context, palette, xTicks, yTicks);
    axes.drawBorder(context, palette);
    return axes;
  }
}
