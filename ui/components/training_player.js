/* ---- TrainingPlayer: a training that grows while it is made -------------------------------------- */

const EXACT = "#ff3d7f"; // a hue that viridis has not

const [AVERAGED, PLAIN] = ["averaged weights (EMA)", "plain weights"];

const training = { run: null, frames: noFrames(), payload: null, weights: AVERAGED };
const plane = find(".plane");
const picture = new Picture(plane, draw);
const transport = new Transport({ onframe: redrawAll, onlabel: describe });
const heatToggle = bindToggle("heat", showBar);
const arrowsToggle = bindToggle("arrows", () => picture.redraw());
const exactToggle = bindToggle("exact", () => picture.redraw());
const dataToggle = bindToggle("data", () => picture.redraw());
const charts = [...element.querySelectorAll("figure")].map((figure, index) => {
  const canvas = figure.querySelector("canvas");
  const chart = { canvas, caption: figure.querySelector("figcaption") };
  chart.picture = new Picture(canvas, (...where) => drawCurve(index, ...where));
  return chart;
});

showViews(find(".views"), [AVERAGED, PLAIN], AVERAGED, setWeights);
find(".ramp").style.background = RAMP;
offerPoints(rows);
receive(load);

function noFrames() {
  return { [AVERAGED]: [], [PLAIN]: [] };
}

function setWeights(name) {
  training.weights = name;
  describe(transport.label);
  picture.redraw();
}

function load(payload) {
  const known = training.frames[AVERAGED].length;
  const grows = payload.run === training.run && payload.frames.length >= known;
  if (!grows) reset(payload);
  training.payload = payload;
  // Who scrubs back, or plays, while it still grows stays where they are.
  const [playing, following] = [transport.playing, transport.time >= transport.last];
  const more = addFrames(AVERAGED, payload.frames);
  addFrames(PLAIN, payload.plain_frames);
  if (!grows || more) {
    transport.load(payload.labels, payload.fps);
    if (!grows && !payload.live) transport.autoplay();
    else if (!grows || (following && !playing)) transport.seek(transport.last);
    else if (playing) transport.start();
    else transport.show();
  }
  element.dataset.frames = payload.frames.length;
  describe(transport.label);
  redrawAll();
}

/** Unpack those that are new; returns how many. */
function addFrames(name, packed) {
  const added = packed.slice(training.frames[name].length);
  training.frames[name].push(...added.map((frame) => unpack(frame).values));
  return added.length;
}

function reset(payload) {
  training.run = payload.run;
  training.frames = noFrames();
  training.heat = payload.heat && paintLayer(unpackCodes(payload.heat), ...payload.heat.shape);
  training.starts = unpack(payload.starts)?.values;
  training.exact = unpack(payload.exact)?.values;
  training.data = unpack(payload.data);
  transport.pause("value");
  transport.time = 0;
  heatToggle.closest("label").hidden = find(".bar").hidden = !training.heat;
  for (const toggle of [arrowsToggle, exactToggle]) {
    toggle.closest("label").hidden = !training.starts;
  }
  [find(".low").textContent, find(".high").textContent] = payload.heat_range_labels;
  showBar();
}

function showBar() {
  find(".bar").classList.toggle("off", !heatToggle.checked);
  picture.redraw();
}

function redrawAll() {
  picture.redraw();
  charts.forEach((chart) => chart.picture.redraw());
}

function describe(label) {
  if (!training.payload) return;
  const parts = [training.payload.alt, viewInWords(training.weights), label].filter(Boolean);
  plane.setAttribute("aria-label", parts.join(", "));
  const inWords = (value, step) => say("training.at_step", { value: value.toPrecision(3), step });
  training.payload.curves.forEach(({ title, steps, values }, index) => {
    charts[index].caption.textContent = title;
    const [last, step] = [values.at(-1), steps.at(-1)];
    const now = steps.length ? inWords(last, step) : say("training.nothing");
    charts[index].canvas.setAttribute("aria-label", title + ": " + now);
  });
}

/** Everything between two stored frames moves in straight lines. */
function frameAt(time) {
  const frames = training.frames[training.weights];
  const before = frames[Math.floor(time)];
  const after = frames[Math.ceil(time)] ?? before;
  const part = time % 1;
  return part ? before.map((value, i) => value + part * (after[i] - value)) : before;
}

/** The points that the network makes at the step that is seen; of a field there are none. */
function rows() {
  if (!training.frames[training.weights].length || training.starts) return null;
  const points = pointRows(frameAt(transport.time), training.weights, transport.label);
  return [["weights", "step", "point", "x", "y"], ...points];
}

