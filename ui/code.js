/* Gradio's colours of code have a contrast of 1.6 to 4.1 to a light page, and its comments 3.8 to a dark
   one: others of their hues. It writes its rules anew whenever it shows other code. */

const ON_LIGHT = {
  "rgb(143, 188, 187)": "#286c6a",
  "rgb(136, 192, 208)": "#1f6b80",
  "rgb(129, 161, 193)": "#3a6289",
  "rgb(94, 129, 172)": "#3c6496",
  "rgb(191, 97, 106)": "#a83a45",
  "rgb(208, 135, 112)": "#a3482b",
  "rgb(235, 203, 139)": "#7d5c10",
  "rgb(163, 190, 140)": "#4b6b30",
  "rgb(180, 142, 173)": "#87547d",
};
const ON_DARK = { "rgb(128, 128, 128)": "#a8a8b0" };

function recolourCode() {
  const readable = document.body?.classList.contains("dark") ? ON_DARK : ON_LIGHT;
  for (const sheet of document.styleSheets) {
    if (!sheet.ownerNode?.textContent.includes("ͼ")) continue;
    for (const rule of sheet.cssRules) {
      const colour = /^\.ͼ\w+$/.test(rule.selectorText) && readable[rule.style.color];
      if (colour) rule.style.color = colour;
    }
  }
}

new MutationObserver(recolourCode).observe(document.head, { childList: true, subtree: true });

/* What is wider than its place and scrolls can be reached by the keyboard too. */
const WIDE = ":is(.cm-scroller, .katex-display):not([data-scrolls])";
const widths = new ResizeObserver((changes) => {
  for (const { target } of changes) {
    const scrolls = target.scrollWidth > target.clientWidth || target.scrollHeight > target.clientHeight;
    target.dataset.scrolls = scrolls;
    if (scrolls) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
  }
});

let watching;

/** Once for all changes that come at once. */
function watchWidthsSoon() {
  watching ??= setTimeout(() => {
    watching = undefined;
    watchWidths();
  });
}

function watchWidths() {
  for (const wide of document.querySelectorAll(WIDE)) {
    wide.dataset.scrolls = false;
    widths.observe(wide);
  }
}
