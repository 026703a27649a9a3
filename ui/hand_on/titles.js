/* A view may have a title: it is in the address as title=…, and stands above what the address shows. */

const UNSEEN = /[\p{C}\p{Zl}\p{Zp}]+/gu; // what would break a line, or turn its direction

/** The title of a view, as one line of text; "" if it has none. MAX_TITLE is the server's too. */
function titleOf(view) {
  const title = new URLSearchParams(view).get("title") ?? "";
  return [...title.replace(UNSEEN, " ").trim()].slice(0, MAX_TITLE).join("");
}

/** A box for the title of the view that a section shows. */
function titleBox(section) {
  const label = make("label", { className: "view-title-box", textContent: say("hand_on.view_title") });
  const value = titleOf(viewNow(section));
  const box = make("input", { type: "text", maxLength: MAX_TITLE, value });
  box.addEventListener("input", () => entitle(section, box.value));
  label.append(box);
  return label;
}

function entitle(section, text) {
  const query = new URLSearchParams(viewNow(section));
  query.delete("title");
  const title = titleOf(`?${new URLSearchParams({ title: text })}`);
  if (title) query.set("title", title);
  showAddress(section, query);
}

/** Above a section, the title of the view that it shows, as long as it shows that view. */
function showTitle(panel, section) {
  const heading = make("h3", { className: "view-title" });
  panel.querySelector(".introduction").before(heading);
  const follows = () => {
    heading.textContent = titleOf(viewNow(section));
    const box = panel.querySelector(".view-title-box input");
    if (box && box !== document.activeElement) box.value = heading.textContent;
  };
  follows();
  document.addEventListener("viewchange", follows);
}
