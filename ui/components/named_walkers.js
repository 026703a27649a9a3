/* ---- One or two walkers with names, and a view that follows them ---------------------------- */

/* Colour, line and head differ, so that any one of them tells the two apart. */
const LOOKS = [
  { colour: "#ff3d7f", dashes: [7, 6], width: 3, square: true },
  { colour: LIGHT, dashes: [], width: 4, square: false },
];
const LEAST_VIEW = 0.04; // half of the closest view's side, in data units
const ROOM = 2.5; // distances between the walkers from the middle of the view to its border

/** The second one lies beneath, as the first one's line has gaps. */
function drawNamedWalkers(context, axes, { walkers, names }, time) {
  for (let walker = names.length - 1; walker >= 0; walker--) {
    const look = LOOKS[walker];
    const path = new Path2D();
    walkers.trace(path, axes, walker, time);
    strokeAs(context, path, look);
    const [x, y] = walkers.position(time, walker);
    drawHeadAs(context, axes.x(x), axes.y(y), look);
  }
  names.forEach((name, k) => drawName(context, axes.left + 12, axes.top + 16 + 22 * k, name, k));
}

function strokeAs(context, path, { colour, dashes, width }) {
  stroke(context, path, width + 2, SHADE);
  context.setLineDash(dashes);
  stroke(context, path, width, colour);
  context.setLineDash([]);
}

function drawHeadAs(context, x, y, { colour, square }) {
  const head = new Path2D();
  if (square) head.rect(x - 5, y - 5, 10, 10);
  else head.arc(x, y, 7.5, 0, 2 * Math.PI);
  context.fillStyle = colour;
  context.fill(head);
  stroke(context, head, 1.5, "#000000");
}

function drawName(context, x, y, name, walker) {
  const line = new Path2D();
  line.moveTo(x, y);
  line.lineTo(x + 34, y);
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.fillStyle = SHADE;
  context.fillRect(x - 6, y - 11, 52 + context.measureText(name).width, 22);
  strokeAs(context, line, LOOKS[walker]);
  drawHeadAs(context, x + 34, y, LOOKS[walker]);
  context.fillStyle = LIGHT;
  context.fillText(name, x + 44, y);
}

/** The axes of a closer view, whose middle is that of the walkers. */
function closer(axes, { walkers, limits }, time) {
  const places = walkers.at(time);
  const [x0, y0] = places;
  const [x1, y1] = places.slice(-2);
  const half = clamp(ROOM * Math.hypot(x1 - x0, y1 - y0), LEAST_VIEW, (limits[1] - limits[0]) / 2);
  const ends = (middle) => [middle - half, middle + half];
  const { left, top, width, height, marginRight } = axes;
  const box = { left, top, width, height, marginRight };
  return new Axes(box, ends((x0 + x1) / 2), ends((y0 + y1) / 2));
}

/** Where the whole field would lie on a canvas that shows a part of it. */
function wholeField(axes, [low, high]) {
  const [left, top] = [axes.x(low), axes.y(high)];
  return { left, top, width: axes.x(high) - left, height: axes.y(low) - top };
}
