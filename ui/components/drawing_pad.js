/* ---- DrawingPad ----------------------------------------------------------------------------- */

const LINE_WIDTH = 3;
const MIN_STEP = 2; // pixels between the stored corners of a stroke

const pad = { strokes: [], limits: [-1, 1], pen: null };
const canvas = find("canvas");
const picture = new Picture(canvas, draw);

canvas.addEventListener("pointerdown", startStroke);
canvas.addEventListener("pointermove", goOn);
canvas.addEventListener("pointerup", endStroke);
canvas.addEventListener("pointercancel", endStroke);
find(".clear").addEventListener("click", clear);
receive(load);

function load(payload) {
  pad.limits = payload.limits;
  pad.strokes = payload.strokes;
  show();
}

function show() {
  element.dataset.strokes = pad.strokes.length;
  find(".clear").disabled = pad.strokes.length === 0;
  picture.redraw();
}

function axesNow() {
  const { width, height } = picture.size;
  return new Axes({ left: 0, top: 0, width, height }, pad.limits, pad.limits);
}

function startStroke(event) {
  if (event.button !== 0 || pad.pen !== null) return; // one finger draws
  canvas.setPointerCapture(event.pointerId);
  pad.pen = event.pointerId;
  pad.strokes = [...pad.strokes, []];
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
  send("draw", { strokes: pad.strokes });
}

function clear() {
  pad.strokes = [];
  show();
}

function draw(context, _width, _height, palette) {
  const axes = axesNow();
  axes.drawBackground(context, palette);
  context.lineCap = context.lineJoin = "round";
  context.lineWidth = LINE_WIDTH;
  context.strokeStyle = palette.point;
  context.beginPath();
  for (const stroke of pad.strokes) {
    context.moveTo(axes.x(stroke[0]), axes.y(stroke[1]));
    for (let i = 0; i < stroke.length; i += 2) context.lineTo(axes.x(stroke[i]), axes.y(stroke[i + 1]));
  }
  context.stroke();
}
