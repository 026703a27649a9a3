/* Gradio's sliders report a change made with the keyboard only when they lose the focus. */
document.addEventListener("keyup", ({ target }) => {
  if (!target.matches?.('input[type="range"]') || target.closest(".player")) return;
  target.dispatchEvent(new PointerEvent("pointerup", { bubbles: true }));
});

/* The number box beside a slider reports a change only when it is left: Enter leaves it. */
document.addEventListener("keydown", ({ key, target }) => {
  if (key === "Enter" && target.matches?.('[aria-label^="number input for"]')) target.blur();
});

/* The tabs of `ui/page.py`, not those that a section has for its own controls. */
const SECTION_TAB = '.sections > .tab-wrapper [role="tab"]';

/* A visit to a tab goes into the address: a link opens the same tab, and Back goes back to it. */
document.addEventListener("click", ({ target, isTrusted }) => {
  const clicked = target.closest?.(SECTION_TAB);
  if (!clicked || !isTrusted) return;
  window.companionVisits ??= {};
  const visits = window.companionVisits;
  const left = new URLSearchParams(location.search);
  if (left.has("tab")) visits[left.get("tab")] = location.search;
  requestAnimationFrame(() => {
    // The innermost tab that is open: a tab with sections has tabs of its own.
    const open = [...document.querySelectorAll(SECTION_TAB + '[aria-selected="true"]')]
      .filter((tab) => tab.checkVisibility())
      .at(-1);
    const query = new URLSearchParams({ tab: open.dataset.tabId });
    if (left.has("__theme")) query.set("__theme", left.get("__theme"));
    history.pushState(null, "", visits[open.dataset.tabId] ?? `?${query}`);
  });
});

// The view of an earlier address has gone with its settings; the server makes it again.
addEventListener("popstate", () => location.reload());

/* A link to another view of this page keeps the theme. */
document.addEventListener("click", ({ target }) => {
  const link = target.closest?.('a[href^="?"]');
  const theme = new URLSearchParams(location.search).get("__theme");
  if (!link || !theme) return;
  const query = new URLSearchParams(link.search);
  query.set("__theme", theme);
  link.href = `?${query}`;
});

/* A section asks for what it opens on when it is first seen. */
const opened = new WeakSet();
const sections = new MutationObserver(openSeen);

/** To be called when Gradio listens; before, a press would be lost. */
function openSections() {
  sections.observe(document, {
    subtree: true, childList: true, attributes: true, attributeFilter: ["class", "hidden", "style"],
  });
  openSeen();
}

function openSeen() {
  for (const button of document.querySelectorAll("button.opens")) {
    const section = button.closest('[role="tabpanel"]') ?? document.body;
    if (opened.has(button) || !section.checkVisibility()) continue;
    opened.add(button);
    button.click();
  }
}
