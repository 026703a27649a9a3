/* ---- LogSlider ------------------------------------------------------------------------------ */

const DIGITS = 3; // significant ones of a value that the slider gives

const box = find(".value");
const scale = find(".scale");

setUp();
scale.addEventListener("input", () => {
  set(Number((10 ** Number(scale.value)).toPrecision(DIGITS)));
});
scale.addEventListener("change", () => trigger("release"));
// When the box is left, the page has settled what is out of range.
box.addEventListener("blur", () => {
  if (Number(box.value) === props.value) return;
  set(Number(box.value));
  trigger("release");
});
watch("value", show);
show();

function setUp() {
  const { label, low, high } = props;
  find(".name").textContent = label;
  box.setAttribute("aria-label", "number input for " + label); // as Gradio's sliders name theirs
  Object.assign(box, { min: low, max: high, step: "any" });
  scale.setAttribute("aria-label", label);
  Object.assign(scale, { min: Math.log10(low), max: Math.log10(high), step: 0.01 });
  find(".low").textContent = low;
  find(".high").textContent = high;
}

function set(value) {
  props.value = value;
  show();
}

function show() {
  const value = props.value;
  box.value = value ?? "";
  scale.setAttribute("aria-valuetext", String(value));
  if (value > 0) scale.value = Math.log10(value);
}
