/* ---- Drawing over time and frequency --------------------------------------------------------- */

/** The place of a picture, with room at its left for "10 kHz" in letters of the context's size. */
function boxOf(context, width, height) {
  const left = Math.max(48, 3.2 * Number.parseFloat(context.font));
  return { left, top: 6, width: width - left - 8, height: height - 32, marginRight: 8 };
}

/** Axes of a picture over time. A short time has its numbers in milliseconds. */
function timeAxes(context, width, height, seconds, yLimits) {
  return new Axes(boxOf(context, width, height), [0, seconds * perUnit(seconds)], yLimits);
}

function perUnit(seconds) {
  return seconds < 0.5 ? 1000 : 1;
}

function timeUnit(seconds) {
  return seconds < 0.5 ? "ms" : "s";
}

function ticksOf(axes, xUnit, yUnit) {
  const xTicks = roundTicks(...axes.xLimits, axes.width / 75);
  const yTicks = roundTicks(...axes.yLimits, axes.height / 32);
  xTicks.at(-1).text += " " + xUnit;
  if (yUnit) yTicks.at(-1).text += " " + yUnit;
  return [xTicks, yTicks];
}

function drawFrame(context, axes, palette, ticks) {
  axes.drawBackground(context, palette);
  axes.drawGrid(context, palette, ...ticks);
  axes.drawLabels(context, palette, ...ticks);
  axes.drawBorder(context, palette);
}

/** Draw inside the axes only. */
function within(context, axes, draw) {
  context.save();
  axes.clip(context);
  draw();
  context.restore();
}

/** A line through values that lie evenly from the left to the right edge. */
function strokeLine(context, axes, values) {
  context.beginPath();
  for (let i = 0; i < values.length; i++) {
    context.lineTo(axes.left + (i / (values.length - 1)) * axes.width, axes.y(values[i]));
  }
  context.stroke();
}

/** The band between the lowest and the highest value of each column (low, high, low, high, …). */
function fillBand(context, axes, ends) {
  const columns = ends.length / 2;
  const x = (column) => axes.left + ((column + 0.5) / columns) * axes.width;
  context.beginPath();
  for (let k = 0; k < columns; k++) context.lineTo(x(k), axes.y(ends[2 * k]) + 0.5);
  for (let k = columns - 1; k >= 0; k--) context.lineTo(x(k), axes.y(ends[2 * k + 1]) - 0.5);
  context.fill();
}

function fillSpectrum(context, axes, levels) {
  strokeLine(context, axes, levels);
  context.lineTo(axes.left + axes.width, axes.bottom);
  context.lineTo(axes.left, axes.bottom);
  context.globalAlpha = 0.2;
  context.fill();
}

/** A dotted line that is seen on dark and on bright ground. */
function dotLine(context, from, to, colour, around) {
  context.save();
  context.setLineDash([2, 5]);
  for (const [width, stroke] of [[3, around], [1.2, colour]]) {
    context.lineWidth = width;
    context.strokeStyle = stroke;
    context.beginPath();
    context.moveTo(...from);
    context.lineTo(...to);
    context.stroke();
  }
  context.restore();
}

/** Where the sound is, at a fraction of the picture's width. */
function drawCursor(context, axes, palette, fraction, hot) {
  const x = axes.left + fraction * axes.width;
  context.fillStyle = SHADE;
  if (hot) context.fillRect(x - 2, axes.top, 4, axes.height);
  context.fillStyle = hot ? LIGHT : palette.accent;
  context.fillRect(x - 1, axes.top, 2, axes.height);
}
