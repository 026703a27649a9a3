/* ---- PointPlayer ---------------------------------------------------------------------------- */

const MAX_TRAILS = 30;
const REACH = 24; // pixels within which a click finds a particle: a finger's tip
const ROOM_FOR_TWO = 560; // pixels, as in point_player.css: narrower pages show one panel at a time
const HEADER = 52; // pixels for a panel's title and caption, in the largest letters

const shown = { panels: [], view: "", panel: "" };
const canvas = find("canvas");
const picture = new Picture(canvas, draw);
const followed = new Follower(() => picture.redraw());
const transport = new Transport({ onframe: () => picture.redraw(), onlabel: describe });
const dataToggle = bindToggle("data", () => picture.redraw());
const trailsToggle = bindToggle("trails", () => picture.redraw());
const marksToggle = bindToggle("marks", () => picture.redraw());

canvas.addEventListener("click", (event) => select(event.offsetX, event.offsetY));
find(".stage").addEventListener("keydown", followByKey);
offerPoints(rows);
receive(load);

function load(payload) {
  shown.panels = payload.panels.map(unpackPanel);
  shown.background = unpack(payload.background);
  shown.limits = payload.limits;
  shown.alt = payload.alt;
  if (shown.panels.length > 1) element.dataset.panels = shown.panels.length;
  else delete element.dataset.panels;
  dataToggle.closest("label").hidden = !shown.background;
  marksToggle.closest("label").hidden = !payload.mark;
  find(".mark-name").textContent = payload.mark;
  const names = shown.panels.map((panel) => panel.name);
  shown.panel = showViews(find(".panels"), names, shown.panel, setPanel);
  followed.follow(null);
  setView(showViews(find(".states"), Object.keys(shown.panels[0].views), shown.view, setView));
  transport.load(payload.labels, payload.fps);
  transport.autoplay();
  picture.paint();
}

function unpackPanel({ title, views, captions, marked }) {
  const trajectories = {};
  for (const name in views) trajectories[name] = new Trajectory(unpack(views[name]));
  const name = title.split(":")[0]; // "2: ddim, 10 steps" is chosen as "2"
  return { name, title, captions, views: trajectories, marked: unpack(marked)?.values };
}

function setView(name) {
  shown.view = element.dataset.view = name;
  describe(transport.label);
  picture.redraw();
}

function setPanel(name) {
  shown.panel = name;
  describe(transport.label);
  picture.redraw();
}

function describe(label) {
  const states = shown.panels.map((p) => (p.title ? p.title + ": " + captionOf(p) : ""));
  const parts = [shown.alt, shown.view, label, ...states].filter(Boolean);
  if (shown.alt) canvas.setAttribute("aria-label", parts.join(", "));
}

/* All panels start and end together, however many steps each takes. */
function timeOf(panel) {
  const last = panel.views[shown.view].frames - 1;
  return transport.last ? (transport.time / transport.last) * last : 0;
}

function captionOf(panel) {
  return panel.captions[Math.round(timeOf(panel))];
}

/** Of all panels, in the view and at the step that is seen. */
function rows() {
  if (!shown.panels.length) return null;
  const points = shown.panels.flatMap((panel) =>
    pointRows(panel.views[shown.view].at(timeOf(panel)), panel.title, shown.view, transport.label));
  return [["run", "state", "step", "point", "x", "y"], ...points];
}

/** The panels that there is room for, each with its axes. */
function places() {
  const { width, height } = picture.size;
  const alone = shown.panels.length === 1 || width < ROOM_FOR_TWO;
  const panels = alone ? shown.panels.filter((p) => p.name === shown.panel) : shown.panels;
  const columns = alone ? 1 : 2;
  const [across, down] = [width / columns, height / Math.ceil(panels.length / columns)];
  return panels.map((panel, k) => {
    const [left, top] = [(k % columns) * across, Math.floor(k / columns) * down];
    const header = panel.title ? HEADER : 0;
    return { panel, axes: planeAxes(across, down - header, shown.limits, left, top + header) };
  });
}

