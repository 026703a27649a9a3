/* ---- Axes ----------------------------------------------------------------------------------- */

/** About `count` round numbers from low to high. */
function roundTicks(low, high, count) {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough * 0.999);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const ticks = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) {
    ticks.push({ value: k * step, text: (k * step).toFixed(digits).replace("-", "−") });
  }
  return ticks;
}

/** A rectangle of the canvas with a linear scale on each axis. */
class Axes {
  constructor(box, xLimits, yLimits) {
    Object.assign(this, box);
    this.xLimits = xLimits;
    this.yLimits = yLimits;
  }

  x(value) {
    const [low, high] = this.xLimits;
    return this.left + ((value - low) / (high - low)) * this.width;
  }

  y(value) {
    const [low, high] = this.yLimits;
    return this.top + (1 - (value - low) / (high - low)) * this.height;
  }

  /** The data coordinates of a pixel, kept inside the limits. */
  invert(px, py) {
    const [xLow, xHigh] = this.xLimits;
    const [yLow, yHigh] = this.yLimits;
    const across = clamp((px - this.left) / this.width, 0, 1);
    const up = clamp(1 - (py - this.top) / this.height, 0, 1);
    return { x: xLow + across * (xHigh - xLow), y: yLow + up * (yHigh - yLow) };
  }

  clip(context) {
    context.beginPath();
    context.rect(this.left, this.top, this.width, this.height);
    context.clip();
  }

  drawBackground(context, palette) {
    context.fillStyle = palette.plot;
    context.fillRect(this.left, this.top, this.width, this.height);
  }

  drawGrid(context, palette, xTicks, yTicks) {
    context.strokeStyle = palette.grid;
    context.lineWidth = 1;
    context.beginPath();
    for (const { value } of xTicks) {
      context.moveTo(this.x(value), this.top);
      context.lineTo(this.x(value), this.top + this.height);
    }
    for (const { value } of yTicks) {
      context.moveTo(this.left, this.y(value));
      context.lineTo(this.left + this.width, this.y(value));
    }
    context.stroke();
  }

  drawLabels(context, palette, xTicks, yTicks) {
    context.fillStyle = palette.subdued;
    context.textBaseline = "top";
    for (const { value, text } of xTicks) {
      // A label in the corner moves inwards, so that it is never cut off.
      const half = context.measureText(text).width / 2;
      const right = this.left + this.width + (this.marginRight ?? 0);
      context.textAlign = "left";
      context.fillText(text, Math.min(this.x(value) - half, right - 2 * half), this.bottom + 6);
    }
    context.textAlign = "right";
    context.textBaseline = "middle";
    for (const { value, text } of yTicks) {
      const y = clamp(this.y(value), this.top + 6, this.bottom - 6);
      context.fillText(text, this.left - 6, y);
    }
  }

  drawBorder(context, palette) {
    context.strokeStyle = palette.border;
    context.lineWidth = 1;
    context.strokeRect(this.left, this.top, this.width, this.height);
  }

  get bottom() {
    return this.top + this.height;
  }
}

/** Axes of a square plane, with room for tick labels at the left and the bottom.
    They stand in a cell of the canvas, whose corner is at (x, y). */
function planeAxes(width, height, limits, x = 0, y = 0) {
  const side = Math.min(width - 44, height - 30);
  const marginRight = width - side - 36;
  const box = { left: x + 36, top: y + 6, width: side, height: side, marginRight };
  return new Axes(box, limits, limits);
}

const dots = new Map();

/** A dot drawn once and stamped often: ten times faster than as many arcs. */
function dotOf(radius, colour, ratio) {
  const key = [radius, colour, ratio].join();
  if (!dots.has(key)) dots.set(key, makeDot(radius, colour, ratio));
  return dots.get(key);
}

