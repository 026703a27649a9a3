/* Gradio's sliders report a change made with the keyboard only when they lose the focus. */
document.addEventListener("keyup", ({ target }) => {
  if (!target.matches?.('input[type="range"]') || target.closest(".player")) return;
  target.dispatchEvent(new PointerEvent("pointerup", { bubbles: true }));
});

/* A section requests what it opens on when it is first seen. */
const opened = new WeakSet();
const sections = new MutationObserver(openSeen);

/** To be called when Gradio listens; before, a press would be lost. */
function openSections() {
  sections.observe(document, {
    subtree: true, childList: true, attributes: true, attributeFilter: ["class", "hidden", "style"],
  });
  results.observe(document, { subtree: true, attributeFilter: ["data-run"] });
  openSeen();
}

function openSeen() {
  for (const button of document.querySelectorAll("button.opens")) {
    const section = button.closest('[role="tabpanel"]') ?? document.body;
    if (opened.has(button) || !section.checkVisibility()) continue;
    opened.add(button);
    const tab = new URLSearchParams(location.search).get("tab");
    beginAddress(sectionOf(button), button.classList.contains(`at-${tab}`));
    button.click();
  }
}

function sectionOf(button) {
  return button.id.replace("opens-", "");
}
