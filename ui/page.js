/* Gradio's sliders report a change made with the keyboard only when they lose the focus. */
document.addEventListener("keyup", ({ target }) => {
  if (!target.matches?.('input[type="range"]') || target.closest(".player")) return;
  target.dispatchEvent(new PointerEvent("pointerup", { bubbles: true }));
});
