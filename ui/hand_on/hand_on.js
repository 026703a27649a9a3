/* "Share": in each section one can link to its view, take it along as Python, embed it and save it. */

const ACTS = [
  [say("hand_on.link"), (section) => copied(linkOf(section), say("hand_on.link_copied"))],
  [say("hand_on.qr"), (section) => showQr(linkOf(section))],
  [say("hand_on.python"),
    (section) => copied(textAt(`python${viewNow(section)}`), say("hand_on.python_copied"))],
  [say("hand_on.notebook"), (section) => saveNotebook(section)],
  [say("hand_on.embed_section"), (section) => copyFrame(section, "section")],
  [say("hand_on.embed_picture"), (section) => copyFrame(section, "picture")],
];

const viewNow = (section) => addresses[section] ?? `?tab=${section}`;
const pageAddress = () => location.origin + location.pathname;
const linkOf = (section) => pageAddress() + viewNow(section);

/** A toolbar at the head of a section. */
function offerHandOn(panel, section) {
  showTitle(panel, section);
  if (embedded !== null) return showAlone(panel, section);
  const toolbar = make("details", { className: "hand-on" });
  const choices = make("div", { className: "hand-on-choices" });
  const saves = make("div", { className: "hand-on-saves" });
  saves.dataset.title = say("saves.title"); // the style sheet shows it
  const status = make("p", { className: "hand-on-status" });
  status.setAttribute("role", "status");
  choices.append(titleBox(section), ...ACTS.map(([name, act]) =>
    handOnButton(name, status, () => act(section))), saves, status);
  toolbar.append(make("summary", { textContent: say("hand_on.title") }), choices);
  toolbar.addEventListener("toggle", () => {
    status.textContent = "";
    if (toolbar.open) saves.replaceChildren(...savesOf(panel, section, status));
  });
  toolbar.addEventListener("keydown", ({ key }) => {
    if (key === "Escape") closeHandOn(toolbar);
  });
  panel.querySelector(".introduction").before(toolbar);
}

function make(tag, properties) {
  return Object.assign(document.createElement(tag), properties);
}

/** A button that says in a status what came of it: what its function returns, or why it failed. */
function handOnButton(name, status, act) {
  const button = make("button", { type: "button", textContent: name });
  button.addEventListener("click", async () => {
    status.textContent = "";
    try {
      status.textContent = (await act()) ?? "";
    } catch (error) {
      status.textContent = `${name}: ${error.message}.`;
    }
  });
  return button;
}

function closeHandOn(toolbar) {
  toolbar.open = false;
  toolbar.querySelector("summary").focus();
}

/* A press elsewhere closes the choices. */
document.addEventListener("pointerdown", ({ target }) => {
  for (const toolbar of document.querySelectorAll(".hand-on[open]")) {
    if (!toolbar.contains(target) && !target.closest?.("dialog")) toolbar.open = false;
  }
});

/* ---- Copying ------------------------------------------------------------------------------------ */

async function copied(text, done) {
  await copyText(text);
  return done;
}

const copyFrame = (section, embed) => copied(frameOf(section, embed), say("hand_on.frame_copied"));

/** Copy a text that may still be on its way. A page that came over plain http has no clipboard, and
    one inside another page may have none, but may copy what is selected. */
async function copyText(text) {
  try {
    return await navigator.clipboard.write([new ClipboardItem({
      "text/plain": Promise.resolve(text).then((known) => new Blob([known], { type: "text/plain" })),
    })]);
  } catch {
    return copySelected(await text);
  }
}

function copySelected(text) {
  const area = make("textarea", { value: text, readOnly: true, className: "hand-on-copied" });
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Error(say("hand_on.no_copying"));
}

/** A text of the server's; an error is its sentence. */
async function textAt(address) {
  return (await answerAt(address)).text();
}

async function answerAt(address) {
  const response = await fetch(`hand-on/${address}`);
  if (!response.ok) throw new Error((await response.json()).error);
  return response;
}

async function saveNotebook(section) {
  const page = encodeURIComponent(pageAddress());
  const answer = await answerAt(`notebook${viewNow(section)}&page=${page}`);
  saveFile(await answer.blob(), `${fileName(section)}.ipynb`);
  return say("hand_on.notebook_saved");
}

function frameOf(section, embed) {
  const title = say("hand_on.frame_title", { title: titleOf(viewNow(section)) || section });
  const frame = make("iframe", { width: 900, height: 900, title });
  frame.src = `${linkOf(section)}&embed=${embed}`;
  frame.style.border = "0";
  frame.allow = "autoplay; clipboard-write";
  return frame.outerHTML;
}

/* ---- The QR code -------------------------------------------------------------------------------- */

/** It fills the screen until Escape, or a press on it. */
function showQr(link) {
  const dialog = make("dialog", { className: "hand-on-qr" });
  dialog.setAttribute("aria-label", say("hand_on.qr"));
  const image = make("img", { alt: say("hand_on.qr_image") });
  image.src = `hand-on/qr?link=${encodeURIComponent(link)}`;
  const text = make("p", { textContent: link });
  image.onerror = () => {
    image.remove();
    text.textContent = say("hand_on.qr_too_long");
  };
  const close = make("button", { type: "button", textContent: say("hand_on.close") });
  dialog.append(image, text, close);
  dialog.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  (document.querySelector(".gradio-container") ?? document.body).append(dialog);
  dialog.showModal();
}

/* ---- A page inside another page ------------------------------------------------------------------ */

const embedded = new URLSearchParams(location.search).get("embed");
if (embedded !== null) document.documentElement.dataset.embed = embedded;

/** One section, or its first picture, with a link to the whole page. */
function showAlone(panel, section) {
  const picture = panel.querySelector(PICTURE)?.closest(".block");
  if (!picture) return requestAnimationFrame(() => showAlone(panel, section));
  if (embedded === "picture") markAlone(picture);
  const link = make("a", { target: "_blank", rel: "noopener", textContent: say("hand_on.whole_page") });
  const follows = () => { link.href = linkOf(section); };
  follows();
  document.addEventListener("viewchange", follows);
  const line = make("p", { className: "hand-on-whole" });
  line.append(link);
  document.querySelector(".gradio-container").append(line);
}
