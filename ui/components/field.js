/* ---- What is drawn on a heat map ------------------------------------------------------------ */

/** Data points that stay faint, on a heat map and off it. */
function drawFaintly(context, axes, { values, shape }, palette, hot) {
  context.globalAlpha = hot ? 0.45 : 1;
  const radius = dotRadius(shape[0], axes.width, 2.5);
  drawDots(context, axes, values, radius, hot ? LIGHT : palette.data);
  context.globalAlpha = 1;
}

/** Arrows from `starts` that reach by `reach`, both (x, y, x, y, …) of data coordinates. */
function drawVectors(context, axes, starts, reach, colour, hot) {
  const path = new Path2D();
  for (let i = 0; i < starts.length; i += 2) {
    const [x, y] = [starts[i], starts[i + 1]];
    traceArrow(path, axes.x(x), axes.y(y), axes.x(x + reach[i]), axes.y(y + reach[i + 1]));
  }
  const width = clamp(axes.width / 450, 0.9, 1.5);
  if (hot) outline(context, path, width, colour);
  else stroke(context, path, width, colour);
}

function traceArrow(path, x0, y0, x1, y1) {
  const length = Math.hypot(x1 - x0, y1 - y0);
  if (length < 1.5) return;
  const head = Math.min(5, 0.4 * length);
  const angle = Math.atan2(y1 - y0, x1 - x0);
  path.moveTo(x0, y0);
  path.lineTo(x1, y1);
  for (const side of [2.6, -2.6]) {
    path.moveTo(x1, y1);
    path.lineTo(x1 + head * Math.cos(angle + side), y1 + head * Math.sin(angle + side));
  }
}

function stroke(context, path, width, colour) {
  context.lineCap = context.lineJoin = "round";
  context.lineWidth = width;
  context.strokeStyle = colour;
  context.stroke(path);
}

function outline(context, path, width, colour) {
  stroke(context, path, width + 2, SHADE);
  stroke(context, path, width, colour);
}
