/* ---- FieldPlayer ---------------------------------------------------------------------------- */

const WALKER = "#ff3d7f"; // a hue that viridis has not
const MANY = 20; // walkers whose whole paths would hide the field
const TRACED = 8; // of many walkers
const TRAIL_FRAMES = 6; // of the path of each of many walkers

const field = { heats: {}, heat: "", cross: null, drop: null };
const stage = find(".stage");
const canvas = find("canvas");
const picture = new Picture(canvas, draw);
const followed = new Follower(() => picture.redraw());
const transport = new Transport({ onframe: endPreview, onlabel: describe });
const closerToggle = bindToggle("closer", () => picture.redraw());
const heatToggle = bindToggle("heat", toggleHeat);
const arrowsToggle = bindToggle("arrows", () => picture.redraw());
const dataToggle = bindToggle("data", () => picture.redraw());
const trailsToggle = bindToggle("trails", () => picture.redraw());

find(".ramp").style.background = RAMP;
canvas.addEventListener("click", (event) => drop(axesNow().invert(event.offsetX, event.offsetY)));
// Before the transport, which listens on the whole player: on the stage, arrows move the cross.
stage.addEventListener("keydown", moveCross);
stage.addEventListener("keydown", followByKey);
stage.addEventListener("blur", () => setCross(null));
element.addEventListener("preview", ({ detail }) => startPreview(Number(detail)));
offerPoints(rows);
receive(load);

function load(payload) {
  const goesOn = payload.run === field.run && payload.labels.length > transport.labels.length;
  const opens = field.run === undefined;
  field.run = payload.run;
  field.limits = payload.limits;
  field.alt = payload.alt;
  field.names = payload.names;
  field.heats = {};
  for (const name in payload.heats) field.heats[name] = paintHeat(payload.heats[name]);
  field.mixtures = {};
  for (const name in payload.mixtures) field.mixtures[name] = new Mixture(payload.mixtures[name]);
  field.arrowsOf = payload.arrows_of;
  field.layers = payload.layers;
  field.notes = payload.notes;
  field.unstable = payload.unstable;
  field.starts = unpack(payload.arrows?.starts)?.values;
  field.reach = unpack(payload.arrows?.reach)?.values;
  field.data = unpack(payload.data);
  field.walkers = payload.walkers && new Trajectory(unpack(payload.walkers));
  field.drop = null;
  endPreview();
  if (goesOn) {
    transport.grow(payload.labels);
  } else {
    followed.follow(null);
    showOptions(payload);
    transport.load(payload.labels, payload.fps);
    if (opens) transport.seek(transport.last); // the finished result; Play shows how it came about
    else transport.autoplay();
  }
  describe(transport.label);
  picture.paint();
}

function showOptions(payload) {
  const names = Object.keys(field.heats);
  closerToggle.closest("label").hidden = payload.names.length === 0;
  heatToggle.closest("label").hidden = names.length === 0;
  arrowsToggle.closest("label").hidden = !field.starts;
  find(".lengths").hidden = payload.arrow_lengths !== "log";
  dataToggle.closest("label").hidden = !field.data;
  trailsToggle.closest("label").hidden = !areMany();
  chooseHeat(showViews(find(".views"), names, field.heat, chooseHeat));
  find(".note").hidden = payload.notes.length === 0;
  find(".player").classList.toggle("droppable", Boolean(payload.drop_hint));
  field.droppable = Boolean(payload.drop_hint);
  const follow = field.walkers ? say("field.follow") : "";
  const hints = [payload.drop_hint, follow].filter(Boolean).join(" ");
  find(".hint").textContent = hints;
  stage.setAttribute("aria-label", say("field.keys", { hints }));
}

function chooseHeat(name) {
  endPreview();
  field.heat = element.dataset.heat = name ?? "";
  [find(".low").textContent, find(".high").textContent] = field.heats[name]?.labels ?? ["", ""];
  describe(transport.label);
  toggleHeat();
}

/** The heat map of the present frame, or nothing where it is off. */
function heatNow() {
  if (!heatToggle.checked) return null;
  const layers = field.heats[field.heat]?.pictures ?? [];
  return layers[Math.min(field.layers[transport.frame] ?? 0, layers.length - 1)];
}

function toggleHeat() {
  find(".bar").classList.toggle("off", !(field.heats[field.heat] && heatToggle.checked));
  picture.redraw();
}

function describe(label) {
  const note = field.notes?.[transport.frame] ?? "";
  find(".note").textContent = note;
  const gone = goneNow();
  find(".gone").textContent = gone;
  find(".gone").hidden = !gone;
  const parts = [field.alt, viewInWords(field.heat), label, note, gone].filter(Boolean);
  if (field.alt) canvas.setAttribute("aria-label", parts.join(", "));
}

/** The walkers at the step that is seen. */
function rows() {
  if (!field.walkers) return null;
  const walkers = pointRows(field.walkers.at(transport.time), transport.label);
  return [["step", "walker", "x", "y"], ...walkers];
}

/** How many walkers are outside the picture, and why; or nothing. */
function goneNow() {
  if (!field.unstable || !field.walkers) return "";
  const places = field.walkers.at(transport.frame);
  const [low, high] = field.limits;
  let outside = 0;
  for (let i = 0; i < places.length; i += 2) {
    const [x, y] = [places[i], places[i + 1]];
    if (Math.min(x, y) < low || Math.max(x, y) > high) outside++;
  }
  const all = field.walkers.particles;
  return outside ? say("field.gone", { count: outside, all }) + " " + field.unstable : "";
}

/* ---- Dropping ------------------------------------------------------------------------------- */

function axesNow() {
  const axes = planeAxes(picture.size.width, picture.size.height, field.limits);
  return closerToggle.checked && field.names.length ? closer(axes, field, transport.time) : axes;
}

