/* Saving what is seen: pictures, animations, points. Sounds have a button of their own in each player. */

const VIDEO_TYPES = ["video/webm;codecs=vp9", "video/webm", "video/mp4"];
const MAX_VIDEO_WIDTH = 1080; // pixels
const VIDEO_BITS = 8e6; // a second: with the browser's own 2.5e6 points leave shadows
const MAX_FILE_NAME = 120; // characters

/** A button for each file that there is of a section now. */
function savesOf(panel, section, status) {
  const players = [...panel.querySelectorAll("[data-run]:has(.player)")].filter(isSeen);
  const charts = [...panel.querySelectorAll('[role="img"] > svg')].filter(isSeen);
  const saves = [];
  for (const player of players) {
    const id = player.closest(".block").id.replace(/-player$/, "");
    const title = players.length > 1 ? titleOfPlayer(player) : "";
    const called = (kind) => title ? `${title}: ${kind}` : capitalised(kind);
    const name = () => [fileName(section), players.length > 1 && id].filter(Boolean).join("-");
    if (canvasesOf(player).length) saves.push([called(say("saves.picture")), () => savePicture(player, name())]);
    if (moves(player)) saves.push([called(say("saves.animation")), () => saveAnimation(player, name(), status)]);
    const sound = player.querySelector(".save:enabled"); // a player of sounds knows what is heard
    if (sound) saves.push([called(say("saves.sound")), () => sound.click()]);
    if (pointsOf(player)) saves.push([called(say("saves.points")), () => savePoints(player, name())]);
  }
  charts.forEach((chart, i) => {
    const several = charts.length > 1;
    const title = several ? titleOfChart(chart) : say("saves.chart");
    const name = () => `${fileName(section)}-chart${several ? `-${i + 1}` : ""}`;
    saves.push([`${title} (SVG)`, () => saveFile(chartFile(chart), `${name()}.svg`)]);
    saves.push([`${title} (PNG)`, () => saveChart(chart, name())]);
  });
  return saves.map(([text, act]) => handOnButton(text, status, act));
}

/** As the section calls it: by the heading right above it, or else by its kind. */
function titleOfPlayer(player) {
  const heading = player.closest(".block").previousElementSibling?.querySelector("h3, h4");
  return heading ? heading.textContent.split(":")[0] : player.querySelector(".player").dataset.kind;
}

/** What it shows, as its description begins. */
function titleOfChart(chart) {
  return chart.parentElement.getAttribute("aria-label").split(/[:.] /)[0];
}

const capitalised = (text) => text[0].toUpperCase() + text.slice(1);

const isSeen = (node) => node.checkVisibility();

/** What is inside, from the link to it: the section, what differs from the defaults, and the seed. */
function fileName(section) {
  const query = new URLSearchParams(viewNow(section));
  for (const name of ["tab", "title"]) query.delete(name);
  if (LINKED_CONTROLS[section].defaults.seed !== undefined && !query.has("seed")) query.set("seed", 0);
  const parts = [...query].filter(([key]) => !isChoice(key)).map(([key, value]) => `${key}-${value}`);
  const name = [section, ...parts].join("-").replace(/[^\p{L}\p{N}._-]+/gu, "-");
  return name.slice(0, MAX_FILE_NAME);
}

/* ---- Pictures ----------------------------------------------------------------------------------- */

const canvasesOf = (player) =>
  [...player.querySelectorAll("canvas")].filter((canvas) => isSeen(canvas) && canvas.width);

const pageColour = (node) => getComputedStyle(node).getPropertyValue("--body-background-fill");

