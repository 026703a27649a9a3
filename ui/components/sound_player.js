/* ---- SoundPlayer ---------------------------------------------------------------------------- */

const SILENCE = 1e-4; // below this level the meter rests

const shown = { views: {}, view: "" };
const wave = new Picture(find(".wave"), drawWave);
const spectrum = new Picture(find(".spectrum"), drawSpectrum);
const listenButton = find(".listen");
const saveButton = find(".save");
const speaker = new Speaker(showSilence);
const transport = new Transport({ onframe: redraw, onlabel: step, onplay: playThrough, onpause });
const zoomToggle = bindToggle("zoom", redraw);
const loopToggle = bindToggle("loop", () => speaker.setLoop(loopToggle.checked));
const volume = find('[name="volume"]');

volume.addEventListener("input", () => speaker.setVolume(loudness()));
listenButton.addEventListener("click", toggleListening);
saveButton.addEventListener("click", save);
speaker.setVolume(loudness());
element.dataset.level = "0";
element.dataset.listening = "false";
receive(load);

function load(payload) {
  shown.payload = payload;
  shown.views = {};
  for (const name in payload.views) shown.views[name] = unpackView(payload.views[name]);
  const milliseconds = Math.round(1000 * payload.zoom_seconds);
  find(".zoom-label").textContent = "first " + milliseconds + " ms";
  listenButton.disabled = saveButton.disabled = false;
  element.toggleAttribute("data-single", payload.labels.length === 1);
  transport.load(payload.labels, payload.fps);
  setView(showViews(find(".views"), Object.keys(shown.views), shown.view, setView));
  transport.seek(transport.last);
  wave.paint();
  spectrum.paint();
}

function unpackView(view) {
  const unpacked = { peak: view.peak };
  for (const name of ["sounds", "zoom", "whole", "spectra"]) unpacked[name] = unpack(view[name]);
  return unpacked;
}

function setView(name) {
  shown.view = element.dataset.view = name;
  step(transport.label);
  redraw();
}

/** The part of an array that belongs to the present step. */
function row({ values, shape }) {
  const length = values.length / shape[0];
  return values.subarray(transport.frame * length, (transport.frame + 1) * length);
}

function viewNow() {
  return shown.views[shown.view];
}

/** Nearer than the slider itself to how loudness is felt. */
function loudness() {
  return Number(volume.value) ** 2;
}

function redraw() {
  wave.redraw();
  spectrum.redraw();
}

/** A new step or view: name it, and if a sound is under way, hear it from here on. */
function step(label) {
  if (!viewNow()) return;
  const name = [shown.payload.alt, shown.view, label].filter(Boolean).join(", ");
  wave.canvas.setAttribute("aria-label", "Wave: " + name);
  spectrum.canvas.setAttribute("aria-label", "Spectrum: " + name);
  if (!speaker.playing) return;
  speaker.swap(...soundNow());
  announce();
}

/** The present step, under a name that tells it from the others. */
function save() {
  const { file_name: name, labels, sample_rate: rate } = shown.payload;
  const step = labels.length > 1 ? "-" + shown.view + "-step-" + transport.frame : "";
  saveFile(wavFile(row(viewNow().sounds), rate), name + step + ".wav");
}

/* ---- Listening ------------------------------------------------------------------------------ */

/** What to play: while the steps run, each goes on until the next. */
function soundNow() {
  const loop = loopToggle.checked || Boolean(transport.playing);
  return [row(viewNow().sounds), shown.payload.sample_rate, loop];
}

function toggleListening() {
  if (speaker.playing) {
    transport.pause("button");
    speaker.stop();
  } else {
    listen();
  }
}

function listen() {
  speaker.start(...soundNow());
  element.dataset.listening = "true";
  find(".word").textContent = "Stop";
  announce();
  document.addEventListener("visibilitychange", stopIfHidden);
  shown.metering ??= requestAnimationFrame(meter);
}

function announce() {
  const step = [shown.view, transport.label].filter(Boolean).join(", ");
  find(".status").textContent = "Playing " + step;
}

function playThrough() {
  if (speaker.playing) speaker.setLoop(true);
  else listen();
}

/** A press on pause means now; the last step, which all led to, is heard once in full. */
function onpause(why) {
  if (why === "button" || why === "hidden") speaker.stop();
  else if (why === "end" && speaker.playing) speaker.restart(...soundNow());
  else speaker.setLoop(loopToggle.checked);
}

function showSilence() {
  transport.pause("silence");
  element.dataset.listening = "false";
  find(".word").textContent = "Listen";
  find(".status").textContent = "Stopped";
  document.removeEventListener("visibilitychange", stopIfHidden);
}

