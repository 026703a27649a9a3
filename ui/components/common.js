"use strict";

/* Common to all players: this file, axes.js and transport.js stand in front of each one's own file.
   Together they are the body of a function that Gradio calls once per mount, with
   element, trigger, props, server, upload and watch. */

/* ---- Arrays, as ui/components/base.py packed them ------------------------------------------- */

const CODES = { uint8: Uint8Array, uint16: Uint16Array, int16: Int16Array, float32: Float32Array };

function decodeBase64(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

function unpackCodes(packed) {
  return new CODES[packed.dtype](decodeBase64(packed.base64).buffer);
}

/** The values of a packed array (or null), and its shape. */
function unpack(packed) {
  if (!packed) return null;
  const { offset, scale, shape } = packed;
  const codes = unpackCodes(packed);
  const values = new Float32Array(codes.length);
  for (let i = 0; i < codes.length; i++) values[i] = offset + scale * codes[i];
  return { values, shape };
}

/* ---- Events --------------------------------------------------------------------------------- */

const sent = {};

/** Tell Python. While a listener is busy, Gradio keeps one event for later and repeats the data of
    the one before it: so all events of a name hand over one object, which holds the latest. */
function send(name, data) {
  sent[name] = Object.assign(sent[name] ?? {}, data);
  trigger(name, sent[name]);
}

/* ---- The page ------------------------------------------------------------------------------- */

const find = (selector) => element.querySelector(selector);
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
const wantsStillness = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** False once the component was removed, and while its tab is not the selected one. */
const isShown = () => element.isConnected && element.getClientRects().length > 0;

function readPalette() {
  const style = getComputedStyle(element);
  const colour = (name) => style.getPropertyValue(name).trim();
  return {
    font: style.fontFamily,
    size: Number.parseFloat(style.fontSize),
    text: colour("--body-text-color"),
    subdued: colour("--player-subdued"),
    border: colour("--border-color-primary"),
    grid: colour("--player-grid"),
    plot: colour("--player-plot"),
    data: colour("--player-data"),
    point: colour("--player-point"),
    accent: colour("--player-accent"),
  };
}

/** A canvas that stays sharp, keeps its size in step with the page and its colours with the theme.
    draw(context, width, height, palette) works in CSS pixels. */
class Picture {
  constructor(canvas, draw) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.draw = draw;
    this.palette = readPalette();
    this.sizes = new ResizeObserver(() => this.resize());
    this.sizes.observe(canvas);
    this.theme = new MutationObserver(() => this.recolour());
    this.theme.observe(document.body, { attributeFilter: ["class"] });
  }

  /* There is no unmount hook; but a removed canvas shrinks to nothing, and so ends here. */
  resize() {
    if (!this.canvas.isConnected) return this.release();
    const { width, height } = this.canvas.getBoundingClientRect();
    const ratio = Math.min(devicePixelRatio || 1, 3);
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    this.size = { width, height, ratio };
    this.paint();
  }

  recolour() {
    if (!this.canvas.isConnected) return this.release();
    this.palette = readPalette();
    this.redraw();
  }

  release() {
    this.sizes.disconnect();
    this.theme.disconnect();
  }

  /** Paint before the next frame, however often it is requested. */
  redraw() {
    this.request ??= requestAnimationFrame(() => this.paint());
  }

  paint() {
    cancelAnimationFrame(this.request);
    this.request = undefined;
    if (!this.size?.width) return;
    const { width, height, ratio } = this.size;
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.context.clearRect(0, 0, width, height);
    const { font, size } = this.palette;
    this.context.font = clamp(width / 48, Math.max(12, 0.75 * size), 20) + "px " + font;
    this.draw(this.context, width, height, this.palette);
  }
}

/** Call load(payload) with the present value and every later one.
    Decoding is synchronous: values cannot overtake one another, and need no numbers. */
function receive(load) {
  const update = () => present(props.value, load);
  watch("value", update);
  update();
}

/** Show a payload, or that there is none yet. */
function present(payload, load) {
  const player = find(".player");
  const ready = Boolean(payload?.run);
  if (ready) load(payload);
  // Of several players in a section each has a name of its own.
  player.dataset.kind ??= player.getAttribute("aria-label");
  if (ready && payload.alt) {
    player.setAttribute("aria-label", player.dataset.kind + ": " + payload.alt);
  }
  element.querySelectorAll(".placeholder").forEach((node) => (node.hidden = ready));
  if (ready) element.dataset.run = payload.run;
  else delete element.dataset.run;
}

/** Radio buttons for the views' names; one view needs none. The choice survives new values. */
function showViews(fieldset, names, chosen, onchange) {
  const group = "view-" + Math.random().toString(36).slice(2);
  const current = names.includes(chosen) ? chosen : names[0];
  fieldset.querySelectorAll("label").forEach((label) => label.remove());
  fieldset.hidden = names.length < 2;
  for (const name of names) {
    const input = Object.assign(document.createElement("input"), { type: "radio", name: group });
    input.value = name;
    input.checked = name === current;
    input.addEventListener("change", () => onchange(name));
    const label = document.createElement("label");
    label.append(input, viewInWords(name));
    fieldset.append(label);
  }
  return current;
}

/** A checkbox whose state the drawing reads as .checked. */
function bindToggle(name, onchange) {
  const box = find('[name="' + name + '"]');
  box.addEventListener("change", onchange);
  return box;
}
