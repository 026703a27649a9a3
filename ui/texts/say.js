/* The texts of the page, in its language: `TEXTS`, by their keys in `ui/texts/en/scripts.toml`. */

/** A text, with values in its places {name}. */
function say(key, values = {}) {
  return TEXTS[key].replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);
}

/** What the page calls a view that links name. */
function viewInWords(name) {
  return TEXTS[`views.${name}`] ?? name;
}
