/* How a player shows its result (the map, the picture, what is drawn) is in the address too:
   score-player.Heat map=log p, score-player.arrows=off. */

const PICTURE = '.player, [role="img"]';
const OPTION = ".player .options :is([type=radio], [type=checkbox])";

/* By section: what the visitor chose, and what an address names that no player has shown yet. */
const choices = {};
const wanted = {};

function keyOf(option) {
  const name = option.type === "radio"
    ? option.closest("fieldset").dataset.name
    : option.name;
  return `${option.closest(".block").id}.${name}`;
}

const stateOf = (option) => option.type === "radio" ? option.value : option.checked ? "on" : "off";

/** Marks the picture that is to be seen alone in its section, and each element around it. A style sheet
    cannot ask itself what is around it: for `:not(:has(…))` every change would style the whole page. */
function markAlone(picture) {
  unmarkAlone();
  picture.dataset.alone = "";
  for (let node = picture.parentElement; node.closest('[role="tabpanel"]'); node = node.parentElement)
    node.dataset.around = "";
}

function unmarkAlone() {
  for (const node of document.querySelectorAll("[data-alone], [data-around]")) {
    delete node.dataset.alone;
    delete node.dataset.around;
  }
}

function sectionAround(node) {
  const panel = node.closest('[role="tabpanel"]') ?? document;
  return sectionOf(panel.querySelector("button.opens"));
}

document.addEventListener("change", ({ target }) => {
  if (!target.matches?.(OPTION)) return;
  const section = sectionAround(target);
  choices[section] ??= {};
  choices[section][keyOf(target)] = stateOf(target);
  delete wanted[section]?.[keyOf(target)];
  showAddress(section, new URLSearchParams(addresses[section]));
});

function beganAs(option) {
  if (option.type === "radio") return option.closest("fieldset").querySelector("input").value;
  return option.defaultChecked ? "on" : "off";
}

/** Put into a query how the players of a section show their results, and nothing else of that kind. */
function nameChoices(section, query) {
  for (const key of [...query.keys()].filter(isChoice)) query.delete(key);
  for (const [key, value] of Object.entries(choices[section] ?? {})) query.set(key, value);
}

const isChoice = (key) => key.includes(".");

/** The players of a section show as the address says; what it does not name goes back. */
function restoreChoices(section) {
  const left = Object.keys(choices[section] ?? {}).map((key) => [key, null]);
  const named = [...new URLSearchParams(location.search)].filter(([key]) => isChoice(key));
  wanted[section] = Object.fromEntries([...left, ...named]);
  choose(section);
}

/** Of what is wanted, choose what the players have by now: views come with a first result. */
function choose(section) {
  wanted[section] = ofStages(wanted[section] ?? {});
  for (const option of document.querySelectorAll(OPTION)) {
    const value = wanted[section]?.[keyOf(option)];
    if (value === undefined || sectionAround(option) !== section) continue;
    const other = stateOf(option) !== (value ?? beganAs(option));
    if (option.type === "radio" ? !other && !option.checked : other) option.click();
    if (option.type === "checkbox") delete wanted[section][keyOf(option)];
  }
}

/** What was a player of its own in earlier links is a stage now: its options are those of its player. */
function ofStages(options) {
  return Object.fromEntries(Object.entries(options).map(([key, value]) => {
    const [id, name] = key.split(/\.(.*)/s);
    const stage = document.querySelector(`#${CSS.escape(id)} [data-player]`)?.dataset;
    if (!stage) return [key, value];
    return [`${stage.player}.${name === "View" ? `View of ${stage.stage}` : name}`, value];
  }));
}

function bringIntoView(picture) {
  const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
  picture?.scrollIntoView({ block: "nearest", behavior });
}

const results = new MutationObserver((changes) => {
  for (const section of new Set(changes.map(({ target }) => sectionAround(target)))) choose(section);
});
