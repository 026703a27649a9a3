/* ---- SpectrumPad ---------------------------------------------------------------------------- */

const STEP = 0.05;
const STEPS = { ArrowUp: STEP, ArrowDown: -STEP, PageUp: 4 * STEP, PageDown: -4 * STEP };
const MOVES = { ArrowLeft: -1, ArrowRight: 1 };
const ENDS = { Home: 0, End: 1 };

const pad = { amplitudes: [], frequencies: [], chosen: 0, pen: null };
const canvas = find("canvas");
const picture = new Picture(canvas, draw);

canvas.addEventListener("pointerdown", startStroke);
canvas.addEventListener("pointermove", goOn);
canvas.addEventListener("pointerup", endStroke);
canvas.addEventListener("pointercancel", endStroke);
canvas.addEventListener("keydown", onKey);
find(".even").addEventListener("click", makeEven);
receive(load);

function load(payload) {
  pad.amplitudes = [...payload.amplitudes];
  pad.frequencies = payload.frequencies;
  choose(pad.chosen);
  picture.paint();
}

/** Name the chosen bar and its height, to eyes and to screen readers. */
function choose(index) {
  pad.chosen = clamp(index, 0, pad.amplitudes.length - 1);
  const [amplitude, hertz] = [pad.amplitudes[pad.chosen], pad.frequencies[pad.chosen]];
  const place = hertz === undefined ? say("spectrum.silent") : Math.round(hertz) + " Hz";
  const text = say("spectrum.partial", {
    number: pad.chosen + 1, place, amplitude: amplitude.toFixed(2),
  });
  canvas.setAttribute("aria-valuenow", amplitude.toFixed(2));
  canvas.setAttribute("aria-valuetext", text);
  find(".readout").textContent = text;
  find(".even").disabled = pad.amplitudes.every((each) => each === 1);
  element.dataset.amplitudes = pad.amplitudes.map((each) => each.toFixed(2)).join(" ");
  picture.redraw();
}

function set(index, amplitude) {
  pad.amplitudes[index] = Number(clamp(amplitude, 0, 1).toFixed(3));
  choose(index);
  const detail = { amplitudes: [...pad.amplitudes] };
  canvas.dispatchEvent(new CustomEvent("input", { bubbles: true, detail })); // for a preview
}

function sendBars() {
  send("draw", { amplitudes: pad.amplitudes });
}

function makeEven() {
  pad.amplitudes.fill(1);
  choose(pad.chosen);
  send("draw", { amplitudes: [] });
}

/* ---- Mouse, pen, finger --------------------------------------------------------------------- */

function axesNow() {
  const { width, height } = picture.size;
  const box = { left: 36, top: 8, width: width - 44, height: height - 34, marginRight: 8 };
  return new Axes(box, [0.5, pad.amplitudes.length + 0.5], [0, 1]);
}

/** The bar under the pen, and the height there. */
function place(event) {
  const { x, y } = axesNow().invert(event.offsetX, event.offsetY);
  return { index: clamp(Math.round(x) - 1, 0, pad.amplitudes.length - 1), amplitude: y };
}

function startStroke(event) {
  if (event.button !== 0 || pad.pen !== null || !pad.amplitudes.length) return;
  canvas.setPointerCapture(event.pointerId);
  pad.pen = event.pointerId;
  pad.last = place(event);
  set(pad.last.index, pad.last.amplitude);
}

/** A fast pen passes bars between two events: they go on the line between them. */
function goOn(event) {
  if (event.pointerId !== pad.pen) return;
  const [from, to] = [pad.last, place(event)];
  const bars = to.index - from.index;
  for (let i = 1; i < Math.abs(bars); i++) {
    const fraction = i / Math.abs(bars);
    set(from.index + i * Math.sign(bars), from.amplitude + fraction * (to.amplitude - from.amplitude));
  }
  set(to.index, to.amplitude);
  pad.last = to;
}

function endStroke(event) {
  if (event.pointerId !== pad.pen) return;
  pad.pen = null;
  sendBars();
}

/* ---- Keyboard ------------------------------------------------------------------------------- */

function onKey(event) {
  const { key } = event;
  if (!pad.amplitudes.length || event.ctrlKey || event.altKey || event.metaKey) return;
  if (key in MOVES) {
    choose(pad.chosen + MOVES[key]);
  } else if (key in STEPS || key in ENDS) {
    set(pad.chosen, key in ENDS ? ENDS[key] : pad.amplitudes[pad.chosen] + STEPS[key]);
    sendBars();
  } else {
    return;
  }
  event.preventDefault();
}

/* ---- Drawing -------------------------------------------------------------------------------- */

function draw(context, _width, _height, palette) {
  if (!pad.amplitudes.length) return;
  const axes = axesNow();
  const xTicks = roundTicks(0, pad.amplitudes.length, Math.min(10, pad.amplitudes.length));
  const yTicks = roundTicks(0, 1, 2);
  const first = { value: 1, text: "1" };
  const numbers = xTicks.filter(({ value }) => value >= 1 && value % 1 === 0);
  axes.drawBackground(context, palette);
  axes.drawGrid(context, palette, [], yTicks);
  axes.drawLabels(context, palette, numbers[0]?.value === 1 ? numbers : [first, ...numbers], yTicks);
  const room = axes.width / pad.amplitudes.length;
  const bar = Math.min(0.72 * room, 40);
  pad.amplitudes.forEach((amplitude, i) => {
    const sounds = i < pad.frequencies.length;
    const chosen = i === pad.chosen;
    const top = axes.y(amplitude);
    context.globalAlpha = sounds ? 1 : 0.3;
    context.fillStyle = chosen ? palette.accent : palette.point;
    context.fillRect(axes.x(i + 1) - bar / 2, top - 1, bar, axes.bottom - top + 1);
  });
  context.globalAlpha = 1;
  axes.drawBorder(context, palette);
}
