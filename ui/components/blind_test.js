/* ---- Blind test (ABX): is X the sound A or the sound B? -------------------------------------- */

const NAMES = ["a", "b"];

const blind = { trials: 0, hits: 0, x: drawX() }; // X stands nowhere on the page
const blindPanel = find(".blind");
const blindChoices = NAMES.map((name) => find(".blind select." + name));
const answers = [...element.querySelectorAll("[data-answer]")];
const hearers = [...element.querySelectorAll("[data-hear]")];

for (const each of hearers) each.addEventListener("click", () => hear(each.dataset.hear));
for (const each of answers) each.addEventListener("click", () => answer(each.dataset.answer));
for (const each of blindChoices) each.addEventListener("change", restartBlindTest);
find(".again").addEventListener("click", restartBlindTest);
blindPanel.addEventListener("keydown", blindKey);
blindPanel.addEventListener("toggle", () => speaker.stop());

function drawX() {
  return NAMES[crypto.getRandomValues(new Uint8Array(1))[0] % 2];
}

/** Two of the views can be told apart blindly, if a value brings the p-values. */
function offerBlindTest({ p_values: table, views }) {
  const names = table.length ? Object.keys(views) : [];
  blindPanel.hidden = names.length < 2;
  blind.table = table;
  blindChoices.forEach((select, i) => {
    const before = names.includes(select.value) ? select.value : names[i];
    select.replaceChildren(...names.map((name) => new Option(name, name, false, name === before)));
  });
  restartBlindTest();
}

function restartBlindTest() {
  blind.trials = blind.hits = 0;
  nextTrial("");
}

/** Which of the three is heard, if one is. */
function showHearing(name) {
  blind.hears = name;
  for (const each of hearers) each.setAttribute("aria-pressed", each.dataset.hear === name);
}

function nextTrial(score) {
  if (blind.hears) speaker.stop();
  blind.x = drawX();
  for (const each of answers) each.disabled = true;
  const over = blind.trials === blind.table.length;
  for (const each of hearers) each.disabled = over;
  find(".score").textContent = score + (over ? " " + say("blind.over") : "");
}

/** A sound under way goes on at its position in the other. */
function hear(name) {
  const chosen = blindChoices[NAMES.indexOf(name === "x" ? blind.x : name)].value;
  const { sounds } = shown.views[chosen];
  play([atOneLoudness(row(sounds)), shown.payload.sample_rate, true], name.toUpperCase());
  showHearing(name);
  if (name === "x") for (const each of answers) each.disabled = false;
}

function answer(name) {
  blind.trials += 1;
  blind.hits += Number(name === blind.x);
  const p = blind.table[blind.trials - 1][blind.hits];
  const probability = p < 0.001 ? say("blind.tiny", { number: 0.001 }) : rounded(p, 3);
  nextTrial(say("blind.score", { hits: blind.hits, trials: blind.trials, probability }));
}

/** While the focus is in the panel, these keys mean this and nothing else. */
function blindKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("select")) return;
  const key = event.key.toLowerCase();
  const button = hearers.find((each) => each.dataset.hear === key) ?? answers[Number(key) - 1];
  if (!button) return;
  event.preventDefault();
  event.stopPropagation();
  button.click(); // which does nothing while it is disabled
}
