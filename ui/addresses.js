/* The view and the address: a view is a link, and Back and Forward change it without a reload. */

/* The tabs of `ui/page.py`, not those that a section has for its own controls. */
const SECTION_TAB = '.sections > .tab-wrapper [role="tab"]';

/* By section, the address of what it shows. */
const addresses = {};

/* By section, when a link to another view of it was followed, until that view is there. */
const followed = {};
const SOON = 1000; // milliseconds in which what came before the link may still ask for the address

/** The section that is open: of the open tabs the innermost. */
function openSection() {
  return [...document.querySelectorAll(SECTION_TAB + '[aria-selected="true"]')]
    .filter((tab) => tab.checkVisibility())
    .at(-1)?.dataset.tabId;
}

/* Of the page and not of a view: these stay in the address while the view changes. */
const OF_THE_PAGE = ["__theme", "lecture", "scene", "room", "embed"];

/** A view alone. */
function viewOf(search) {
  const query = new URLSearchParams(search);
  for (const name of OF_THE_PAGE) query.delete(name);
  return `?${query}`;
}

/** The address of a view. */
function addressOf(view) {
  const query = new URLSearchParams(view);
  for (const [name, value] of new URLSearchParams(location.search)) {
    if (OF_THE_PAGE.includes(name) && !query.has(name)) query.set(name, value);
  }
  return `?${query}`;
}

/** A page without a link opens as it comes; which tabs another one opens, the server says. */
function begin() {
  const query = new URLSearchParams(location.search);
  if (query.has("tab") || query.has("lecture")) document.querySelector("button.begins").click();
  else openSections();
}

/** Another view in the address, in the place of the one before. */
function replaceView(view) {
  history.replaceState(null, "", addressOf(view));
  document.dispatchEvent(new Event("viewchange"));
}

/** The query of the shortest link to the controls of a section, as `Settings.to_link` makes it. */
function linkTo(section, names, values) {
  const { defaults, hidden, besideSeed } = LINKED_CONTROLS[section];
  const now = named(names, values);
  const differs = (name) => now[name] !== String(defaults[name]);
  const linked = (name) => !(name in hidden) || ![null, now[name]].includes(hidden[name]);
  const query = new URLSearchParams({ tab: section });
  for (const name of names) {
    const kept = differs(name) || (besideSeed.includes(name) && differs("seed"));
    if (kept && linked(name)) query.set(name, now[name]);
  }
  return query;
}

/** A section shows another result. Its visitor may be in another section meanwhile. */
function showAddress(section, query) {
  nameChoices(section, query);
  addresses[section] = viewOf(query);
  if ((openSection() ?? section) === section && !keepsBack()) replaceView(addresses[section]);
}

/** A run has ended, and the address names it; but not if a link was followed while its result came. */
function showLink(section, names, values) {
  if (performance.now() - followed[section] < SOON) return;
  showAddress(section, linkTo(section, names, values));
}

/** A section opens: on what the address names, or on its defaults. */
function beginAddress(section, named) {
  addresses[section] = named ? viewOf(location.search) : `?tab=${section}`;
  if (named) restoreChoices(section);
}

/** The address names what is shown before it is left, however little it named as it was opened. */
function settle() {
  const view = addresses[openSection()];
  if (view) history.replaceState(null, "", addressOf(view));
}

/* A visit to a tab goes into the address, and Back goes back to the tab before. */
document.addEventListener("click", ({ target }) => {
  if (!target.closest?.(SECTION_TAB)) return;
  settle();
  requestAnimationFrame(() => {
    const section = openSection();
    const address = addressOf(addresses[section] ?? `?tab=${section}`);
    if (address !== location.search) history.pushState(null, "", address);
    document.dispatchEvent(new Event("viewchange"));
  });
}, { capture: true }); // before Gradio opens the tab

/* A link to another view of this page changes the view, and keeps the theme. */
document.addEventListener("click", (event) => {
  const link = event.target.closest?.('a[href^="?"]');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const view = addressOf(link.search);
  link.href = view;
  const section = new URLSearchParams(view).get("tab");
  if (!document.querySelector(`button.follows, button.opens.at-${CSS.escape(section)}`)) return;
  event.preventDefault();
  settle();
  history.pushState(null, "", view);
  if (link.matches(".introduction a")) tryIt(section);
  follow();
});

/** What one tries is shown anew, even if it is what was shown last, and is brought into view. */
function tryIt(section) {
  delete addresses[section];
  tried.add(section);
  bringIntoView(panelOf(document.getElementById(`opens-${section}`)).querySelector(PICTURE));
}

addEventListener("popstate", follow);

/** Show what the address names. A section that is not yet open requests it when it is seen. */
function follow() {
  readLecture();
  document.querySelector("button.follows")?.click(); // selects the tab
  if (!keepsBack()) openLinked();
}

/** Show another view in a section that is open. */
function openLinked() {
  const tab = new URLSearchParams(location.search).get("tab");
  const button = tab && document.querySelector(`button.opens.at-${CSS.escape(tab)}`);
  if (!button || !opened.has(button)) return;
  const section = sectionOf(button);
  const view = viewOf(location.search);
  if (addresses[section] === view) return; // what was made there is still there
  addresses[section] = view;
  followed[section] = performance.now();
  restoreChoices(section);
  forgetNotes(panelOf(button));
  button.click();
}
