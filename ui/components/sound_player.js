/* ---- SoundPlayer ---------------------------------------------------------------------------- */

const SPECTRUM = "spectrum"; // the picture that every sound has

const shown = { views: {}, view: "", before: "", picture: "", chosen: {}, stage: "" };
const stages = props.stages && stagesOf(element.closest(".block").id);
const unpacked = new WeakMap(); // the views of a payload, and the step at which it was left
const wave = new Picture(find(".wave"), drawWave);
const picture = new Picture(find(".spectrum"), drawPicture);
const waveProbe = new Probe(wave, readWave);
const pictureProbe = new Probe(picture, readPicture);
const swapButton = find(".swap");
element.addEventListener("keydown", key); // before the transport's, which leaves what is taken
const transport = new Transport({ onframe: redraw, onlabel: step, onplay: playThrough, onpause });
const zoomToggle = bindToggle("zoom", redraw);
const partialsToggle = bindToggle("partials", redraw);
const residualToggle = bindToggle("residual", () => {
  step(transport.label);
  redraw();
});

swapButton.addEventListener("click", swapViews);
find(".ramp").style.background = RAMP;
if (stages) followStages();
else receive(load);

/* ---- Values --------------------------------------------------------------------------------- */

function followStages() {
  const views = find(".sides");
  for (const name of props.stages) {
    const own = views.cloneNode(true); // so that the view of each stage is in the address
    own.dataset.of = name;
    own.dataset.name = "View of " + name;
    own.firstElementChild.textContent = say("sound.view_of", { stage: viewInWords(name) });
    views.before(own);
  }
  views.remove();
  find(".stages").hidden = false;
  stages.hear = (name) => {
    if (stages.payloads[name]) offerViews(name, stages.payloads[name]);
    if (name === shown.stage) setStage(name);
  };
  setStage(showViews(find(".stages fieldset"), props.stages, "", setStage));
}

/** A sound under way goes on at its position in the other stage. */
function setStage(name) {
  shown.stage = element.dataset.stage = name;
  const payload = stages.payloads[name];
  if (!payload) unload();
  present(payload, load);
}

function unload() {
  speaker.stop();
  shown.views = {};
  listenButton.disabled = saveButton.disabled = true;
  redraw();
}

function load(payload) {
  endPreview();
  shown.payload = payload;
  const { views, left } = recall(payload);
  shown.views = views;
  const names = Object.keys(views);
  const milliseconds = Math.round(1000 * payload.zoom_seconds);
  find(".zoom-label").textContent = say("sound.first", { milliseconds });
  find(".low").textContent = rounded(payload.decibels[0], 0) + " dB";
  find(".high").textContent = rounded(payload.decibels[1], 0);
  partialsToggle.parentElement.hidden = !payload.partials.length;
  residualToggle.parentElement.hidden = names.every((name) => !views[name].residual);
  listenButton.disabled = saveButton.disabled = false;
  swapButton.hidden = names.length < 2;
  const keys = [
    say("player.keys"),
    !swapButton.hidden && say("sound.keys.views"),
    !residualToggle.parentElement.hidden && say("sound.keys.residual"),
    stages && say("sound.keys.stages"),
  ];
  find(".stage").setAttribute("aria-label", keys.filter(Boolean).join(", "));
  element.toggleAttribute("data-single", payload.labels.length === 1);
  transport.load(payload.labels, payload.fps);
  offerBlindTest(payload);
  const pictures = [...Object.keys(views[names[0]].pictures), SPECTRUM];
  showPicture(showViews(find(".pictures"), pictures, shown.picture, choosePicture));
  find(".scale").hidden = pictures.length < 2;
  for (const each of element.querySelectorAll(".sides")) each.hidden = true;
  offerViews(shown.stage, payload).hidden = names.length < 2;
  setView(shown.chosen[shown.stage]);
  transport.seek(left ?? payload.opens_at);
  wave.paint();
  picture.paint();
}

