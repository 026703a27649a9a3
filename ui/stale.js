/* A picture that is older than its controls says so, and which button computes it anew. */

const MARK_AFTER = 700; // milliseconds: most of what acts at once is there by then

/* By section, the values of the controls now, and those of what is shown. */
const controlValues = {};
const shownValues = {};

function controlsChanged(section, names, values) {
  controlValues[section] = named(names, values);
  setTimeout(() => markStale(section), MARK_AFTER);
}

function resultShown(section, names, values) {
  controlValues[section] = shownValues[section] = named(names, values);
  markStale(section);
}

function named(names, values) {
  return Object.fromEntries(names.map((name, i) => [name, String(values[i])]));
}

function markStale(section) {
  const [now, shown] = [controlValues[section], shownValues[section]];
  const panel = panelOf(document.getElementById(`opens-${section}`));
  const stale = Boolean(shown) && Object.keys(now).some((name) => now[name] !== shown[name]);
  panel.toggleAttribute("data-stale", stale);
  if (stale) staleNote(panel).textContent = `${say("stale.changed")} ${whatToDo(panel)}`;
  else panel.querySelector(".stale-note")?.replaceChildren();
}

function whatToDo(panel) {
  const button = [...panel.querySelectorAll("button.primary")].find((each) => each.checkVisibility());
  return button ? say("stale.press", { button: button.textContent.trim() }) : "";
}

/** Its place is on the first picture of the section. */
function staleNote(panel) {
  const found = panel.querySelector(".stale-note");
  if (found) return found;
  const note = Object.assign(document.createElement("p"), { className: "stale-note" });
  note.setAttribute("role", "status");
  (panel.querySelector(PICTURE)?.closest(".block") ?? panel).append(note);
  return note;
}
