// The canvas: passages, topic labels, pointer, lasso.

const HOVER_RADIUS = 12; // pixels within which the nearest passage is under the pointer

class Plot {
  // Two canvases, so that a pointer move does not redraw all passages: below passages and labels, above ring and lasso.
  constructor(data, root, callbacks) {
    this.data = data;
    this.root = root;
    this.callbacks = callbacks;
    this.n = data.passages.x.length;
    this.visible = new Uint8Array(this.n).fill(1);
    this.selected = new Uint8Array(this.n);
    this.anySelected = false;
    this.current = -1;
    this.lassoing = false;
    this.lasso = null;
    this.baseCanvas = h("canvas", { "aria-hidden": "true" });
    this.overlayCanvas = h("canvas.over", {
      tabindex: 0, role: "application", "aria-label": "Map of passages. Arrow keys move to the next passage, Enter keeps it open.",
    });
    this.tip = h("div.tip", { dir: "rtl" });
    this.box = h("div.canvas", {}, this.baseCanvas, this.overlayCanvas, this.tip);
    this.measureData();
    this.listen();
  }

  measureData() {
    const { x, y } = this.data.passages;
    const range = (values) => values.reduce(([low, high], v) => [Math.min(low, v), Math.max(high, v)], [Infinity, -Infinity]);
    [this.left, this.right] = this.n ? range(x) : [0, 1];
    [this.low, this.high] = this.n ? range(y) : [0, 1];
    // A spatial index, of about four passages per cell: finding the one under the pointer does not scan all of them.
    this.cells = Math.max(1, Math.ceil(Math.sqrt(this.n / 4)));
    this.cellOf = (value, low, high) => Math.max(0, Math.min(this.cells - 1, Math.floor(((value - low) / (high - low || 1)) * this.cells)));
    this.grid = new Map();
    for (let i = 0; i < this.n; i++) {
      const key = this.cellOf(x[i], this.left, this.right) * this.cells + this.cellOf(y[i], this.low, this.high);
      this.grid.has(key) ? this.grid.get(key).push(i) : this.grid.set(key, [i]);
    }
  }

  resize() {
    const { width, height } = this.box.getBoundingClientRect();
    if (!width || !height) return;
    const first = !this.width;
    const middle = first ? null : [this.toX(this.width / 2), this.toY(this.height / 2)];
    Object.assign(this, { width, height, ratio: window.devicePixelRatio || 1 });
    for (const canvas of [this.baseCanvas, this.overlayCanvas]) Object.assign(canvas, { width: width * this.ratio, height: height * this.ratio });
    if (first || this.scale === this.smallest) this.fit();
    else this.center(...middle);
  }

  fit() {
    const [across, up] = [this.right - this.left || 1, this.high - this.low || 1];
    const pad = Math.min(48, this.width / 8);
    this.scale = this.smallest = Math.min((this.width - 2 * pad) / across, (this.height - 2 * pad) / up);
    this.center((this.left + this.right) / 2, (this.low + this.high) / 2);
  }

  center(x, y) {
    this.dx = this.width / 2 - x * this.scale;
    this.dy = this.height / 2 + y * this.scale;
    this.draw();
  }

  zoom(factor, px = this.width / 2, py = this.height / 2) {
    const [x, y] = [this.toX(px), this.toY(py)];
    this.scale = Math.max(this.smallest / 2, Math.min(this.smallest * 200, this.scale * factor));
    this.dx = px - x * this.scale;
    this.dy = py + y * this.scale;
    this.draw();
  }

  toX(px) { return (px - this.dx) / this.scale; }
  toY(py) { return (this.dy - py) / this.scale; }
  px(i) { return this.data.passages.x[i] * this.scale + this.dx; }
  py(i) { return this.dy - this.data.passages.y[i] * this.scale; }

  radius() {
    const base = Math.max(1.8, Math.min(5, 0.16 * Math.sqrt((this.width * this.height) / (this.n + 1))));
    return Math.min(9, base * Math.sqrt(Math.max(1, this.scale / this.smallest)) ** 0.6);
  }

