/* ---- Listening to the present step and view -------------------------------------------------- */

const METER_RESTS = 1e-4; // root mean square, below which the meter rests

const listenButton = find(".listen");
const saveButton = find(".save");
const speaker = new Speaker(showSilence);
const loopToggle = bindToggle("loop", () => speaker.setLoop(loopToggle.checked));
const volume = find('[name="volume"]');
let metering;

volume.addEventListener("input", () => speaker.setVolume(loudness()));
listenButton.addEventListener("click", toggleListening);
saveButton.addEventListener("click", save);
speaker.setVolume(loudness());
element.dataset.level = "0";
element.dataset.listening = "false";

/** Nearer than the slider itself to how loudness is felt. */
function loudness() {
  return Number(volume.value) ** 2;
}

/** What is heard and saved. The sounds of a value are equally loud; those of all stages are made
    as loud as the stage whose peaks allow least. */
function heardNow() {
  return atOneLoudness(row(viewNow().sounds));
}

function atOneLoudness(samples) {
  const others = Object.values(stages?.payloads ?? {}).filter(Boolean);
  const least = Math.min(shown.payload.loudness, ...others.map((each) => each.loudness));
  const gain = 10 ** ((least - shown.payload.loudness) / 20);
  return gain === 1 ? samples : samples.map((sample) => gain * sample);
}

/** What to play: while the steps run, each goes on until the next. */
function soundNow() {
  const loop = loopToggle.checked || Boolean(transport.playing);
  return [heardNow(), shown.payload.sample_rate, loop];
}

function hearStep() {
  if (speaker.playing) listen();
}

/** The present step, under a name that tells it from the others. */
function save() {
  const { file_name: name, labels, sample_rate: rate } = shown.payload;
  const view = Object.keys(shown.views).length > 1 ? "-" + heardInWords() : "";
  const step = labels.length > 1 ? "-step-" + transport.frame : "";
  const plain = (name + view + step).replace(/[\s:,/]+/g, "-");
  saveFile(wavFile(withEdges(heardNow(), rate), rate), plain + ".wav");
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
  const step = [viewInWords(shown.stage), heardInWords(), transport.label].filter(Boolean).join(", ");
  play(soundNow(), step);
}

/** Play a sound, or go on with it at the position of the one under way. */
function play(sound, words) {
  if (speaker.playing) speaker.swap(...sound);
  else speaker.start(...sound);
  showHearing();
  element.dataset.listening = "true";
  find(".word").textContent = say("player.stop");
  find(".no-sound").hidden = !IOS;
  find(".status").textContent = say("player.playing", { what: words });
  document.addEventListener("visibilitychange", stopIfHidden);
  metering ??= requestAnimationFrame(meter);
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
  find(".word").textContent = say("player.listen");
  find(".status").textContent = say("player.stopped");
  showHearing();
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
  metering = goesOn ? requestAnimationFrame(meter) : undefined;
}
