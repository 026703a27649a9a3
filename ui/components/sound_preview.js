/* ---- What is designed, at once: until the server's exact sound comes -------------------------- */

const PREVIEW_AFTER = 40; // milliseconds: changes meanwhile are taken together
const WINDOW_SECONDS = 1200 / 22050; // of the spectrograms, in synth/features/mel.py
const CONTROL = /^(?:range slider|number input) for /;

let changed = {};
let previewing;

document.addEventListener("input", onChange);

/** A slider of this section moves, or a bar of its pad. */
function onChange({ target, detail }) {
  if (!element.isConnected) return document.removeEventListener("input", onChange);
  if (!shown.payload?.design || !isShown() || !besideThis(target)) return;
  const label = target.getAttribute?.("aria-label") ?? "";
  const name = shown.payload.design.controls[label.replace(CONTROL, "")];
  if (detail?.amplitudes) changed.amplitudes = detail.amplitudes;
  else if (name && isInRange(target)) changed[name] = Number(target.value);
  else return;
  previewing ??= setTimeout(showPreview, PREVIEW_AFTER);
}

/** A number that is typed may still lack its digits. */
function isInRange({ value, validity }) {
  return value !== "" && !validity.rangeUnderflow && !validity.rangeOverflow;
}

function besideThis(target) {
  const panel = (node) => node.closest?.('[role="tabpanel"]');
  return panel(target) === panel(element);
}

function showPreview() {
  previewing = undefined;
  const preview = previewOf({ ...shown.payload.design, ...changed });
  if (!preview) return;
  shown.preview = preview;
  element.dataset.preview = "true";
  redraw();
  // Heard only after a first press on Listen; it ends by itself, as every sound does.
  if (speaker.output) listen();
}

function endPreview() {
  clearTimeout(previewing);
  [previewing, changed, shown.preview] = [undefined, {}, undefined];
  delete element.dataset.preview;
}

/** A view like those of the server, as loud as the sound before; nothing if it is silent. */
function previewOf(design) {
  const { sample_rate: rate, zoom_seconds: zoom } = shown.payload;
  const exact = shown.views[shown.view];
  const raw = synthesise(design, rate);
  const peak = peakOf(raw);
  if (!(peak > 0)) return undefined;
  const gain = Math.min(rootMeanSquare(exact.sounds.values) / rootMeanSquare(raw), 1 / peak);
  const sounds = Float32Array.from(raw, (sample) => gain * sample);
  const sines = sinesOf(design, rate);
  const pictures = {};
  for (const name in exact.pictures) {
    pictures[name] = exact.pictures[name].drawn(sines, design, rate);
  }
  return {
    peak: gain * peak,
    sounds: oneRow(sounds),
    zoom: oneRow(sounds.subarray(0, Math.round(zoom * rate))),
    whole: oneRow(lowestAndHighest(sounds, exact.whole.shape[1])),
    spectra: oneRow(spectrumOf(sines, exact.spectra.shape[1], design.duration, rate)),
    pictures,
  };
}

function oneRow(values) {
  return { values, shape: [1, values.length] };
}

function peakOf(samples) {
  return samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
}

function rootMeanSquare(samples) {
  return Math.sqrt(samples.reduce((sum, sample) => sum + sample ** 2, 0) / samples.length);
}

function lowestAndHighest(samples, columns) {
  const ends = new Float32Array(2 * columns);
  for (let k = 0; k < columns; k++) {
    const [from, to] = [k, k + 1].map((edge) => Math.floor((edge * samples.length) / columns));
    const part = samples.subarray(from, Math.max(to, from + 1));
    ends.set([Math.min(...part), Math.max(...part)], 2 * k);
  }
  return ends;
}

/** In dB below the loudest, in bins that are even on the mel scale. */
function spectrumOf(sines, bins, seconds, rate) {
  const top = toMel(rate / 2);
  const edges = Array.from({ length: bins + 1 }, (_, i) => toHertz((i / bins) * top));
  const seen = amplitudesBetween(edges, sines, seconds);
  const loudest = peakOf(seen);
  const [floor] = shown.payload.decibels;
  return seen.map((each) => Math.max(20 * Math.log10(each / loudest), floor));
}
