/* ---- SoundCards ----------------------------------------------------------------------------- */

const HERTZ = [40, 11025]; // of all cards, so that their partials can be compared
const DECIBELS = [-60, 0];
const WAVE_FRACTION = 0.5;

const gallery = { cards: [], playing: null };
const speaker = new Speaker(showSilence);

element.dataset.level = "0";
element.dataset.listening = "";
receive(load);

function load(payload) {
  speaker.stop();
  const { values, shape } = unpack(payload.sounds);
  gallery.sampleRate = payload.sample_rate;
  gallery.cards = payload.cards.map((card, i) =>
    makeCard({ ...card, samples: values.subarray(i * shape[1], (i + 1) * shape[1]) }, i));
  find(".grid").replaceChildren(...gallery.cards.map(({ node }) => node));
}

function makeCard(card, index) {
  const sound = say("cards.sound", { number: index + 1 });
  card.node = create("li", { className: "card" });
  const canvas = create("canvas");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", say("cards.picture", { sound, name: card.name }));
  const button = (className, textContent) =>
    create("button", { type: "button", className, textContent });
  card.listen = button("listen", say("player.listen"));
  const edit = button("edit", say("cards.edit"));
  const links = Object.entries(card.links).map(([textContent, href]) =>
    create("a", { className: "take", href, textContent }));
  const buttons = [card.listen, edit, ...links];
  for (const each of buttons) {
    each.setAttribute("aria-label", each.textContent + ", " + sound);
  }
  card.listen.addEventListener("click", () => toggle(card, index));
  edit.addEventListener("click", () => send("edit", { index }));
  const actions = create("div", { className: "actions" });
  actions.append(...buttons);
  card.node.append(canvas, create("span", { className: "name", textContent: card.name }), actions);
  card.picture = new Picture(canvas, (...where) => draw(card, ...where));
  return card;
}

function create(tag, properties) {
  return Object.assign(document.createElement(tag), properties);
}

/* ---- Listening ------------------------------------------------------------------------------ */

function toggle(card, index) {
  const again = gallery.playing === card;
  speaker.stop();
  if (again) return;
  speaker.start(card.samples, gallery.sampleRate, false);
  gallery.playing = card;
  element.dataset.listening = index;
  card.node.dataset.listening = "true";
  card.listen.textContent = say("player.stop");
  find(".status").textContent = say("player.playing", { what: card.name });
  gallery.metering ??= requestAnimationFrame(meter);
}

function showSilence() {
  const card = gallery.playing;
  gallery.playing = null;
  element.dataset.listening = "";
  if (!card) return;
  delete card.node.dataset.listening;
  card.listen.textContent = say("player.listen");
  card.picture.redraw();
  find(".status").textContent = say("player.stopped");
}

function meter() {
  if (document.hidden || !isShown()) speaker.stop();
  gallery.playing?.picture.redraw();
  element.dataset.level = gallery.playing ? speaker.level().toFixed(4) : "0";
  gallery.metering = gallery.playing ? requestAnimationFrame(meter) : undefined;
}

/* ---- Drawing -------------------------------------------------------------------------------- */

function draw(card, context, width, height, palette) {
  const split = Math.round(WAVE_FRACTION * height);
  const wave = new Axes({ left: 0, top: 0, width, height: split }, [0, 1], [-1, 1]);
  const box = { left: 0, top: split + 4, width, height: height - split - 4 };
  const partials = new Axes(box, HERTZ.map(Math.log), DECIBELS);
  wave.drawBackground(context, palette);
  partials.drawBackground(context, palette);
  context.fillStyle = context.strokeStyle = palette.point;
  drawWave(card, context, wave);
  drawPartials(card, context, partials);
  wave.drawBorder(context, palette);
  partials.drawBorder(context, palette);
  if (gallery.playing !== card) return;
  context.fillStyle = palette.accent;
  context.fillRect((speaker.position(speaker.duration) / speaker.duration) * width - 1, 0, 2, split);
}

/** From the lowest to the highest sample of each column, the loudest of them filling the height. */
function drawWave({ samples }, context, axes) {
  const columns = Math.floor(axes.width);
  const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 1e-6) * 1.05;
  for (let column = 0; column < columns; column++) {
    const part = samples.subarray(
      Math.floor((column / columns) * samples.length),
      Math.floor(((column + 1) / columns) * samples.length),
    );
    const [low, high] = [Math.min(...part), Math.max(...part)];
    const top = axes.y(high / peak);
    context.fillRect(column, top, 1, Math.max(axes.y(low / peak) - top, 1));
  }
}

function drawPartials({ frequencies, levels }, context, axes) {
  context.lineWidth = 1.5;
  context.beginPath();
  frequencies.forEach((hertz, i) => {
    if (levels[i] <= DECIBELS[0]) return;
    const x = axes.x(Math.log(hertz));
    context.moveTo(x, axes.bottom);
    context.lineTo(x, axes.y(levels[i]));
  });
  context.stroke();
}