  draw() {
    if (this.waiting) return;
    this.waiting = requestAnimationFrame(() => {
      this.waiting = null;
      this.drawBase();
      this.drawOverlay();
    });
  }

  // Writes pixels directly rather than with arc(): some milliseconds for 20,000 passages, even without a graphics card.
  drawBase() {
    if (!this.width) return;
    const pen = this.baseCanvas.getContext("2d", { willReadFrequently: true, alpha: false });
    const { width, height } = this.baseCanvas;
    if (this.image?.width !== width || this.image?.height !== height) this.image = new ImageData(width, height);
    const [paper, faint] = [toRgb(this.cssColor("--paper")), toRgb(this.cssColor("--faint"))];
    new Uint32Array(this.image.data.buffer).fill(new Uint32Array(new Uint8Array([...paper, 255]).buffer)[0]);
    const r = this.radius() * this.ratio;
    const filtered = stampOf(Math.max(0.8, 0.4 * r), 0.8);
    const [quiet, strong] = [stampOf(r, 0.2), stampOf(r, 0.88)];
    for (let i = 0; i < this.n; i++) if (!this.visible[i]) this.stamp(i, filtered, faint);
    if (this.anySelected) for (let i = 0; i < this.n; i++) if (this.visible[i] && !this.selected[i]) this.stamp(i, quiet, this.rgb[this.colorOf[i]]);
    for (let i = 0; i < this.n; i++) if (this.visible[i] && (!this.anySelected || this.selected[i])) this.stamp(i, strong, this.rgb[this.colorOf[i]]);
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.putImageData(this.image, 0, 0);
    pen.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    this.drawLabels(pen);
  }

  stamp(i, { size, weights }, [red, green, blue]) {
    const { width, height, data } = this.image;
    const left = Math.round(this.px(i) * this.ratio - size / 2);
    const top = Math.round(this.py(i) * this.ratio - size / 2);
    if (left < 0 || top < 0 || left + size > width || top + size > height) return;
    for (let row = 0, k = 0; row < size; row++) {
      for (let at = 4 * ((top + row) * width + left), end = at + 4 * size; at < end; at += 4, k++) {
        const weight = weights[k];
        if (!weight) continue;
        data[at] += (red - data[at]) * weight;
        data[at + 1] += (green - data[at + 1]) * weight;
        data[at + 2] += (blue - data[at + 2]) * weight;
      }
    }
  }

  drawLabels(pen) {
    const taken = [];
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.lineJoin = "round";
    pen.lineWidth = 5;
    pen.strokeStyle = this.cssColor("--paper");
    pen.fillStyle = this.cssColor("--ink");
    pen.font = `600 13px ${this.font}`;
    for (const label of this.labels) {
      const px = label.x * this.scale + this.dx;
      const height = 19 * label.lines.length + 4;
      const width = Math.max(...label.lines.map((line) => pen.measureText(line).width)) + 12;
      const places = [0, -0.9, 0.9].map((step) => this.dy - label.y * this.scale + step * height); // at the median, above, below
      const py = places.find((y) => this.free([px - width / 2, y - height / 2, px + width / 2, y + height / 2], taken));
      if (py === undefined) continue;
      taken.push([px - width / 2, py - height / 2, px + width / 2, py + height / 2]);
      const at = (k) => py + (k - (label.lines.length - 1) / 2) * 19;
      for (const draw of ["strokeText", "fillText"])
        label.lines.forEach((line, k) => {
          pen.direction = /[\u0600-\u06ff]/.test(line) ? "rtl" : "ltr";
          pen[draw](line, px, at(k));
        });
    }
  }

  free(box, taken) {
    const inside = box[0] > 2 && box[1] > 2 && box[2] < this.width - 2 && box[3] < this.height - 2;
    return inside && !taken.some((b) => box[0] < b[2] && b[0] < box[2] && box[1] < b[3] && b[1] < box[3]);
  }