function stopIfHidden() {
  if (document.hidden || !isShown()) speaker.stop();
}

/** Measure until the last of the sound has passed. */
function meter() {
  stopIfHidden();
  const level = speaker.level();
  const rests = level < SILENCE && !speaker.playing;
  element.dataset.level = rests ? "0" : level.toFixed(4);
  // 60 dB fit on the meter.
  const height = rests ? 0 : clamp(1 + Math.log10(Math.max(level, SILENCE)) / 3, 0, 1);
  find(".level").style.transform = "scaleX(" + height.toFixed(3) + ")";
  wave.redraw();
  const goesOn = !rests && element.isConnected;
  shown.metering = goesOn ? requestAnimationFrame(meter) : undefined;
}

/* ---- Drawing -------------------------------------------------------------------------------- */

function boxOf(width, height) {
  return { left: 48, top: 6, width: width - 56, height: height - 32, marginRight: 8 };
}

function drawWave(context, width, height, palette) {
  const view = viewNow();
  if (!view) return;
  const zoomed = zoomToggle.checked;
  const seconds = zoomed ? shown.payload.zoom_seconds : wholeSeconds(view);
  const milliseconds = seconds < 0.5;
  const axes = new Axes(boxOf(width, height), [0, seconds * (milliseconds ? 1000 : 1)],
                        [-1.05 * view.peak, 1.05 * view.peak]);
  drawFrame(context, axes, palette, milliseconds ? "ms" : "s", "");
  context.save();
  axes.clip(context);
  context.strokeStyle = context.fillStyle = palette.point;
  context.lineWidth = 1.6;
  context.lineJoin = "round";
  if (zoomed) strokeLine(context, axes, row(view.zoom));
  else fillBand(context, axes, row(view.whole));
  if (speaker.playing) drawCursor(context, axes, palette, seconds);
  context.restore();
}

function wholeSeconds(view) {
  return view.sounds.shape[1] / shown.payload.sample_rate;
}

function drawSpectrum(context, width, height, palette) {
  const view = viewNow();
  if (!view) return;
  const { max_frequency: top, decibels } = shown.payload;
  const axes = new Axes(boxOf(width, height), [0, top / 1000], decibels);
  drawFrame(context, axes, palette, "kHz", "dB");
  const levels = row(view.spectra);
  context.strokeStyle = context.fillStyle = palette.point;
  context.lineWidth = 1.4;
  context.lineJoin = "round";
  context.save();
  axes.clip(context);
  strokeLine(context, axes, levels);
  context.lineTo(axes.left + axes.width, axes.bottom);
  context.lineTo(axes.left, axes.bottom);
  context.globalAlpha = 0.2;
  context.fill();
  context.restore();
}

function drawFrame(context, axes, palette, xUnit, yUnit) {
  const xTicks = roundTicks(...axes.xLimits, axes.width / 75);
  const yTicks = roundTicks(...axes.yLimits, axes.height / 32);
  xTicks.at(-1).text += " " + xUnit;
  if (yUnit) yTicks.at(-1).text += " " + yUnit;
  axes.drawBackground(context, palette);
  axes.drawGrid(context, palette, xTicks, yTicks);
  axes.drawLabels(context, palette, xTicks, yTicks);
  axes.drawBorder(context, palette);
}

/** A line through values that lie evenly from the left to the right edge. */
function strokeLine(context, axes, values) {
  context.beginPath();
  for (let i = 0; i < values.length; i++) {
    context.lineTo(axes.left + (i / (values.length - 1)) * axes.width, axes.y(values[i]));
  }
  context.stroke();
}

/** The band between the lowest and the highest value of each column (low, high, low, high, …). */
function fillBand(context, axes, ends) {
  const columns = ends.length / 2;
  const x = (column) => axes.left + ((column + 0.5) / columns) * axes.width;
  context.beginPath();
  for (let k = 0; k < columns; k++) context.lineTo(x(k), axes.y(ends[2 * k]) + 0.5);
  for (let k = columns - 1; k >= 0; k--) context.lineTo(x(k), axes.y(ends[2 * k + 1]) - 0.5);
  context.fill();
}

/** Where the sound is; in the zoom it passes at once, so there it would only flicker. */
function drawCursor(context, axes, palette, seconds) {
  if (zoomToggle.checked) return;
  const x = axes.left + (speaker.position(speaker.duration) / seconds) * axes.width;
  context.fillStyle = palette.accent;
  context.fillRect(x - 1, axes.top, 2, axes.height);
}
