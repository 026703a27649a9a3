/* ---- Time × frequency: spectrogram and log-mel ----------------------------------------------- */

const MEL_TICKS = [500, 1000, 2000, 5000, 10000]; // Hz, far enough apart on that scale

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

  get even() {
    const { edges } = this;
    return Math.abs(edges.at(-1) - edges.at(-2) - edges[1] + edges[0]) < 0.5;
  }

  ticks(count) {
    const top = this.edges.at(-1);
    const ticks = this.even
      ? roundTicks(0, top / 1000, count)
      : MEL_TICKS.map((f) => ({ value: f / 1000, text: String(f / 1000) }));
    for (const tick of ticks) tick.value = this.height(1000 * tick.value);
    ticks.at(-1).text += " kHz";
    return ticks;
  }

  /** Draw a step over so many seconds; its axes measure time, and frequency in rows. */
  draw(context, width, height, palette, step, seconds) {
    const axes = timeAxes(width, height, seconds, [0, this.rows]);
    const fraction = this.seconds / seconds; // the last column may reach beyond the sound
    within(context, axes, () =>
      drawHeat(context, { ...axes, width: fraction * axes.width }, this.heat(step)));
    const [xTicks] = ticksOf(axes, timeUnit(seconds));
    axes.drawLabels(context, palette, xTicks, this.ticks(axes.height / 32));
    axes.drawBorder(context, palette);
    return axes;
  }
}
