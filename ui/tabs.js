/* Tabs by keyboard, as the ARIA pattern has it: one stop for all, arrows open the next one. */

const MOVES = {
  ArrowLeft: (at) => at - 1,
  ArrowRight: (at) => at + 1,
  Home: () => 0,
  End: () => -1,
};

document.addEventListener("keydown", (event) => {
  const tab = event.target.closest?.('[role="tab"]');
  const move = MOVES[event.key];
  if (!tab || !move || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  const tabs = shownTabs(tab.closest('[role="tablist"]'));
  const next = tabs.at(move(tabs.indexOf(tab)) % tabs.length);
  next.focus();
  next.click();
});

function shownTabs(list) {
  return [...list.querySelectorAll('[role="tab"]')].filter((tab) => tab.checkVisibility());
}

function setTabStops() {
  for (const tab of document.querySelectorAll('[role="tab"]')) {
    const stop = tab.getAttribute("aria-selected") === "true" ? "0" : "-1";
    if (tab.getAttribute("tabindex") !== stop) tab.setAttribute("tabindex", stop);
  }
}
