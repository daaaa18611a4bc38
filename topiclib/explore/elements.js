// DOM elements. Text from articles is inserted as text nodes only, never parsed as HTML.

// Creates all elements of the map: h("p.meta", { lang: "fa" }, "text", child). Strings become text nodes.
function h(name, properties = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(properties)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key.startsWith("--")) element.style.setProperty(key, value);
    else if (value !== undefined && value !== null && value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false && child !== ""));
  return element;
}

// The nodes of a text with highlights: [start, end, color or "hit", tooltip]. Of overlapping ones the first is shown.
function markedText(text, marks) {
  const nodes = [];
  let at = 0;
  for (const [start, end, color, title] of [...marks].sort((a, b) => a[0] - b[0])) {
    if (start < at) continue;
    const look = color === "hit" ? { title } : { "--dot": color, title };
    nodes.push(text.slice(at, start), h(color === "hit" ? "mark.hit" : "mark", look, text.slice(start, end)));
    at = end;
  }
  return [...nodes, text.slice(at)];
}

// Nonempty texts, separated by dots. Each is isolated in a <bdi>, since Persian words around a date would reorder it.
function joinFacts(...parts) {
  return parts.filter(Boolean).flatMap((part, k) => [k ? " · " : "", h("bdi", {}, part)]);
}

function safeLink(url) {
  return /^https?:\/\//i.test(url) ? url : null; // never javascript: or data:
}

function saveFile(name, text) {
  const link = h("a", { href: URL.createObjectURL(new Blob([text], { type: "text/plain" })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