function draw(context, _width, _height, palette) {
  if (!shown.panels.length) return;
  for (const { panel, axes } of places()) drawPanel(context, axes, panel, palette);
}

function drawPanel(context, axes, panel, palette) {
  const ticks = roundTicks(...shown.limits, 6);
  axes.drawBackground(context, palette);
  axes.drawGrid(context, palette, ticks, ticks);
  axes.drawLabels(context, palette, ticks, ticks);
  context.save();
  axes.clip(context);
  drawParticles(context, axes, panel, palette);
  context.restore();
  axes.drawBorder(context, palette);
  if (panel.title) drawHeader(context, axes, panel, palette);
}

function drawHeader(context, axes, panel, palette) {
  const font = context.font, line = 1.2 * Number.parseFloat(font);
  context.textAlign = "left";
  context.textBaseline = "alphabetic";
  context.fillStyle = palette.text;
  context.font = "600 " + font;
  context.fillText(panel.title, axes.left, axes.top - 7 - line, axes.width);
  context.fillStyle = palette.subdued;
  context.font = font;
  context.fillText(captionOf(panel), axes.left, axes.top - 7, axes.width);
}

function drawParticles(context, axes, panel, palette) {
  const trajectory = panel.views[shown.view];
  const time = timeOf(panel);
  const radius = dotRadius(trajectory.particles, axes.width);
  if (shown.background && dataToggle.checked) {
    const { values, shape } = shown.background;
    drawDots(context, axes, values, dotRadius(shape[0], axes.width, 2.5), palette.data);
  }
  context.globalAlpha = 0.8;
  const now = trajectory.at(time);
  drawDots(context, axes, now, radius, palette.point);
  context.globalAlpha = 1;
  if (panel.marked && marksToggle.checked) {
    drawDots(context, axes, onlyMarked(now, panel.marked), radius + 0.5, palette.accent);
  }
  if (trailsToggle.checked) drawTrails(context, axes, trajectory, time, palette);
  if (followed.particle !== null) drawFollowed(context, axes, trajectory, time, radius, palette);
}

function onlyMarked(values, marked) {
  return values.filter((_, i) => marked[i >> 1] > 0.5);
}

function drawTrails(context, axes, trajectory, time, palette) {
  const stride = Math.ceil(trajectory.particles / MAX_TRAILS);
  context.strokeStyle = palette.accent;
  context.lineWidth = 1.25;
  context.beginPath();
  for (let particle = 0; particle < trajectory.particles; particle += stride) {
    trajectory.trace(context, axes, particle, time);
  }
  context.stroke();
}

/* Where it goes is dotted, where it has been is solid. */
function drawFollowed(context, axes, trajectory, time, radius, palette) {
  context.strokeStyle = palette.text;
  const [x, y] = followed.trace(axes, trajectory, time, (path, ahead) => {
    context.setLineDash(ahead ? [2, 4] : []);
    context.lineWidth = ahead ? 1.5 : 2.5;
    context.stroke(path);
  });
  context.beginPath();
  context.arc(x, y, radius + 4, 0, 2 * Math.PI);
  context.fillStyle = palette.accent;
  context.fill();
  context.stroke();
}

/* ---- Following a particle: the same one in every panel -------------------------------------- */

/* A click on the followed particle, or on none, ends following. */
function select(x, y) {
  if (!shown.panels.length) return;
  let [nearest, best] = [null, REACH];
  for (const { panel, axes } of places()) {
    const trajectory = panel.views[shown.view];
    const now = trajectory.at(timeOf(panel));
    for (let particle = 0; particle < trajectory.particles; particle++) {
      const distance = Math.hypot(axes.x(now[2 * particle]) - x, axes.y(now[2 * particle + 1]) - y);
      if (distance < best) [nearest, best] = [particle, distance];
    }
  }
  followed.follow(nearest === followed.particle ? null : nearest);
}

function followByKey(event) {
  const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
  if (event.key === "Escape") return followed.follow(null);
  if (!step || !shown.panels.length) return;
  event.preventDefault();
  followed.step(step, shown.panels[0].views[shown.view].particles);
}
