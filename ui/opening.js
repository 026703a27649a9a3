/* A section requests what it opens on when it is first seen. Until its parts have their sizes, and then
   until its first result is there, what would move is not shown. */

const opened = new WeakSet();
const tried = new Set(); // sections with a link that was clicked, whose view is on its way
const sections = new MutationObserver((changes) => {
  if (changes.some(areOfTabs)) openSeen();
  else watchWidthsSoon();
});
const OPENABLE = 'button.opens, [role="tab"]';
const PATIENCE = 2500; // milliseconds, after which all is shown, computed or not

/** To be called when Gradio listens; before, a press would be lost. */
function openSections() {
  document.documentElement.dataset.followed = true;
  sections.observe(document, {
    subtree: true, childList: true, attributes: true,
    attributeFilter: ["class", "hidden", "style", "data-lecture"],
  });
  results.observe(document, { subtree: true, attributeFilter: ["data-run"] });
  openLecture();
  openSeen();
}

/** Whether a tab may have been opened, the lecture may show a section, or parts of one have come. All
    else changes all the time, and to look what is seen makes the browser lay out the page. */
function areOfTabs({ type, target, addedNodes }) {
  if (type === "attributes") return target.matches('[role="tab"], [role="tabpanel"], html');
  return [...addedNodes].some((each) => each.matches?.(OPENABLE) || each.querySelector?.(OPENABLE));
}

function openSeen() {
  setTabStops();
  watchWidths();
  for (const button of document.querySelectorAll("button.opens")) {
    const panel = panelOf(button);
    if (opened.has(button) || !panel.checkVisibility()) continue;
    opened.add(button);
    const tab = new URLSearchParams(location.search).get("tab");
    beginAddress(sectionOf(button), button.classList.contains(`at-${tab}`));
    offerHandOn(panel, sectionOf(button));
    panel.dataset.opening = "text";
    whenStill(panel, () => { if (panel.dataset.opening) panel.dataset.opening = "result"; });
    setTimeout(() => delete panel.dataset.opening, PATIENCE);
    button.click();
  }
}

/** The first result of a section has arrived. */
function showSection(section, names, values) {
  resultShown(section, names, values);
  delete followed[section];
  const panel = panelOf(document.getElementById(`opens-${section}`));
  if (tried.delete(section)) panel.querySelector("button.after-try")?.click();
  whenStill(panel, () => delete panel.dataset.opening);
  // A checkpoint may be missing: then nothing will come.
  if (!document.querySelector(".toast-body.error")) return;
  for (const waiting of panel.querySelectorAll(".player .placeholder"))
    waiting.textContent = say("player.not_computed");
}

/** Calls back once the height has not changed for a tenth of a second: formulas are set late. */
function whenStill(panel, shows, height, times = 0) {
  if (times > 2) return shows();
  const now = panel.scrollHeight;
  setTimeout(() => whenStill(panel, shows, now, now === height ? times + 1 : 0), 35);
}

function panelOf(button) {
  return button.closest('[role="tabpanel"]') ?? document.body;
}

function sectionOf(button) {
  return button.id.replace("opens-", "");
}