function makeDot(radius, colour, ratio) {
  const side = Math.ceil(2 * radius + 2);
  const dot = document.createElement("canvas");
  dot.width = dot.height = Math.ceil(side * ratio);
  const context = dot.getContext("2d");
  context.scale(dot.width / side, dot.width / side);
  context.fillStyle = colour;
  context.arc(side / 2, side / 2, radius, 0, 2 * Math.PI);
  context.fill();
  return { dot, side };
}

/** Stamp points (x, y, x, y, …) of data coordinates. */
function drawDots(context, axes, values, radius, colour) {
  const { dot, side } = dotOf(radius, colour, devicePixelRatio || 1);
  for (let i = 0; i < values.length; i += 2) {
    const [x, y] = [axes.x(values[i]), axes.y(values[i + 1])];
    context.drawImage(dot, x - side / 2, y - side / 2, side, side);
  }
}

/** A radius that keeps many points apart and few points visible; quarters, so that few differ. */
function dotRadius(count, width, most = 4.5) {
  return Math.round(4 * clamp((width / Math.sqrt(count)) * 0.11, 1.25, most)) / 4;
}

/* ---- Trajectories: values of shape (frames, particles, 2) ----------------------------------- */

class Trajectory {
  constructor({ values, shape }) {
    this.values = values;
    [this.frames, this.particles] = shape;
    this.now = new Float32Array(2 * this.particles);
  }

  /** All positions at a time between two stored frames. The array is reused by the next call. */
  at(time) {
    const { values, now } = this;
    const before = Math.floor(time);
    const part = time - before;
    const a = before * now.length;
    const b = Math.min(before + 1, this.frames - 1) * now.length;
    for (let i = 0; i < now.length; i++) {
      now[i] = values[a + i] + part * (values[b + i] - values[a + i]);
    }
    return now;
  }

  /** The position of one particle at a time between two stored frames. */
  position(time, particle) {
    const before = Math.floor(time);
    const after = Math.min(before + 1, this.frames - 1);
    const [a, b] = [before, after].map((frame) => 2 * (frame * this.particles + particle));
    const { values } = this;
    const mix = (k) => values[a + k] + (time - before) * (values[b + k] - values[a + k]);
    return [mix(0), mix(1)];
  }

  /** Trace the path of one particle between two times; the caller strokes it. */
  trace(context, axes, particle, end, start = 0) {
    for (let time = start; time < end + 1; time++) {
      const [x, y] = this.position(Math.min(time, end), particle);
      if (time === start) context.moveTo(axes.x(x), axes.y(y));
      else context.lineTo(axes.x(x), axes.y(y));
    }
  }
}

/** Rows of a table of points, from x, y, x, y …; four digits, which is what their codes have. */
function pointRows(values, ...before) {
  const rows = [];
  for (let i = 0; i < values.length; i += 2) {
    rows.push([...before, i / 2, values[i].toFixed(4), values[i + 1].toFixed(4)]);
  }
  return rows;
}

/** Give the points that are seen to whoever wants to save them: a heading, and a row for each. */
function offerPoints(rows) {
  element.addEventListener("points", ({ detail }) => { detail.rows = rows(); });
}

/** The particle that is followed, or null. `data-selected` tells it; onchange() redraws. */
class Follower {
  constructor(onchange) {
    this.onchange = onchange;
    this.particle = null;
  }

  follow(particle) {
    this.particle = particle;
    element.dataset.selected = particle ?? "";
    this.onchange();
  }

  /** Follow the next particle or the one before; after the last comes the first. */
  step(by, particles) {
    const next = this.particle === null ? 0 : this.particle + by;
    this.follow((next + particles) % particles);
  }

  /** Its path through stroke(path, ahead): where it goes, then where it has been; then its place. */
  trace(axes, trajectory, time, stroke) {
    for (const [end, ahead] of [[trajectory.frames - 1, true], [time, false]]) {
      const path = new Path2D();
      trajectory.trace(path, axes, this.particle, end);
      stroke(path, ahead);
    }
    const [x, y] = trajectory.position(time, this.particle);
    return [axes.x(x), axes.y(y)];
  }
}
