/* A lecture by keyboard, or by a presenter's clicker, which sends Page Up, Page Down, and B or a full
   stop for a black screen. What has the focus keeps the keys that mean something to it. */

const OWN_ARROWS = 'input, textarea, select, .player, [role="tab"], [role="listbox"], .cm-editor';
const OWN_LETTERS = "input:not([type=range], [type=radio], [type=checkbox]), textarea, .cm-editor";

const ACTIONS = {
  next: () => moveOn(),
  back: () => goToScene(lecture.scene - 1),
  rejoin: () => rejoin(),
  end: () => endLecture(),
  notes: () => openNotes(),
  room: () => toggleRoom(),
  controls: () => setControls(!("controls" in document.documentElement.dataset)),
  black: () => setBlack(document.querySelector(".lecture-black").hidden),
  fullscreen: () => document.fullscreenElement
    ? document.exitFullscreen()
    : document.documentElement.requestFullscreen?.(),
};

const KEYS = {
  ArrowRight: "next", PageDown: "next", ArrowLeft: "back", PageUp: "back",
  ".": "black", b: "black", c: "controls", f: "fullscreen", n: "notes", r: "room",
};

document.addEventListener("keydown", (event) => {
  if (lecture.scene === null || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.defaultPrevented) return;
  const black = document.querySelector(".lecture-black");
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const action = KEYS[key];
  if (!black.hidden && (action || key === "Escape")) {
    event.preventDefault();
    return setBlack(false);
  }
  const takes = (elements) => event.target.closest?.(elements);
  if (!action || (key.startsWith("Arrow") && takes(OWN_ARROWS))) return;
  if (key.length === 1 && (takes(OWN_LETTERS) || (key === "b" && takes(".player")))) return;
  event.preventDefault();
  act(action);
});

document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-lecture-action]");
  if (button) act(button.dataset.lectureAction);
  else if (target.matches?.(".lecture-black")) setBlack(false);
});

function act(action) {
  const led = followsRoom() && (action === "next" || action === "back");
  if (!led) ACTIONS[action]();
}

function setControls(shown) {
  document.documentElement.toggleAttribute("data-controls", shown);
  inLecture('[data-lecture-action="controls"]').setAttribute("aria-pressed", shown);
  keepFocus();
}

/** What had the focus may have been put away: then the title has it, and keys go on from there. */
function keepFocus() {
  const focused = document.activeElement;
  const lost = focused === document.body || focused.disabled || focused.closest("[inert]");
  if (lost || !focused.checkVisibility()) inLecture(".lecture-title").focus({ preventScroll: true });
}

function setBlack(black) {
  const cover = document.querySelector(".lecture-black");
  cover.hidden = !black;
  if (black) cover.focus();
  else inLecture(".lecture-title").focus({ preventScroll: true });
}

/* ---- The lecturer's notes, in a window of their own --------------------------------------------- */

const notes = { channel: null };

/** The name of the channel between this tab and its notes: another lecture has another. */
function notesName() {
  sessionStorage.lectureNotes ??= randomDigits();
  return `lecture ${sessionStorage.lectureNotes}`;
}

function listenToNotes() {
  notes.channel ??= new BroadcastChannel(notesName());
  notes.channel.onmessage = ({ data }) => {
    if (data.action) act(data.action);
    else tellNotes();
  };
}

function openNotes() {
  listenToNotes();
  const name = encodeURIComponent(notesName());
  open(`lecture/notes#${name}`, "lecture-notes", "popup,width=900,height=700");
}

function tellNotes() {
  if (lecture.scene === null) return;
  listenToNotes();
  const { title, part, notes: text } = currentScene();
  const next = lecture.stage === SHOWS ? lecture.scenes[lecture.scene + 1]?.title : say("notes.the_answer");
  notes.channel.postMessage({
    place: `${lecture.scene + 1} / ${lecture.scenes.length}. ${part}.`,
    title, text, next: next ? say("notes.next", { next }) : say("notes.last"),
  });
}

function randomDigits() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
