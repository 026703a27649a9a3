/* ---- PointPlayer ---------------------------------------------------------------------------- */

const MAX_TRAILS = 30;
const REACH = 24; // pixels within which a click finds a particle: a finger's tip

const shown = { views: {}, view: "", selected: null };
const canvas = find("canvas");
const picture = new Picture(canvas, draw);
const transport = new Transport({ onframe: () => picture.redraw(), onlabel: describe });
const dataToggle = bindToggle("data", () => picture.redraw());
const trailsToggle = bindToggle("trails", () => picture.redraw());

canvas.addEventListener("click", (event) => select(event.offsetX, event.offsetY));
receive(load);

function load(payload) {
  shown.views = {};
  for (const name in payload.views) shown.views[name] = new Trajectory(unpack(payload.views[name]));
  shown.background = unpack(payload.background);
  shown.limits = payload.limits;
  shown.alt = payload.alt;
  shown.selected = null;
  element.dataset.selected = "";
  dataToggle.closest("label").hidden = !shown.background;
  setView(showViews(find(".views"), Object.keys(shown.views), shown.view, setView));
  transport.load(payload.labels, payload.fps);
  transport.autoplay();
  picture.paint();
}

function setView(name) {
  shown.view = element.dataset.view = name;
  describe(transport.label);
  picture.redraw();
}

function describe(label) {
  const parts = [shown.alt, shown.view, label].filter(Boolean);
  if (shown.alt) canvas.setAttribute("aria-label", parts.join(", "));
}

function draw(context, width, height, palette) {
  const trajectory = shown.views[shown.view];
  if (!trajectory) return;
  const axes = planeAxes(width, height, shown.limits);
  const ticks = roundTicks(...shown.limits, 6);
  axes.drawBackground(context, palette);
  axes.drawGrid(context, palette, ticks, ticks);
  axes.drawLabels(context, palette, ticks, ticks);
  context.save();
  axes.clip(context);
  drawParticles(context, axes, trajectory, palette);
  context.restore();
  axes.drawBorder(context, palette);
}

function drawParticles(context, axes, trajectory, palette) {
  const radius = dotRadius(trajectory.particles, axes.width);
  if (shown.background && dataToggle.checked) {
    const { values, shape } = shown.background;
    drawDots(context, axes, values, dotRadius(shape[0], axes.width, 2.5), palette.data);
  }
  context.globalAlpha = 0.8;
  drawDots(context, axes, trajectory.at(transport.time), radius, palette.point);
  context.globalAlpha = 1;
  if (trailsToggle.checked) drawTrails(context, axes, trajectory, palette);
  if (shown.selected !== null) drawSelected(context, axes, trajectory, radius, palette);
}

function drawTrails(context, axes, trajectory, palette) {
  const stride = Math.ceil(trajectory.particles / MAX_TRAILS);
  context.strokeStyle = palette.accent;
  context.lineWidth = 1.25;
  context.beginPath();
  for (let particle = 0; particle < trajectory.particles; particle += stride) {
    trajectory.trace(context, axes, particle, transport.time);
  }
  context.stroke();
}

/* Where it goes is dotted, where it has been is solid. */
function drawSelected(context, axes, trajectory, radius, palette) {
  const particle = shown.selected;
  const now = trajectory.at(transport.time);
  context.strokeStyle = palette.text;
  for (const [end, dash] of [[trajectory.frames - 1, [2, 4]], [transport.time, []]]) {
    context.setLineDash(dash);
    context.lineWidth = dash.length ? 1.5 : 2.5;
    context.beginPath();
    trajectory.trace(context, axes, particle, end);
    context.stroke();
  }
  context.beginPath();
  context.arc(axes.x(now[2 * particle]), axes.y(now[2 * particle + 1]), radius + 4, 0, 2 * Math.PI);
  context.fillStyle = palette.accent;
  context.fill();
  context.stroke();
}

/* A click on the followed particle, or on none, ends following. */
function select(x, y) {
  const trajectory = shown.views[shown.view];
  if (!trajectory) return;
  const axes = planeAxes(picture.size.width, picture.size.height, shown.limits);
  const now = trajectory.at(transport.time);
  let [nearest, best] = [null, REACH];
  for (let particle = 0; particle < trajectory.particles; particle++) {
    const distance = Math.hypot(axes.x(now[2 * particle]) - x, axes.y(now[2 * particle + 1]) - y);
    if (distance < best) [nearest, best] = [particle, distance];
  }
  shown.selected = nearest === shown.selected ? null : nearest;
  element.dataset.selected = shown.selected ?? "";
  picture.redraw();
}
