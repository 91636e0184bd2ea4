// gridmap's map layers for Leaflet: shapes that stay, colours that change.
//
// A page's shapes come once, by URL. What a filter sends is a short message, and paint() changes what is already there.
// Nothing is ever written as HTML: every text from data goes through textContent or fillText.
(function () {
  "use strict";

  const gridmap = (window.gridmap = {});
  const REFERENCE_ZOOM = 18; // paths are kept as pixels of this zoom, from the layer's own middle, so that they stay exact

  const GROUND = {
    light: { land: "#f6f6f3", edge: "#b8c2c4", water: "#cfdfe6", road: "#ffffff", casing: "#d5d9d6",
      border: "rgba(255,255,255,.8)", line: "#44545e", ink: "#14212b", halo: "rgba(255,255,255,.92)", pick: "#14212b", pickEdge: "#ffffff" },
    dark: { land: "#17222a", edge: "#3b4c57", water: "#0d2a3a", road: "#31424d", casing: "#1d2a33",
      border: "rgba(14,22,28,.85)", line: "#9fb0ba", ink: "#eef3f5", halo: "rgba(11,19,25,.9)", pick: "#ffffff", pickEdge: "#0b1319" },
  };

  // ---- figures: one to six characters each, so that 5,000 fit into a few kilobytes -------------------------------
  const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-.";
  const DIGIT = new Uint8Array(128);
  for (let i = 0; i < 64; i++) DIGIT[DIGITS.charCodeAt(i)] = i;

  function figures(text, scale) {
    const out = [], factor = scale.factor || 1;
    let i = 0;
    const digit = () => DIGIT[text.charCodeAt(i++)];
    const more = (count, high) => { for (let k = 0; k < count; k++) high = high * 64 + digit(); return high; };
    while (i < text.length) {
      const first = digit();
      if (first === 63) { out.push(null); continue; }
      const v = first < 48 ? first : first < 60 ? 48 + more(1, first - 48) : first < 62 ? 816 + more(2, first - 60) : more(5, 0);
      out.push((scale.signed ? (v % 2 ? -(v + 1) / 2 : v / 2) : v) / factor);
    }
    return out;
  }

  function classOf(value, scale) {
    if (value === null || value === undefined) return -1;
    if (scale.kind === "categories") return value;
    let k = 0;
    while (k < scale.breaks.length && value >= scale.breaks[k]) k++;
    return k;
  }

  // ---- shapes: GeoJSON in, paths and boxes kept -------------------------------------------------------------------
  class Shapes {
    constructor(json) {
      const project = (p) => L.CRS.EPSG3857.latLngToPoint(L.latLng(p[1], p[0]), REFERENCE_ZOOM);
      this.properties = json.features.map((f) => f.properties || {});
      this.codes = json.features.map((f) => f.id);
      this.index = new Map(this.codes.map((code, i) => [code, i]));
      const n = json.features.length;
      this.paths = new Array(n);
      this.closed = new Array(n);
      this.boxes = new Float64Array(4 * n);
      this.labels = new Array(n);
      const first = json.bbox ? project([json.bbox[0], json.bbox[1]]) : L.point(0, 0);
      const last = json.bbox ? project([json.bbox[2], json.bbox[3]]) : first;
      this.origin = L.point((first.x + last.x) / 2, (first.y + last.y) / 2);
      this.bounds = json.bbox ? L.latLngBounds([json.bbox[1], json.bbox[0]], [json.bbox[3], json.bbox[2]]) : null;
      json.features.forEach((feature, i) => {
        const path = new Path2D();
        let x0 = Infinity, y0 = Infinity, x1 = -Infinity, y1 = -Infinity;
        const draw = (points, close) => {
          points.forEach((p, k) => {
            const q = project(p), x = q.x - this.origin.x, y = q.y - this.origin.y;
            if (k) path.lineTo(x, y); else path.moveTo(x, y);
            if (x < x0) x0 = x; if (x > x1) x1 = x; if (y < y0) y0 = y; if (y > y1) y1 = y;
          });
          if (close) path.closePath();
        };
        const g = feature.geometry || { type: "none" };
        if (g.type === "Polygon") g.coordinates.forEach((r) => draw(r, true));
        else if (g.type === "MultiPolygon") g.coordinates.forEach((p) => p.forEach((r) => draw(r, true)));
        else if (g.type === "LineString") draw(g.coordinates, false);
        else if (g.type === "MultiLineString") g.coordinates.forEach((l) => draw(l, false));
        this.paths[i] = path;
        this.closed[i] = g.type.endsWith("Polygon");
        this.boxes.set([x0, y0, x1, y1], 4 * i);
        const at = this.properties[i].at;
        if (at) { const q = project(at); this.labels[i] = L.point(q.x - this.origin.x, q.y - this.origin.y); }
      });
    }
    whole() {
      if (!this.all) { this.all = new Path2D(); for (const path of this.paths) this.all.addPath(path); }
      return this.all;
    }
    visible(i, view) {
      const b = this.boxes, k = 4 * i;
      return b[k] <= view[2] && b[k + 2] >= view[0] && b[k + 1] <= view[3] && b[k + 3] >= view[1];
    }
    latLngBounds(i) {
      const b = this.boxes.subarray(4 * i, 4 * i + 4);
      const back = (x, y) => L.CRS.EPSG3857.pointToLatLng(L.point(x + this.origin.x, y + this.origin.y), REFERENCE_ZOOM);
      return L.latLngBounds(back(b[0], b[1]), back(b[2], b[3]));
    }
    at(latlng) {
      const p = L.CRS.EPSG3857.latLngToPoint(latlng, REFERENCE_ZOOM);
      const x = p.x - this.origin.x, y = p.y - this.origin.y;
      for (let i = 0; i < this.paths.length; i++) {
        if (!this.closed[i] || !this.visible(i, [x, y, x, y])) continue;
        if (Shapes.probe.isPointInPath(this.paths[i], x, y, "evenodd")) return i;
      }
      return -1;
    }
  }
  Shapes.probe = document.createElement("canvas").getContext("2d");

  const cache = new Map(); // url → promise of Shapes; the last few dozen are kept
  function shapes(url) {
    if (!cache.has(url)) {
      const wanted = fetch(url, { credentials: "same-origin" }).then((answer) => {
        if (!answer.ok) throw new Error(answer.status);
        return answer.json();
      }).then((json) => new Shapes(json));
      wanted.catch(() => cache.delete(url));
      cache.set(url, wanted);
      if (cache.size > 48) cache.delete(cache.keys().next().value);
    }
    return cache.get(url);
  }
  const dots = new Map();
  function points(url) {
    if (!dots.has(url)) {
      const wanted = fetch(url, { credentials: "same-origin" }).then((answer) => {
        if (!answer.ok) throw new Error(answer.status);
        return answer.json();
      });
      wanted.catch(() => dots.delete(url));
      dots.set(url, wanted);
      if (dots.size > 24) dots.delete(dots.keys().next().value);
    }
    return dots.get(url);
  }

  // ---- one canvas that follows the map ----------------------------------------------------------------------------
  const Sheet = L.Renderer.extend({
    options: { padding: 0.25, draw: null },
    _initContainer: function () {
      this._container = document.createElement("canvas");
      this._ctx = this._container.getContext("2d");
    },
    _destroyContainer: function () {
      cancelAnimationFrame(this._frame);
      L.DomUtil.remove(this._container);
      delete this._container;
      delete this._ctx;
    },
    _update: function () {
      if (this._map._animatingZoom && this._bounds) return;
      L.Renderer.prototype._update.call(this);
      const size = this._bounds.getSize(), ratio = window.devicePixelRatio || 1, c = this._container;
      L.DomUtil.setPosition(c, this._bounds.min);
      const w = Math.round(size.x * ratio), h = Math.round(size.y * ratio);
      if (c.width !== w || c.height !== h) { c.width = w; c.height = h; c.style.width = size.x + "px"; c.style.height = size.y + "px"; }
      this.paint();
    },
    _updatePaths: function () {},
    _reset: function () { this._update(); this._updateTransform(this._center, this._zoom); },
    _onZoomEnd: function () {},
    redraw: function () {
      if (!this._frame) this._frame = requestAnimationFrame(() => { this._frame = 0; if (this._map) this.paint(); });
    },
    paint: function () {
      const ctx = this._ctx, c = this._container;
      ctx.setTransform(1, 0, 0, 1, 0, 0);
      ctx.clearRect(0, 0, c.width, c.height);
      this.options.draw(ctx, this);
    },
    // Sets ctx so that a layer's kept paths come out where they belong; gives pixels per unit and the part in view.
    enter: function (ctx, layer) {
      const ratio = window.devicePixelRatio || 1, k = this._map.getZoomScale(this._zoom, REFERENCE_ZOOM);
      const o = this._map.getPixelOrigin(), m = this._bounds.min, size = this._bounds.getSize();
      const dx = layer.origin.x * k - o.x - m.x, dy = layer.origin.y * k - o.y - m.y;
      ctx.setTransform(ratio * k, 0, 0, ratio * k, ratio * dx, ratio * dy);
      return { k, dx, dy, view: [-dx / k, -dy / k, (size.x - dx) / k, (size.y - dy) / k] };
    },
    // Sets ctx to screen pixels from the sheet's corner; gives a function from latlng to them.
    screen: function (ctx) {
      const ratio = window.devicePixelRatio || 1, m = this._bounds.min;
      ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
      return (latlng) => this._map.latLngToLayerPoint(latlng).subtract(m);
    },
  });

  // ---- symbols -----------------------------------------------------------------------------------------------------
  function trace(ctx, shape, x, y, r) {
    ctx.beginPath();
    if (shape === "star") {
      for (let i = 0; i < 10; i++) {
        const a = -Math.PI / 2 + (i * Math.PI) / 5, q = i % 2 ? r * 0.42 : r;
        ctx.lineTo(x + q * Math.cos(a), y + q * Math.sin(a));
      }
      ctx.closePath();
    } else if (shape === "square") ctx.rect(x - r * 0.85, y - r * 0.85, r * 1.7, r * 1.7);
    else if (shape === "diamond") { ctx.moveTo(x, y - r); ctx.lineTo(x + r, y); ctx.lineTo(x, y + r); ctx.lineTo(x - r, y); ctx.closePath(); }
    else if (shape === "triangle") { ctx.moveTo(x, y - r); ctx.lineTo(x + r * 0.9, y + r * 0.65); ctx.lineTo(x - r * 0.9, y + r * 0.65); ctx.closePath(); }
    else ctx.arc(x, y, r, 0, 2 * Math.PI);
  }
  function symbol(ctx, style, x, y, r, ground) {
    trace(ctx, style.shape, x, y, r);
    if (style.hollow) { ctx.lineWidth = 4; ctx.strokeStyle = ground.pickEdge; ctx.stroke(); ctx.lineWidth = 2.2; ctx.strokeStyle = style.colour; ctx.stroke(); return; }
    ctx.fillStyle = style.colour; ctx.globalAlpha = style.alpha || 1; ctx.fill(); ctx.globalAlpha = 1;
    ctx.lineWidth = r > 4 ? 1.5 : 0.75; ctx.strokeStyle = ground.pickEdge; ctx.stroke();
  }

  // ---- the stage: what one map holds ------------------------------------------------------------------------------
  class Stage {
    constructor(map, options) {
      this.map = map;
      this.options = options;
      this.ground = GROUND[options.theme] || GROUND.light;
      this.message = {};
      this.areas = null;
      this.outlines = [];
      this.points = [];
      this.over = -1;
      this.turn = 0;
      this.clicks = 0;
      this.painted = 0;
      this.classes = [];
      this.values = [];
      const box = map.getContainer();
      box.classList.add("gm-map");
      box.setAttribute("role", "application");
      box.setAttribute("aria-label", options.words.map);
      document.documentElement.classList.toggle("gm-dark", options.theme === "dark");
      document.documentElement.style.setProperty("--gm-font", options.font);
      document.body.style.background = options.theme === "dark" ? "#0e161c" : "#ffffff";
      this.base = new Sheet({ pane: "tilePane", draw: (ctx, sheet) => this.drawBase(ctx, sheet) }).addTo(map);
      this.fill = new Sheet({ pane: "overlayPane", draw: (ctx, sheet) => this.drawAreas(ctx, sheet) }).addTo(map);
      this.top = new Sheet({ pane: "shadowPane", draw: (ctx, sheet) => this.drawTop(ctx, sheet) }).addTo(map);
      this.tip = L.tooltip({ className: "gm-tip", direction: "top", offset: [0, -10], opacity: 1 });
      this.panel = L.control({ position: "bottomright" });
      this.panel.onAdd = () => {
        const div = L.DomUtil.create("section", "gm-panel");
        div.setAttribute("aria-label", options.words.legend);
        L.DomEvent.disableClickPropagation(div);
        L.DomEvent.disableScrollPropagation(div);
        div.hidden = true;
        return div;
      };
      this.panel.addTo(map);
      this.note = L.control({ position: "topright" });
      this.note.onAdd = () => { const div = L.DomUtil.create("div", "gm-note"); div.hidden = true; div.setAttribute("role", "status"); return div; };
      this.note.addTo(map);
      map.on("mousemove", (e) => this.hover(e));
      map.on("mouseout", () => this.leave());
      map.on("click", (e) => this.click(e));
      new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(box);
      this.ready = Promise.all((options.base || []).map((layer) => shapes(layer.url).then((s) => ({ ...layer, shapes: s })))).then(
        (layers) => { this.baseLayers = layers; this.base.redraw(); },
        () => this.say(options.words.failed),
      );
    }

    say(text) { const div = this.note.getContainer(); div.textContent = text || ""; div.hidden = !text; }

    // Shows what a message says. The whole state is in it: two messages lost between make no difference.
    async paint(message) {
      const turn = ++this.turn;
      try {
        const [areas, outlines, dotted] = await Promise.all([
          message.areas ? shapes(message.areas.url) : null,
          Promise.all((message.outlines || []).map((o) => shapes(o.url).then((s) => ({ ...o, shapes: s })))),
          Promise.all((message.points || []).map((p) => points(p.url))),
          this.ready,
        ]);
        if (turn !== this.turn) return; // a later message is on its way
        this.say("");
        this.show(message, areas, outlines, dotted);
      } catch (error) {
        if (turn === this.turn) this.say(this.options.words.failed);
        console.warn("gridmap: " + error);
      }
    }

    show(message, areas, outlines, dotted) {
      const moved = JSON.stringify(message.focus) !== JSON.stringify(this.message.focus);
      this.message = message;
      this.areas = areas;
      this.outlines = outlines;
      this.points = dotted;
      this.over = -1;
      this.map.closeTooltip(this.tip);
      const scale = message.scale || { kind: "graded", breaks: [], colours: [] };
      this.values = message.areas ? figures(message.areas.values || "", scale) : [];
      if (areas && message.areas.values && this.values.length !== areas.codes.length)
        console.warn(`gridmap: ${this.values.length} figures for ${areas.codes.length} areas`);
      this.classes = this.values.map((v) => classOf(v, scale));
      this.legend(message.legend);
      if ((moved && message.focus) || !this.painted) this.fit(message.focus || this.options.bounds, this.painted > 0);
      this.fill.redraw();
      this.top.redraw();
      const count = ++this.painted;
      requestAnimationFrame(() => requestAnimationFrame(() => {
        this.map.getContainer().dataset.painted = count;
        this.map.getContainer().dataset.stamp = message.stamp || "";
      }));
    }

    // Shows bounds whole, beside the legend where the map is wide enough for both.
    fit(bounds, animate) {
      const legend = this.panel.getContainer(), wide = this.map.getSize().x, beside = legend.hidden ? 0 : legend.offsetWidth + 10;
      const options = { paddingTopLeft: [18, 18], paddingBottomRight: [wide > 4 * beside ? 18 + 0.6 * beside : 18, 18], duration: 0.6 };
      if (animate && !matchMedia("(prefers-reduced-motion: reduce)").matches) this.map.flyToBounds(bounds, options);
      else this.map.fitBounds(bounds, { ...options, animate: false });
    }

    // The ground: land and water below the figures, and, thinly, water and roads again above them, so that a coloured map
    // still shows where one is.
    drawBase(ctx, sheet) {
      for (const layer of this.baseLayers || []) this.drawGround(ctx, sheet, layer, 1);
    }

    drawGround(ctx, sheet, layer, strength) {
      const g = this.ground, s = layer.shapes, { k, view } = sheet.enter(ctx, s);
      ctx.lineJoin = ctx.lineCap = "round";
      if (layer.kind === "land") {
        if (strength < 1) return;
        ctx.fillStyle = g.land; ctx.strokeStyle = g.edge; ctx.lineWidth = 1.5 / k;
        s.paths.forEach((p) => { ctx.fill(p, "evenodd"); ctx.stroke(p); });
      } else if (layer.kind === "water") {
        ctx.globalAlpha = strength < 1 ? 0.9 : 1;
        ctx.fillStyle = ctx.strokeStyle = g.water; ctx.lineWidth = 2 / k;
        s.paths.forEach((p, i) => { if (s.closed[i]) ctx.fill(p, "evenodd"); else ctx.stroke(p); });
      } else {
        const zoom = sheet._zoom, widths = [1, 2.4, 1.7, 1.1, 0.7];
        const rank = (i) => s.properties[i].rank || 4;
        const wide = (i) => widths[rank(i)] * Math.max(0.8, Math.min(3.2, (zoom - 10) * 0.62));
        const seen = s.paths.map((_, i) => s.visible(i, view) && (rank(i) < 3 || zoom >= (rank(i) === 3 ? 13 : 14.5)));
        ctx.globalAlpha = strength;
        for (const [colour, extra] of strength < 1 ? [[g.road, 0]] : [[g.casing, 1.4], [g.road, 0]]) {
          ctx.strokeStyle = colour;
          s.paths.forEach((p, i) => { if (seen[i]) { ctx.lineWidth = (wide(i) + extra) / k; ctx.stroke(p); } });
        }
      }
      ctx.globalAlpha = 1;
    }

    drawAreas(ctx, sheet) {
      const s = this.areas, scale = this.message.scale;
      if (!s || !scale) return;
      const { k, view } = sheet.enter(ctx, s), colours = scale.colours, none = scale.none;
      const opacity = this.message.areas.opacity || 0.82, within = this.message.within;
      const seen = [];
      for (let i = 0; i < s.paths.length; i++) if (s.visible(i, view)) seen.push(i);
      for (const i of seen) {
        const c = this.classes[i];
        const colour = c === undefined || c < 0 ? none : colours[c];
        if (!colour) continue;
        ctx.globalAlpha = within && !s.codes[i].startsWith(within) ? opacity * 0.22 : opacity;
        ctx.fillStyle = colour;
        ctx.fill(s.paths[i], "evenodd");
      }
      ctx.globalAlpha = 1;
      for (const layer of this.baseLayers || []) this.drawGround(ctx, sheet, layer, 0.5);
      if (sheet._container.width * sheet._container.height < 90 * seen.length) return; // cells of a few pixels: borders would hide them
      sheet.enter(ctx, s);
      ctx.strokeStyle = this.ground.border;
      ctx.lineJoin = "round";
      ctx.lineWidth = (seen.length > 2000 ? 0.4 : seen.length > 900 ? 0.6 : seen.length > 300 ? 0.9 : seen.length > 60 ? 1.4 : 2.2) / k;
      if (seen.length > s.paths.length / 2) ctx.stroke(s.whole()); // one path of all is three times as fast as each by itself
      else for (const i of seen) ctx.stroke(s.paths[i]);
    }

    drawTop(ctx, sheet) {
      const g = this.ground;
      for (const o of this.outlines) {
        const { k, view } = sheet.enter(ctx, o.shapes);
        ctx.lineJoin = "round";
        ctx.setLineDash(o.dash ? o.dash.map((d) => d / k) : []);
        ctx.strokeStyle = o.colour || g.line;
        ctx.lineWidth = (o.width || 1.5) / k;
        o.shapes.paths.forEach((p, i) => { if (o.shapes.visible(i, view)) ctx.stroke(p); });
        ctx.setLineDash([]);
      }
      if (this.areas) {
        const picked = this.message.selected === undefined ? undefined : this.areas.index.get(this.message.selected);
        for (const [i, width] of [[this.over, 2], [picked, 3.5]]) {
          if (i === undefined || i < 0) continue;
          const { k } = sheet.enter(ctx, this.areas);
          ctx.lineJoin = "round";
          ctx.strokeStyle = g.pickEdge; ctx.lineWidth = (width + 3) / k; ctx.stroke(this.areas.paths[i]);
          ctx.strokeStyle = g.pick; ctx.lineWidth = width / k; ctx.stroke(this.areas.paths[i]);
        }
      }
      const taken = [];
      this.hits = [];
      const place = sheet.screen(ctx);
      for (const layer of this.points) {
        for (const p of layer.points) {
          const q = place([p.at[1], p.at[0]]), style = layer.styles[p.style];
          const r = p.size || style.size || 6;
          symbol(ctx, style, q.x, q.y, r, g);
          this.hits.push({ x: q.x, y: q.y, r: Math.max(r, 8), point: p, layer });
          if (r >= 4) taken.push([q.x - r, q.y - r, q.x + r, q.y + r]);
        }
      }
      if (this.message.labels !== false) {
        for (const o of this.outlines) if (o.labels) this.drawLabels(ctx, sheet, o.shapes, o.labels, taken);
        if (this.areas && this.message.areas.labels) this.drawLabels(ctx, sheet, this.areas, this.message.areas.labels, taken, true);
      }
    }

    drawLabels(ctx, sheet, s, style, taken, figures) {
      const { k, dx, dy, view } = sheet.enter(ctx, s), g = this.ground;
      let shown = 0;
      for (let i = 0; i < s.paths.length; i++) if (s.visible(i, view)) shown++;
      const size = (style.size || 13) * (shown < 30 ? 1.2 : 1);
      sheet.screen(ctx);
      ctx.font = `${style.weight || 500} ${size}px ${this.options.font}`;
      ctx.textAlign = "center"; ctx.textBaseline = "middle"; ctx.lineJoin = "round";
      const wanted = [];
      for (let i = 0; i < s.paths.length; i++) {
        const text = s.properties[i].name, at = s.labels[i];
        if (!text || !at || !s.visible(i, view)) continue;
        const b = s.boxes, room = (b[4 * i + 2] - b[4 * i]) * k, tall = (b[4 * i + 3] - b[4 * i + 1]) * k;
        wanted.push([room * tall, i, text, at, room, tall]);
      }
      wanted.sort((a, b) => b[0] - a[0]);
      this.askFonts(ctx.font, wanted.map((w) => w[2]).join(""));
      for (const [, i, text, at, room, tall] of wanted) {
        const value = figures && style.figures && this.values[i] !== null && this.values[i] !== undefined ? this.number(this.values[i]) : "";
        const w = ctx.measureText(text).width, h = size * (value ? 2.3 : 1.25);
        if (w > room * (style.tight || 1.15) || size > tall) continue;
        const x = at.x * k + dx;
        const boxAt = (y) => [x - w / 2 - 3, y - h / 2, x + w / 2 + 3, y + h / 2];
        const free = (y) => { const b = boxAt(y); return !taken.some((t) => t[0] < b[2] && t[2] > b[0] && t[1] < b[3] && t[3] > b[1]); };
        const middle = at.y * k + dy, step = Math.min(size * 1.3, tall / 3);
        const y = [middle, middle + step, middle - step].find(free);
        if (y === undefined) continue;
        taken.push(boxAt(y));
        ctx.strokeStyle = g.halo; ctx.lineWidth = Math.max(3, size / 4.5);
        ctx.fillStyle = style.colour || g.ink;
        const rows = value ? [[text, y - size * 0.55], [value, y + size * 0.6]] : [[text, y]];
        for (const [t, ty] of rows) { ctx.strokeText(t, x, ty); ctx.fillText(t, x, ty); }
      }
    }

    // Canvas text never fetches a web font by itself: ask for the slices these characters need, then draw again.
    askFonts(font, text) {
      this.asked = this.asked || new Set();
      const fresh = [...new Set(text)].filter((c) => !this.asked.has(c));
      if (!fresh.length) return;
      fresh.forEach((c) => this.asked.add(c));
      document.fonts.load(font, fresh.join("")).then((faces) => { if (faces.length) this.top.redraw(); }, () => {});
    }

    number(value) {
      const digits = (this.message.scale && this.message.scale.digits) || 0;
      return new Intl.NumberFormat(this.options.locale, { maximumFractionDigits: digits, minimumFractionDigits: digits }).format(value) +
        ((this.message.scale && this.message.scale.suffix) || "");
    }

    find(e) {
      if (this.hits && this.top._bounds) {
        const q = this.map.latLngToLayerPoint(e.latlng).subtract(this.top._bounds.min);
        for (let i = this.hits.length - 1; i >= 0; i--) {
          const h = this.hits[i];
          if ((h.x - q.x) ** 2 + (h.y - q.y) ** 2 <= h.r ** 2) return { point: h.point, layer: h.layer };
        }
      }
      return { area: this.areas ? this.areas.at(e.latlng) : -1 };
    }

    hover(e) {
      const found = this.find(e), over = found.point ? -1 : found.area;
      this.map.getContainer().classList.toggle("gm-over", Boolean(found.point) || over >= 0);
      if (over !== this.over) { this.over = over; this.top.redraw(); }
      const lines = found.point ? [found.point.name, ...(found.point.lines || [])] : over >= 0 ? this.describe(over) : null;
      if (!lines) { this.map.closeTooltip(this.tip); this.tipText = ""; return; }
      const key = lines.join("\n");
      if (key !== this.tipText) {
        this.tipText = key;
        const div = document.createElement("div");
        lines.forEach((text, i) => { const row = document.createElement(i ? "span" : "b"); row.textContent = text; div.appendChild(row); });
        this.tip.setContent(div);
      }
      this.tip.setLatLng(e.latlng);
      if (!this.map.hasLayer(this.tip)) this.map.openTooltip(this.tip);
    }

    describe(i) {
      const p = this.areas.properties[i], scale = this.message.scale || {}, lines = [p.name || this.areas.codes[i]];
      const value = this.values[i];
      if (scale.kind === "categories") { if (scale.names && scale.names[value]) lines.push(scale.names[value]); }
      else if (value !== undefined && scale.title)
        lines.push(`${scale.title} ${value === null ? scale.absent : this.number(value) + (scale.unit ? " " + scale.unit : "")}`);
      for (const text of p.lines || []) lines.push(text);
      return lines;
    }

    leave() {
      this.map.closeTooltip(this.tip);
      this.tipText = "";
      if (this.over >= 0) { this.over = -1; this.top.redraw(); }
    }

    click(e) {
      const found = this.find(e), out = { n: ++this.clicks, session: this.session, at: [e.latlng.lat, e.latlng.lng] };
      if (found.point) Object.assign(out, { kind: "point", layer: found.layer.key, code: found.point.id });
      else if (found.area >= 0) Object.assign(out, { kind: "area", level: this.message.areas.level, code: this.areas.codes[found.area] });
      else Object.assign(out, { kind: "ground", code: null });
      this.report(out);
    }

    report(out) {
      this.last = out;
      if (window.Streamlit) window.Streamlit.setComponentValue(out);
    }

    legend(content) {
      const div = this.panel.getContainer(), key = JSON.stringify(content || null);
      if (key === this.legendKey) return;
      this.legendKey = key;
      div.hidden = !content;
      div.replaceChildren();
      if (!content) return;
      const add = (tag, text, into) => { const el = document.createElement(tag); if (text) el.textContent = text; (into || div).appendChild(el); return el; };
      add("h2", content.title);
      add("p", content.note);
      for (const rows of content.groups) {
        const ul = add("ul");
        for (const row of rows) {
          const li = add("li", "", ul);
          if (row.quiet) li.className = "gm-quiet";
          if (row.shape) {
            const c = document.createElement("canvas"), ratio = window.devicePixelRatio || 1;
            c.width = 26 * ratio; c.height = 20 * ratio; c.className = "gm-symbol"; c.setAttribute("aria-hidden", "true");
            const ctx = c.getContext("2d"); ctx.scale(ratio, ratio);
            symbol(ctx, row, 13, 10, row.size || 7, this.ground);
            li.appendChild(c);
          } else {
            const key = add("span", "", li);
            key.className = row.line ? "gm-line" : "gm-swatch";
            if (row.line) key.style.borderTopColor = row.colour; else key.style.background = row.colour;
          }
          add("span", row.text, li);
        }
      }
    }
  }

  gridmap.start = (map, options) => {
    if (options.source) {
      const source = L.control({ position: "bottomleft" });
      source.onAdd = () => { const div = L.DomUtil.create("div", "leaflet-control-attribution"); div.textContent = options.source; return div; };
      source.addTo(map);
    }
    L.control.zoom({ position: "topleft", zoomInTitle: options.words.zoomIn, zoomOutTitle: options.words.zoomOut }).addTo(map);
    L.control.scale({ imperial: false, maxWidth: 140 }).addTo(map);
    if (options.bounds) map.fitBounds(options.bounds, { padding: [18, 18], animate: false });
    map.gridmap = gridmap.stage = new Stage(map, options);
    gridmap.stage.session = String(Math.floor(performance.timeOrigin + performance.now()));
  };
  gridmap.paint = (map, message) => map.gridmap.paint(message);
})();
