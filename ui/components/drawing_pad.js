/* ---- DrawingPad ----------------------------------------------------------------------------- */

const LINE_WIDTH = 3;
const MIN_STEP = 2; // pixels between the stored corners of a stroke

const pad = { strokes: null, example: false, limits: [-1, 1], pen: null, past: [] };
const canvas = find("canvas");
const picture = new Picture(canvas, draw);

canvas.addEventListener("pointerdown", startStroke);
canvas.addEventListener("pointermove", goOn);
canvas.addEventListener("pointerup", endStroke);
canvas.addEventListener("pointercancel", endStroke);
find(".clear").addEventListener("click", clear);
find(".undo").addEventListener("click", undo);
element.addEventListener("keydown", undoByKey);
receive(load);

function load(payload) {
  if (pad.strokes) remember();
  pad.limits = payload.limits;
  pad.strokes = payload.strokes;
  pad.example = payload.example;
  show();
}

function show() {
  element.dataset.strokes = pad.strokes.length;
  find(".clear").disabled = pad.strokes.length === 0;
  find(".undo").disabled = pad.past.length === 0;
  find(".hint").textContent = pad.example ? say("drawing.example") : say("drawing.own");
  picture.redraw();
}

function axesNow() {
  const { width, height } = picture.size;
  return new Axes({ left: 0, top: 0, width, height }, pad.limits, pad.limits);
}

function startStroke(event) {
  if (event.button !== 0 || pad.pen !== null || !pad.strokes) return; // one finger draws
  canvas.setPointerCapture(event.pointerId);
  pad.pen = event.pointerId;
  remember();
  pad.strokes = pad.example ? [[]] : [...pad.strokes, []];
  pad.example = false;
  addCorner(event);
}

function goOn(event) {
  if (event.pointerId !== pad.pen) return;
  const [x, y] = pad.last;
  if (Math.hypot(event.offsetX - x, event.offsetY - y) >= MIN_STEP) addCorner(event);
}

function addCorner(event) {
  pad.last = [event.offsetX, event.offsetY];
  const { x, y } = axesNow().invert(...pad.last);
  pad.strokes.at(-1).push(x, y);
  show();
}

function endStroke(event) {
  if (event.pointerId !== pad.pen) return;
  pad.pen = null;
  tell();
}

function clear() {
  remember();
  pad.strokes = [];
  pad.example = false;
  tell();
}

/** Keep what the next change can be undone to. */
function remember() {
  pad.past.push({ strokes: pad.strokes, example: pad.example });
}

function undo() {
  if (pad.pen !== null || pad.past.length === 0) return;
  Object.assign(pad, pad.past.pop());
  tell();
}

function undoByKey(event) {
  const wanted = (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "z";
  if (!wanted) return;
  event.preventDefault();
  undo();
}

function tell() {
  show();
  if (pad.strokes.length) send("draw", { strokes: pad.strokes });
  else trigger("clear");
}

function draw(context, _width, _height, palette) {
  const axes = axesNow();
  axes.drawBackground(context, palette);
  context.lineCap = context.lineJoin = "round";
  context.lineWidth = LINE_WIDTH;
  context.strokeStyle = pad.example ? palette.subdued : palette.point;
  context.setLineDash(pad.example ? [2, 8] : []);
  context.beginPath();
  for (const stroke of pad.strokes ?? []) {
    context.moveTo(axes.x(stroke[0]), axes.y(stroke[1]));
    for (let i = 0; i < stroke.length; i += 2) context.lineTo(axes.x(stroke[i]), axes.y(stroke[i + 1]));
  }
  context.stroke();
  context.setLineDash([]);
}