/* ---- The plane ------------------------------------------------------------------------------ */

function draw(context, width, height, palette) {
  if (!training.frames[AVERAGED].length) return;
  const { limits } = training.payload;
  const axes = planeAxes(width, height, limits);
  const ticks = roundTicks(...limits, 6);
  const hot = training.heat && heatToggle.checked;
  axes.drawBackground(context, palette);
  if (hot) drawHeat(context, axes, training.heat);
  else axes.drawGrid(context, palette, ticks, ticks);
  axes.drawLabels(context, palette, ticks, ticks);
  context.save();
  axes.clip(context);
  if (training.data && dataToggle.checked) drawFaintly(context, axes, training.data, palette, hot);
  const now = frameAt(transport.time);
  if (training.starts) drawField(context, axes, now, palette, hot);
  else drawPoints(context, axes, now, palette);
  context.restore();
  axes.drawBorder(context, palette);
}

function drawField(context, axes, reach, palette, hot) {
  const ink = hot ? LIGHT : palette.text;
  if (exactToggle.checked) drawVectors(context, axes, training.starts, training.exact, EXACT, hot);
  if (arrowsToggle.checked) drawVectors(context, axes, training.starts, reach, ink, hot);
}

function drawPoints(context, axes, points, palette) {
  context.globalAlpha = 0.8;
  drawDots(context, axes, points, dotRadius(points.length / 2, axes.width), palette.point);
  context.globalAlpha = 1;
}

/* ---- The curves ----------------------------------------------------------------------------- */

function drawCurve(index, context, width, height, palette) {
  const curve = training.payload?.curves[index];
  if (!curve) return;
  const scale = curve.log ? Math.log10 : (value) => value;
  const [values, plain] = [curve.values.map(scale), curve.plain_values.map(scale)];
  const mark = curve.mark && scale(curve.mark);
  const [low, high] = span([...values, ...plain, ...(mark === null ? [] : [mark])]);
  const box = { left: 44, top: 6, width: width - 56, height: height - 32, marginRight: 12 };
  const axes = new Axes(box, [0, training.payload.last_step], [low, high]);
  const xTicks = roundTicks(0, training.payload.last_step, 4);
  const yTicks = curve.log ? logTicks(low, high) : roundTicks(low, high, 3);
  axes.drawBackground(context, palette);
  axes.drawGrid(context, palette, xTicks, yTicks);
  axes.drawLabels(context, palette, xTicks, yTicks);
  context.save();
  axes.clip(context);
  if (mark !== null) drawMark(context, axes, mark, palette);
  drawCursor(context, axes, palette);
  drawLine(context, axes, curve.steps, plain, 1.5, palette.subdued);
  drawLine(context, axes, curve.steps, values, 2, palette.point);
  context.restore();
  axes.drawBorder(context, palette);
}

function span(values) {
  const [low, high] = [Math.min(...values, Infinity), Math.max(...values, -Infinity)];
  if (!(low <= high)) return [0, 1];
  const room = 0.06 * (high - low) || 0.5;
  return [low - room, high + room];
}

/** Ticks at 1, 2 and 5 times the powers of ten between two logarithms. */
function logTicks(low, high) {
  const ticks = [];
  for (let power = Math.floor(low); power <= high; power++) {
    for (const digit of high - low > 1.5 ? [1] : [1, 2, 5]) {
      const value = Math.log10(digit) + power;
      const text = String(Number((digit * 10 ** power).toPrecision(1)));
      if (value >= low && value <= high) ticks.push({ value, text });
    }
  }
  return ticks;
}

/** What the curve is measured against: the dashed level. */
function drawMark(context, axes, mark, palette) {
  const path = new Path2D();
  path.moveTo(axes.left, axes.y(mark));
  path.lineTo(axes.left + axes.width, axes.y(mark));
  context.setLineDash([6, 5]);
  stroke(context, path, 1.5, palette.accent);
  context.setLineDash([]);
}

/** Where the picture above stands. */
function drawCursor(context, axes, palette) {
  const [before, after] = [Math.floor, Math.ceil].map(
    (round) => training.payload.frame_steps[round(transport.time)] ?? 0,
  );
  const x = axes.x(before + (transport.time % 1) * (after - before));
  const path = new Path2D();
  path.moveTo(x, axes.top);
  path.lineTo(x, axes.bottom);
  stroke(context, path, 1.5, palette.subdued);
}

function drawLine(context, axes, steps, values, width, colour) {
  const path = new Path2D();
  values.forEach((value, i) => path.lineTo(axes.x(steps[i]), axes.y(value)));
  stroke(context, path, width, colour);
}
