/* A difference: each line is an element, whose sign and indent keep a column of their own. */

const TAGS = { "-": "del", "+": "ins" };
const SIGNS = { "-": "−", "+": "+" };

function show() {
  const lines = (props.value ?? "").split("\n").filter((line) => line !== "");
  find("pre").replaceChildren(...lines.map(lineElement));
}

function lineElement(line) {
  if (line.startsWith("@@")) {
    const place = Object.assign(document.createElement("span"), { className: "place" });
    const names = line.replaceAll("@@", "").trim().split(/(?<=\.)/);
    place.append(...names.flatMap((name) => [name, document.createElement("wbr")]));
    return place;
  }
  const [, indent, code] = /^( *)(.*)$/.exec(line.slice(2));
  const shown = document.createElement(TAGS[line[0]] ?? "span");
  shown.style.setProperty("--indent", indent.length);
  for (const text of [(SIGNS[line[0]] ?? " ") + " " + indent, code])
    shown.append(Object.assign(document.createElement("span"), { textContent: text }));
  return shown;
}

watch("value", show);
show();
