/* ---- SoundPlayer ---------------------------------------------------------------------------- */

const METER_RESTS = 1e-4; // root mean square, below which the meter rests
const SPECTRUM = "spectrum"; // the picture that every sound has

const shown = { views: {}, view: "", before: "", picture: SPECTRUM };
const wave = new Picture(find(".wave"), drawWave);
const picture = new Picture(find(".spectrum"), drawPicture);
const waveProbe = new Probe(wave, readWave);
const pictureProbe = new Probe(picture, readPicture);
const listenButton = find(".listen");
const saveButton = find(".save");
const swapButton = find(".swap");
const speaker = new Speaker(showSilence);
element.addEventListener("keydown", key); // before the transport's, which leaves what is taken
const transport = new Transport({ onframe: redraw, onlabel: step, onplay: playThrough, onpause });
const zoomToggle = bindToggle("zoom", redraw);
const loopToggle = bindToggle("loop", () => speaker.setLoop(loopToggle.checked));
const volume = find('[name="volume"]');

volume.addEventListener("input", () => speaker.setVolume(loudness()));
listenButton.addEventListener("click", toggleListening);
saveButton.addEventListener("click", save);
swapButton.addEventListener("click", swapViews);
find(".ramp").style.background = RAMP;
speaker.setVolume(loudness());
element.dataset.level = "0";
element.dataset.listening = "false";
receive(load);

function load(payload) {
  shown.payload = payload;
  shown.views = {};
  for (const name in payload.views) shown.views[name] = unpackView(payload.views[name]);
  const names = Object.keys(shown.views);
  const milliseconds = Math.round(1000 * payload.zoom_seconds);
  find(".zoom-label").textContent = "first " + milliseconds + " ms";
  find(".low").textContent = rounded(payload.decibels[0], 0) + " dB";
  find(".high").textContent = rounded(payload.decibels[1], 0);
  listenButton.disabled = saveButton.disabled = false;
  swapButton.hidden = names.length < 2;
  const more = swapButton.hidden ? "" : ", B goes to the view before and back, digits choose a view";
  find(".stage").setAttribute("aria-label", "Space plays, arrow keys step" + more);
  element.toggleAttribute("data-single", payload.labels.length === 1);
  transport.load(payload.labels, payload.fps);
  const pictures = [SPECTRUM, ...Object.keys(shown.views[names[0]].pictures)];
  showPicture(showViews(find(".pictures"), pictures, shown.picture, choosePicture));
  find(".scale").hidden = pictures.length < 2;
  setView(showViews(find(".views"), names, shown.view, setView));
  transport.seek(transport.last);
  wave.paint();
  picture.paint();
}

function unpackView(view) {
  const unpacked = { peak: view.peak, pictures: {} };
  for (const name of ["sounds", "zoom", "whole", "spectra"]) unpacked[name] = unpack(view[name]);
  for (const name in view.pictures) unpacked.pictures[name] = new Spectrograms(view.pictures[name]);
  return unpacked;
}

function setView(name) {
  if (name !== shown.view) shown.before = shown.view;
  shown.view = element.dataset.view = name;
  step(transport.label);
  redraw();
}

/** A/B: to the view before and back. A sound under way goes on at its position in the other. */
function swapViews() {
  const names = Object.keys(shown.views);
  const next = names[(names.indexOf(shown.view) + 1) % names.length];
  chooseView(names.includes(shown.before) ? shown.before : next);
}

function chooseView(name) {
  const inputs = [...find(".views").querySelectorAll("input")];
  inputs.find((input) => input.value === name).click(); // so that the page hears of it too
}

/** Over time a picture stands under the same stretch of the wave. */
function choosePicture(name) {
  if (name !== SPECTRUM) zoomToggle.checked = false;
  showPicture(name);
  step(transport.label);
  redraw();
}

function showPicture(name) {
  shown.picture = element.dataset.picture = name;
  find(".scale").style.visibility = name === SPECTRUM ? "hidden" : "visible";
}

function key(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const name = Object.keys(shown.views)[Number(event.key) - 1];
  const single = transport.last === 0 && !event.target.closest("button, input:not([type=range])");
  if (name) chooseView(name);
  else if (event.key.toLowerCase() === "b" && !swapButton.hidden) swapViews();
  else if (event.key === " " && single && shown.payload) toggleListening();
  else return;
  event.preventDefault();
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
  picture.redraw();
}

/** A new step or view: name it, and if a sound is under way, hear it from here on. */
function step(label) {
  if (!viewNow()) return;
  const name = [shown.payload.alt, shown.view, label].filter(Boolean).join(", ");
  const kind = shown.picture[0].toUpperCase() + shown.picture.slice(1);
  wave.canvas.setAttribute("aria-label", "Wave: " + name);
  picture.canvas.setAttribute("aria-label", kind + ": " + name);
  if (!speaker.playing) return;
  speaker.swap(...soundNow());
  announce();
}

/** The present step, under a name that tells it from the others. */
function save() {
  const { file_name: name, labels, sample_rate: rate } = shown.payload;
  const view = Object.keys(shown.views).length > 1 ? "-" + shown.view : "";
  const step = labels.length > 1 ? "-step-" + transport.frame : "";
  const plain = (name + view + step).replace(/[\s:,/]+/g, "-");
  saveFile(wavFile(withEdges(row(viewNow().sounds), rate), rate), plain + ".wav");
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
  const rests = level < METER_RESTS && !speaker.playing;
  element.dataset.level = rests ? "0" : level.toFixed(4);
  // 60 dB fit on the meter.
  const height = rests ? 0 : clamp(1 + Math.log10(Math.max(level, METER_RESTS)) / 3, 0, 1);
  find(".level").style.transform = "scaleX(" + height.toFixed(3) + ")";
  redraw();
  const goesOn = !rests && element.isConnected;
  shown.metering = goesOn ? requestAnimationFrame(meter) : undefined;
}
