/* Number boxes. What a box shows is what is computed: a number out of its range becomes the nearest in
   it, an emptied box what it showed before, and a line below the box says so. */

const NUMBER_BOX = '.gradio-container input[type="number"][min][max]';
const BESIDE_SLIDER = /^number input for /;
const shownBefore = new WeakMap();

const isInteger = (box) => Number(box.step) % 1 === 0; // a step may be "any"
const isNumberBox = (target) => Boolean(target.matches?.(NUMBER_BOX));

document.addEventListener("focusin", ({ target }) => {
  if (isNumberBox(target)) shownBefore.set(target, target.value);
});

/* In the capturing phase, so that Gradio reads what has been settled. */
document.addEventListener("blur", ({ target }) => {
  if (isNumberBox(target)) settleBox(target);
}, { capture: true });

/* The box beside a slider reports a change only when it is left: Enter leaves it. */
document.addEventListener("keydown", ({ key, target }) => {
  if (key !== "Enter" || !isNumberBox(target)) return;
  settleBox(target);
  if (BESIDE_SLIDER.test(target.getAttribute("aria-label"))) target.blur();
}, { capture: true });

function settleBox(box) {
  const [low, high] = [Number(box.min), Number(box.max)];
  const [typed, number] = [box.value, Number(box.value)];
  const inRange = Math.min(Math.max(number, low), high);
  const settled = typed === "" ? shownBefore.get(box)
    : String(isInteger(box) ? Math.round(inRange) : inRange);
  if (typed !== "" && Number(settled) === number) {
    if (typed !== shownBefore.get(box)) note(box, "");
  } else {
    box.value = settled;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    const range = { label: labelOf(box), low, high };
    const must = isInteger(box) ? say("box.integer", range) : say("box.number", range);
    const became = typed === "" ? say("box.still", { value: settled })
      : say("box.became", { typed, value: settled });
    note(box, `${must} ${became}`);
  }
  shownBefore.set(box, settled);
}

function labelOf(box) {
  return box.getAttribute("aria-label").replace(BESIDE_SLIDER, "");
}

function note(box, text) {
  const block = box.closest(".block");
  let line = block.querySelector(":scope > .box-note");
  if (!line) {
    if (!text) return;
    line = Object.assign(document.createElement("p"), { className: "box-note" });
    line.setAttribute("role", "status");
    block.append(line);
  }
  line.textContent = text;
}

/** Of values that are shown no more. */
function forgetNotes(panel) {
  for (const line of panel.querySelectorAll(".box-note")) line.textContent = "";
}