  // Topic labels are at the medians of their visible passages; the largest topics come first, and so find space.
  placeLabels() {
    const { topic, x, y } = this.data.passages;
    const rows = this.data.topics.map(() => []);
    for (let i = 0; i < this.n; i++) if (this.visible[i]) rows[topic[i]].push(i);
    const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];
    this.labels = this.data.topics
      .map((entry, t) => ({ lines: labelLines(entry), rows: rows[t], id: entry.id }))
      .filter((label) => label.rows.length && label.lines.length && label.id >= 0)
      .sort((a, b) => b.rows.length - a.rows.length);
    for (const label of this.labels) Object.assign(label, { x: median(label.rows.map((i) => x[i])), y: median(label.rows.map((i) => y[i])) });
  }

  drawOverlay() {
    if (!this.width) return;
    const pen = this.overlayCanvas.getContext("2d");
    pen.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    pen.clearRect(0, 0, this.width, this.height);
    if (this.current >= 0) {
      pen.strokeStyle = this.cssColor("--ink");
      pen.lineWidth = 2;
      pen.beginPath();
      pen.arc(this.px(this.current), this.py(this.current), this.radius() + 3.5, 0, 2 * Math.PI);
      pen.stroke();
    }
    if (this.lasso) {
      pen.strokeStyle = this.cssColor("--accent");
      pen.fillStyle = this.cssColor("--accent");
      pen.lineWidth = 1.5;
      pen.beginPath();
      for (const [px, py] of this.lasso) pen.lineTo(px, py);
      pen.closePath();
      pen.stroke();
      pen.globalAlpha = 0.12;
      pen.fill();
      pen.globalAlpha = 1;
    }
  }

  cssColor(name) { return (this.computedStyle ??= getComputedStyle(this.root)).getPropertyValue(name).trim(); }

  nearest(px, py) {
    const { x, y } = this.data.passages;
    const reach = HOVER_RADIUS / this.scale;
    const [cx, cy] = [this.toX(px), this.toY(py)];
    let [best, least] = [-1, reach * reach];
    const column = (value) => this.cellOf(value, this.left, this.right);
    const line = (value) => this.cellOf(value, this.low, this.high);
    for (let a = column(cx - reach); a <= column(cx + reach); a++) {
      for (let b = line(cy - reach); b <= line(cy + reach); b++) {
        for (const i of this.grid.get(a * this.cells + b) ?? []) {
          const distance = (x[i] - cx) ** 2 + (y[i] - cy) ** 2;
          if (this.visible[i] && distance < least) [best, least] = [i, distance];
        }
      }
    }
    return best;
  }

  // The nearest visible passage in the direction of an arrow key; deviation sideways counts twice.
  nearestInDirection(right, up) {
    const { x, y } = this.data.passages;
    const from = this.current >= 0 ? [x[this.current], y[this.current]] : [this.toX(this.width / 2), this.toY(this.height / 2)];
    let [best, least] = [-1, Infinity];
    for (let i = 0; i < this.n; i++) {
      if (!this.visible[i] || i === this.current) continue;
      const [a, b] = [x[i] - from[0], y[i] - from[1]];
      const ahead = a * right + b * up;
      const aside = Math.abs(a * up - b * right);
      if (this.current >= 0 && ahead <= aside * 0.5) continue;
      const cost = this.current >= 0 ? ahead + 2 * aside : a * a + b * b;
      if (cost < least) [best, least] = [i, cost];
    }
    return best;
  }

  rowsInPolygon(polygon) {
    const rows = [];
    for (let i = 0; i < this.n; i++) {
      if (!this.visible[i]) continue;
      const [px, py] = [this.px(i), this.py(i)];
      let odd = false; // number of edges that a ray from the passage crosses
      for (let a = 0, b = polygon.length - 1; a < polygon.length; b = a++) {
        const [[ax, ay], [bx, by]] = [polygon[a], polygon[b]];
        if (ay > py !== by > py && px < ((bx - ax) * (py - ay)) / (by - ay) + ax) odd = !odd;
      }
      if (odd) rows.push(i);
    }
    return rows;
  }

  listen() {
    const at = (event) => [event.offsetX, event.offsetY];
    let press = null;
    this.overlayCanvas.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      this.overlayCanvas.setPointerCapture(event.pointerId);
      press = { at: at(event), from: [this.dx, this.dy], moved: false };
      if (this.lassoing || event.shiftKey) this.lasso = [at(event)];
    });
    this.overlayCanvas.addEventListener("pointermove", (event) => {
      const [px, py] = at(event);
      if (!press) return this.onHover(px, py);
      press.moved ||= Math.hypot(px - press.at[0], py - press.at[1]) > 4;
      if (this.lasso) {
        this.lasso.push([px, py]);
        this.drawOverlay();
      } else if (press.moved) {
        [this.dx, this.dy] = [press.from[0] + px - press.at[0], press.from[1] + py - press.at[1]];
        this.hideTip();
        this.draw();
      }
    });
    const release = (event) => {
      if (!press) return;
      const moved = press.moved;
      const lasso = this.lasso;
      press = this.lasso = null;
      if (lasso && moved) this.callbacks.select(this.rowsInPolygon(lasso));
      else if (!moved && event.type === "pointerup") this.callbacks.pin(this.nearest(...at(event)));
      this.draw();
    };
    this.overlayCanvas.addEventListener("pointerup", release);
    this.overlayCanvas.addEventListener("pointercancel", release);
    this.overlayCanvas.addEventListener("pointerleave", () => { if (!press) { this.hideTip(); this.callbacks.preview(-1); } });
    this.overlayCanvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0018)), ...at(event));
    }, { passive: false });
  }

  onHover(px, py) {
    const i = this.nearest(px, py);
    this.overlayCanvas.style.cursor = i >= 0 && !this.lassoing ? "pointer" : "";
    if (i >= 0) this.showTip(i);
    else this.hideTip();
    this.callbacks.preview(i);
  }

  showTip(i) {
    const { document: documentOf, lang } = this.data.passages;
    const { title, date, source } = this.data.documents;
    const d = documentOf[i];
    this.tip.lang = lang[i];
    this.tip.replaceChildren(title[d] || this.data.documents.id[d], h("small", {}, joinFacts(this.data.sources[source[d]], date[d])));
    this.tip.style.display = "block";
    const { offsetWidth: w, offsetHeight: t } = this.tip;
    this.tip.style.left = `${Math.max(4, Math.min(this.width - w - 4, this.px(i) - w / 2))}px`;
    this.tip.style.top = `${this.py(i) - t - 14 > 4 ? this.py(i) - t - 14 : this.py(i) + 14}px`;
  }

  hideTip() { this.tip.style.display = "none"; }

  show(i) { // scrolls a passage into view and draws a ring around it
    this.current = i;
    if (i >= 0 && (this.px(i) < 20 || this.py(i) < 20 || this.px(i) > this.width - 20 || this.py(i) > this.height - 20)) {
      this.center(this.data.passages.x[i], this.data.passages.y[i]);
    } else this.drawOverlay();
  }
}

// The opacity of each pixel of a square with a disc in it, whose edge is antialiased.
function stampOf(radius, strength) {
  const size = 2 * Math.ceil(radius) + 1;
  const middle = (size - 1) / 2;
  const weights = new Float32Array(size * size);
  for (let k = 0; k < weights.length; k++) {
    const away = Math.hypot((k % size) - middle, Math.floor(k / size) - middle);
    weights[k] = strength * Math.max(0, Math.min(1, radius + 0.5 - away));
  }
  return { size, weights };
}

// Any CSS color as red, green, blue: the browser parses it.
function toRgb(color) {
  const pen = (toRgb.pen ??= Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true }));
  pen.fillStyle = color;
  pen.fillRect(0, 0, 1, 1);
  return [...pen.getImageData(0, 0, 1, 1).data.slice(0, 3)];
}

// The lines of a topic's label: its name, else its words in both languages, with the number in the first line.
function labelLines(topic) {
  const [first, ...others] = topic.names.en ? [topic.names.en] : [topic.fa, topic.ar].filter(Boolean);
  return [[topic.id, first].filter((part) => part !== undefined).join(" · "), ...others];
}