/** All canvases of a player as they stand beside one another, on the page's colour. */
function composed(player, maxWidth = Infinity) {
  const canvases = canvasesOf(player);
  const boxes = canvases.map((canvas) => canvas.getBoundingClientRect());
  const [left, top] = ["left", "top"].map((side) => Math.min(...boxes.map((box) => box[side])));
  const [right, bottom] = ["right", "bottom"].map((side) => Math.max(...boxes.map((box) => box[side])));
  const ratio = Math.min(canvases[0].width / boxes[0].width, maxWidth / (right - left));
  const whole = make("canvas", {});
  whole.width = Math.round(ratio * (right - left));
  whole.height = Math.round(ratio * (bottom - top));
  const context = whole.getContext("2d");
  const paint = () => {
    context.fillStyle = pageColour(player);
    context.fillRect(0, 0, whole.width, whole.height);
    canvases.forEach((canvas, i) => {
      const { x, y, width, height } = boxes[i];
      context.drawImage(canvas, ratio * (x - left), ratio * (y - top), ratio * width, ratio * height);
    });
  };
  paint();
  return { whole, paint };
}

async function savePicture(player, name) {
  await savePng(composed(player).whole, name);
}

async function savePng(canvas, name) {
  saveFile(await new Promise((done) => canvas.toBlob(done, "image/png")), `${name}.png`);
}

/** A chart alone: the colours that the page gives it become its own. */
function chartFile(chart) {
  const style = getComputedStyle(chart);
  const copy = chart.cloneNode(true);
  const [, , width, height] = chart.getAttribute("viewBox").split(" ");
  for (const [side, length] of [["width", width], ["height", height]]) copy.setAttribute(side, length);
  copy.removeAttribute("style");
  const text = new XMLSerializer().serializeToString(copy)
    .replace(/var\((--[\w-]+)\)/g, (_, name) => style.getPropertyValue(name).trim());
  return new Blob([text], { type: "image/svg+xml" });
}

async function saveChart(chart, name) {
  const image = new Image();
  image.src = URL.createObjectURL(chartFile(chart));
  await image.decode();
  const canvas = make("canvas", { width: 2 * image.width, height: 2 * image.height });
  const context = canvas.getContext("2d");
  context.fillStyle = pageColour(chart);
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(image.src);
  await savePng(canvas, name);
}

/* ---- Animations --------------------------------------------------------------------------------- */

const moves = (player) => globalThis.MediaRecorder && canvasesOf(player).length
  && player.querySelector(".play:enabled");

/** Record a player while it plays from its start, to its end or until it is paused. */
async function saveAnimation(player, name, status) {
  const { whole, paint } = composed(player, MAX_VIDEO_WIDTH);
  const type = VIDEO_TYPES.find((each) => MediaRecorder.isTypeSupported(each));
  const recorder = new MediaRecorder(whole.captureStream(), {
    mimeType: type, videoBitsPerSecond: VIDEO_BITS,
  });
  const parts = [];
  recorder.ondataavailable = ({ data }) => parts.push(data);
  const finished = new Promise((done) => { recorder.onstop = done; });
  playFromStart(player);
  recorder.start();
  status.textContent = say("saves.recording");
  await new Promise((done) => {
    const next = () => {
      paint();
      if (player.dataset.playing === "true") requestAnimationFrame(next);
      else done();
    };
    requestAnimationFrame(next);
  });
  recorder.stop();
  await finished;
  saveFile(new Blob(parts, { type }), `${name}.${type.includes("mp4") ? "mp4" : "webm"}`);
  return say("saves.animation_saved");
}

/** At the end Play begins anew. */
function playFromStart(player) {
  const scrub = player.querySelector(".scrub");
  scrub.value = scrub.max;
  scrub.dispatchEvent(new Event("input", { bubbles: true }));
  player.querySelector(".play").click();
}

/* ---- Points ------------------------------------------------------------------------------------- */

/** Rows of what a player shows now, with their heading; null of one that has no points. */
function pointsOf(player) {
  const wanted = new CustomEvent("points", { detail: { rows: null } });
  player.dispatchEvent(wanted);
  return wanted.detail.rows;
}

function savePoints(player, name) {
  const quoted = (cell) => /[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
  const lines = pointsOf(player).map((row) => row.map((cell) => quoted(String(cell))).join(","));
  saveFile(new Blob([`${lines.join("\n")}\n`], { type: "text/csv" }), `${name}.csv`);
}
