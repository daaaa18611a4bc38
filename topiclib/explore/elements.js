// Elements of the page. Whatever comes from an article is put into the document as text; no markup is ever made of it.


// h("p.meta", { lang: "fa" }, "text", child): the only way in which elements are made here. Strings become text nodes.
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

// A text with parts of it marked: [start, end, color or "hit", what it is]. Where two overlap, the first one counts.
function markedText(text, marks) {
  const pieces = [];
  let at = 0;
  for (const [start, end, color, title] of [...marks].sort((a, b) => a[0] - b[0])) {
    if (start < at) continue;
    const look = color === "hit" ? { title } : { "--dot": color, title };
    pieces.push(text.slice(at, start), h(color === "hit" ? "mark.hit" : "mark", look, text.slice(start, end)));
    at = end;
  }
  return [...pieces, text.slice(at)];
}

// Facts in a row, each laid out by itself: a date between Persian words would turn around.
function facts(...parts) {
  return parts.filter(Boolean).flatMap((part, k) => [k ? " · " : "", h("bdi", {}, part)]);
}

function safeLink(url) {
  return /^https?:\/\//i.test(url) ? url : null; // never javascript: or data:
}