/** Mark the place at once, and tell Python. */
function drop(place) {
  if (!field.droppable) return;
  field.drop = place;
  element.dataset.drop = place.x.toFixed(4) + "," + place.y.toFixed(4);
  picture.redraw();
  send("drop", place);
}

/** Arrow keys move the cross by a fiftieth of the field, with Shift by a tenth of that. */
function moveCross(event) {
  const directions = {
    ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1],
  };
  const direction = directions[event.key];
  if (!field.droppable || !(direction || event.key === "Enter")) return;
  event.preventDefault();
  const [low, high] = field.limits;
  const place = field.cross ?? { x: (low + high) / 2, y: (low + high) / 2 };
  if (!direction) return drop(place);
  const step = (high - low) / (event.shiftKey ? 500 : 50);
  setCross({
    x: clamp(place.x + step * direction[0], low, high),
    y: clamp(place.y + step * direction[1], low, high),
  });
}

function setCross(place) {
  field.cross = place;
  element.dataset.cross = place ? place.x.toFixed(4) + "," + place.y.toFixed(4) : "";
  picture.redraw();
}

/** N follows the next walker, P the one before, Escape none. */
function followByKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || !field.walkers) return;
  const step = { n: 1, p: -1 }[event.key.toLowerCase()];
  if (event.key === "Escape") followed.follow(null);
  else if (step) followed.step(step, field.walkers.particles);
}

/* ---- Drawing -------------------------------------------------------------------------------- */

function draw(context, _width, _height, palette) {
  if (!field.limits) return;
  const axes = axesNow();
  const ticks = [axes.xLimits, axes.yLimits].map((limits) => roundTicks(...limits, 6));
  const { preview } = field;
  if (preview && !preview.heat) computePreview(preview);
  const hot = preview && heatToggle.checked ? preview.heat : heatNow();
  axes.drawBackground(context, palette);
  if (!hot) axes.drawGrid(context, palette, ...ticks);
  axes.drawLabels(context, palette, ...ticks);
  context.save();
  axes.clip(context);
  if (hot) drawHeat(context, wholeField(axes, field.limits), hot);
  if (!preview) drawData(context, axes, palette, hot);
  drawArrows(context, axes, palette, hot, preview ? preview.reach : field.reach);
  if (field.names.length) drawNamed(context, axes);
  else if (!preview) drawWalkers(context, axes);
  if (field.drop) drawMark(context, axes, field.drop, 9);
  if (field.cross) drawCross(context, axes);
  context.restore();
  axes.drawBorder(context, palette);
}

function drawData(context, axes, palette, hot) {
  if (field.data && dataToggle.checked) drawFaintly(context, axes, field.data, palette, hot);
}

function drawArrows(context, axes, palette, hot, reach) {
  if (!reach || !arrowsToggle.checked) return;
  drawVectors(context, axes, field.starts, reach, hot ? LIGHT : palette.text, hot);
}

function areMany() {
  return field.walkers?.particles > MANY;
}

function drawWalkers(context, axes) {
  if (!field.walkers) return;
  if (areMany()) drawTrails(context, axes);
  else outline(context, pathsOf(axes, field.walkers.particles, 0, transport.time), 2, WALKER);
  const heads = field.walkers.at(transport.time);
  for (let i = 0; i < heads.length; i += 2) drawHead(context, axes, heads[i], heads[i + 1]);
  if (followed.particle !== null) drawFollowed(context, axes);
}

/** The last steps of a few walkers, or of all, which fade away. */
function drawTrails(context, axes) {
  const count = trailsToggle.checked ? field.walkers.particles : TRACED;
  for (let age = TRAIL_FRAMES - 1; age >= 0; age--) {
    const [start, end] = [transport.time - age - 1, transport.time - age];
    if (end <= 0) continue;
    context.globalAlpha = 1 - age / TRAIL_FRAMES;
    stroke(context, pathsOf(axes, count, Math.max(start, 0), end), 1.5, WALKER);
  }
  context.globalAlpha = 1;
}

function drawNamed(context, axes) {
  drawNamedWalkers(context, axes, field, transport.time);
  if (followed.particle !== null) drawFollowed(context, axes);
}

/** The paths of the first `count` walkers between two times. */
function pathsOf(axes, count, start, end) {
  const path = new Path2D();
  for (let walker = 0; walker < count; walker++) {
    field.walkers.trace(path, axes, walker, end, start);
  }
  return path;
}

/* Where it goes is dotted, where it has been is solid. */
function drawFollowed(context, axes) {
  const [x, y] = followed.trace(axes, field.walkers, transport.time, (path, ahead) => {
    context.setLineDash(ahead ? [1, 5] : []);
    outline(context, path, 2, LIGHT);
    context.setLineDash([]);
  });
  drawMark(context, axes, axes.invert(x, y), 9);
}

function drawHead(context, axes, x, y) {
  const dot = new Path2D();
  dot.arc(axes.x(x), axes.y(y), areMany() ? 3 : 6, 0, 2 * Math.PI);
  outline(context, dot, areMany() ? 0.5 : 2, LIGHT);
  context.fillStyle = WALKER;
  context.fill(dot);
}

function drawMark(context, axes, place, radius) {
  const ring = new Path2D();
  ring.arc(axes.x(place.x), axes.y(place.y), radius, 0, 2 * Math.PI);
  outline(context, ring, 2.5, WALKER);
}

function drawCross(context, axes) {
  const [x, y] = [axes.x(field.cross.x), axes.y(field.cross.y)];
  const lines = new Path2D();
  for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
    lines.moveTo(x + 5 * dx, y + 5 * dy);
    lines.lineTo(x + 16 * dx, y + 16 * dy);
  }
  outline(context, lines, 2, LIGHT);
}