function recall(payload) {
  if (!unpacked.has(payload)) {
    const views = {};
    for (const name in payload.views) views[name] = unpackView(payload.views[name]);
    unpacked.set(payload, { views });
  }
  return unpacked.get(payload);
}

function unpackView(view) {
  const found = { peak: view.peak, pictures: {} };
  for (const name of ["sounds", "zoom", "whole", "spectra"]) found[name] = unpack(view[name]);
  for (const name in view.pictures) found.pictures[name] = new Spectrograms(view.pictures[name]);
  found.residual = view.residual && unpackView(view.residual);
  return found;
}

/* ---- Stages, views, pictures ---------------------------------------------------------------- */

/** Radio buttons for the views of a stage, shown or not: a link may name one of them. */
function offerViews(stage, payload) {
  const all = [...element.querySelectorAll(".sides")];
  const own = all.find((each) => !stages || each.dataset.of === stage);
  const pick = (view) => {
    shown.chosen[stage] = view;
    if (stage === shown.stage) setView(view);
  };
  shown.chosen[stage] = showViews(own, Object.keys(payload.views), shown.chosen[stage], pick);
  own.hidden ||= stage !== shown.stage;
  return own;
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
  choose(".sides", names.includes(shown.before) ? shown.before : after(names, shown.view));
}

function after(names, name) {
  return names[(names.indexOf(name) + 1) % names.length];
}

/** Press a radio button, so that the page hears of it too. */
function choose(fieldset, value) {
  const inputs = [...element.querySelectorAll(fieldset + ":not([hidden]) input")];
  inputs.find((input) => input.value === value).click();
}

function choosePicture(name) {
  showPicture(name);
  step(transport.label);
  redraw();
}

function showPicture(name) {
  shown.picture = element.dataset.picture = name;
  find(".scale").style.visibility = name === SPECTRUM ? "hidden" : "visible";
}

function key(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || !viewNow()) return;
  const name = Object.keys(shown.views)[Number(event.key) - 1];
  const single = transport.last === 0 && !event.target.closest("button, input:not([type=range])");
  const letter = event.key.toLowerCase();
  if (name && !swapButton.hidden) choose(".sides", name);
  else if (letter === "b" && !swapButton.hidden) swapViews();
  else if (letter === "r" && !residualToggle.parentElement.hidden) residualToggle.click();
  else if (letter === "s" && stages) choose(".stages", after(props.stages, shown.stage));
  else if (event.key === " " && single) toggleListening();
  else return;
  event.preventDefault();
}

/** The part of an array that belongs to the present step. */
function row({ values, shape }) {
  const length = values.length / shape[0];
  return values.subarray(transport.frame * length, (transport.frame + 1) * length);
}

/** What is designed just now; or else the view, or what it lacks of the original. */
function viewNow() {
  if (shown.preview) return shown.preview;
  const view = shown.views[shown.view];
  return (showsResidual() && view.residual) || view;
}

function showsResidual() {
  return residualToggle.checked && Boolean(shown.views[shown.view]?.residual);
}

function redraw() {
  wave.redraw();
  picture.redraw();
}

function heardInWords() {
  const view = viewInWords(shown.view);
  return showsResidual() ? say("sound.residual_of", { view }) : view;
}

/** A new step or view: name it, and if a sound is under way, hear it from here on. */
function step(label) {
  if (!viewNow()) return;
  unpacked.get(shown.payload).left = transport.frame;
  if (stages) stages.steps[shown.stage] = transport.frame;
  const name = [shown.payload.alt, heardInWords(), label].filter(Boolean).join(", ");
  const kind = viewInWords(shown.picture);
  wave.canvas.setAttribute("aria-label", say("sound.wave", { name }));
  picture.canvas.setAttribute("aria-label", 
    kind[0].toUpperCase() + kind.slice(1) + ": " + name + partialsInWords());
  hearStep();
}
