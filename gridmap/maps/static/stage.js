// What one map holds: ground, coloured areas, lines, signs, names, legend, card; and the message that changes them.
//
// A page's shapes come once, by URL. What a filter sends is a short message, and paint() changes what is already there.
// Nothing is ever written as HTML: every text from data goes through textContent or fillText.
((gridmap) => {
  "use strict";

  const FINE = 2000; // outlines in view from which each is a hairline: wider ones would cover the map, and take seconds

  const { figures, classOf, shapes, points, Sheet, symbol } = gridmap;

  const GROUND = {
    light: { land: "#f6f6f3", edge: "#b8c2c4", water: "#cfdfe6", road: "#ffffff", casing: "#d5d9d6",
      border: "rgba(255,255,255,.8)", line: "#44545e", ink: "#14212b", halo: "rgba(255,255,255,.92)", pick: "#14212b", pickEdge: "#ffffff" },
    dark: { land: "#17222a", edge: "#3b4c57", water: "#0d2a3a", road: "#31424d", casing: "#1d2a33",
      border: "rgba(14,22,28,.85)", line: "#9fb0ba", ink: "#eef3f5", halo: "rgba(11,19,25,.9)", pick: "#ffffff", pickEdge: "#0b1319" },
  };

  // ---- the stage: what one map holds ------------------------------------------------------------------------------
  class Stage {
    constructor(map, options) {
      this.map = map;
      this.options = options;
      this.ground = GROUND[options.theme] || GROUND.light;
      this.message = {};
      this.main = this.other = null; // the areas shown; with another beside them when two states are compared
      this.outlines = [];
      this.patches = [];
      this.points = [];
      this.over = null;
      this.turn = 0;
      this.clicks = 0;
      this.painted = 0;
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
      new ResizeObserver(() => gridmap.resized(this)).observe(box);
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
        const [areas, other, outlines, dotted, patched, density] = await Promise.all([
          message.areas ? shapes(message.areas.url) : null,
          message.other ? shapes(message.other.areas.url) : null,
          Promise.all((message.outlines || []).map((o) => (o.groups ? gridmap.grouped(o) : shapes(o.url)).then((s) => ({ ...o, shapes: s })))),
          Promise.all((message.points || []).map((p) => points(p.url))),
          Promise.all((message.patches || []).map((p) => shapes(p.url).then((s) => ({ ...p, shapes: s })))),
          message.density ? points(message.density) : null,
          this.ready,
        ]);
        if (turn !== this.turn) return; // a later message is on its way
        if (!this.measure.on) this.say(message.note || "");
        this.show(message, { areas, other, outlines, dotted, patched, density });
      } catch (error) {
        if (turn === this.turn) this.say(this.options.words.failed);
        console.warn("gridmap: " + error);
      }
    }

    show(message, { areas, other, outlines, dotted, patched, density }) {
      const barred = Boolean(this.timeBar);
      let moved = JSON.stringify(message.focus) !== JSON.stringify(this.message.focus);
      this.message = message;
      this.main = areas && this.side(areas, message.areas, message.scale);
      this.other = other && this.side(other, message.other.areas, message.other.scale);
      this.outlines = outlines;
      this.patches = patched;
      this.points = dotted;
      this.heading.textContent = message.heading || "";
      this.density = density;
      this.over = null;
      gridmap.compare(this, message.other && message.other.names);
      gridmap.time(this, message.frames);
      if (Boolean(this.timeBar) !== barred && gridmap.unmoved(this)) moved = true; // clear of the row of periods
      gridmap.legend(this, message.legend);
      gridmap.pens(this, message.tools);
      this.fill.redraw();
      this.top.redraw(); // both at once where the view changes now
      if ((moved && message.focus) || !this.painted) gridmap.fit(this, message.focus || this.options.bounds, this.painted > 0);
      if (this.pointer) this.hover(this.pointer); // what is under the pointer may have another figure now
      const count = ++this.painted;
      requestAnimationFrame(() => requestAnimationFrame(() => {
        this.map.getContainer().dataset.painted = count;
        this.map.getContainer().dataset.stamp = message.stamp || "";
      }));
    }

    // One state of the areas: their shapes, figures and the class of each.
    side(areas, spec, scale) {
      const side = { areas, spec, scale: scale || { kind: "graded", breaks: [], colours: [] } };
      this.fillIn(side, spec.values);
      return side;
    }

    fillIn(side, packed) {
      side.values = figures(packed || "", side.scale);
      side.classes = side.values.map((v) => classOf(v, side.scale));
      if (packed && side.values.length !== side.areas.codes.length)
        console.warn(`gridmap: ${side.values.length} figures for ${side.areas.codes.length} areas`);
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
        s.paths.forEach((_, i) => { ctx.fill(s.path(i), "evenodd"); ctx.stroke(s.path(i)); });
      } else if (layer.kind === "water") {
        ctx.globalAlpha = strength < 1 ? 0.9 : 1;
        ctx.fillStyle = ctx.strokeStyle = g.water; ctx.lineWidth = 2 / k;
        s.paths.forEach((_, i) => { if (s.closed[i]) ctx.fill(s.path(i), "evenodd"); else ctx.stroke(s.path(i)); });
      } else {
        const zoom = sheet._zoom, widths = [1, 2.4, 1.7, 1.1, 0.7];
        const rank = (i) => s.properties[i].rank || 4;
        const wide = (i) => widths[rank(i)] * Math.max(0.8, Math.min(3.2, (zoom - 10) * 0.62));
        const seen = s.paths.map((_, i) => s.visible(i, view) && (rank(i) < 3 || zoom >= (rank(i) === 3 ? 13 : 14.5)));
        ctx.globalAlpha = strength;
        for (const [colour, extra] of strength < 1 ? [[g.road, 0]] : [[g.casing, 1.4], [g.road, 0]]) {
          ctx.strokeStyle = colour;
          s.paths.forEach((_, i) => { if (seen[i]) { ctx.lineWidth = (wide(i) + extra) / k; ctx.stroke(s.path(i)); } });
        }
      }
      ctx.globalAlpha = 1;
    }

    drawAreas(ctx, sheet) {
      if (this.other) {
        const cut = this.map.containerPointToLayerPoint([this.share * this.map.getSize().x, 0]).x - sheet._bounds.min.x, size = sheet._bounds.getSize();
        for (const [side, x, width] of [[this.main, 0, cut], [this.other, cut, size.x - cut]]) {
          sheet.screen(ctx);
          ctx.save();
          ctx.beginPath(); ctx.rect(x, 0, Math.max(0, width), size.y); ctx.clip();
          if (side) this.drawSide(ctx, sheet, side);
          ctx.restore();
        }
      } else if (this.main) this.drawSide(ctx, sheet, this.main);
      if (this.density) gridmap.density(ctx, sheet, this.density, this.options.theme);
    }

    drawSide(ctx, sheet, side) {
      const s = side.areas, scale = side.scale, { k, view } = sheet.enter(ctx, s), colours = scale.colours, none = scale.none;
      const opacity = side.spec.opacity || 0.82, within = this.message.within;
      const seen = [];
      for (let i = 0; i < s.paths.length; i++) if (s.visible(i, view)) seen.push(i);
      gridmap.comeNear(this, side, seen);
      let at = s; // whose paths ctx is set for
      const pathOf = (i) => {
        const [shapes, j] = gridmap.nearest(side, i);
        if (shapes !== at) sheet.enter(ctx, (at = shapes));
        return shapes.path(j);
      };
      const look = (i) => {
        const c = side.classes[i], colour = c === undefined || c < 0 ? none : colours[c];
        return colour ? [colour, within && !s.codes[i].startsWith(within) ? opacity * 0.22 : opacity] : null;
      };
      if (seen.length > gridmap.MANY && s.rings && !this.other) gridmap.drawMany(ctx, sheet, side, look);
      else for (const i of seen) {
        const looks = look(i);
        if (!looks) continue;
        [ctx.fillStyle, ctx.globalAlpha] = looks;
        ctx.fill(pathOf(i), "evenodd");
      }
      ctx.globalAlpha = 1;
      for (const layer of this.baseLayers || []) this.drawGround(ctx, sheet, layer, 0.5);
      if (sheet._container.width * sheet._container.height < 90 * seen.length) return; // cells of a few pixels: borders would hide them
      sheet.enter(ctx, (at = s));
      ctx.strokeStyle = this.ground.border;
      ctx.lineJoin = "round";
      ctx.lineWidth = (seen.length > 2000 ? 0.4 : seen.length > 900 ? 0.6 : seen.length > 300 ? 0.9 : seen.length > 60 ? 1.4 : 2.2) / k;
      if (seen.length > s.paths.length / 2) ctx.stroke(s.whole()); // one path of all is three times as fast as each by itself
      else for (const i of seen) ctx.stroke(pathOf(i));
    }

    drawTop(ctx, sheet) {
      const g = this.ground;
      gridmap.drawPatches(ctx, sheet, this.patches);
      for (const o of this.outlines) {
        const { k, view } = sheet.enter(ctx, o.shapes);
        ctx.lineJoin = "round";
        ctx.lineCap = o.dash ? "butt" : "round";
        const lines = o.shapes.lines(view), fine = lines.length > FINE;
        ctx.setLineDash(o.dash && !fine ? o.dash.map((d) => d / k) : []);
        ctx.strokeStyle = o.colour || g.line;
        ctx.lineWidth = (fine ? 0.5 : o.width || 1.5) / k;
        if (fine && lines.length > o.shapes.paths.length / 2) ctx.stroke(o.shapes.whole());
        else for (const line of lines) ctx.stroke(line);
        ctx.setLineDash([]);
      }
      const side = this.main && !this.other ? this.main : null, marked = [];
      if (this.over) marked.push([this.over.shapes, this.over.index, 2]);
      const chosen = this.message.selected;
      if (chosen !== undefined) for (const s of [...(this.main ? [this.main.areas] : []), ...this.patches.map((p) => p.shapes)]) marked.push([s, s.index.get(chosen), 3.5]);
      if (this.main && this.message.chosen) this.drawChosen(ctx, sheet, this.message.chosen);
      for (const [drawn, index, width] of marked) {
        if (index === undefined) continue;
        const [s, i] = this.main && drawn === this.main.areas ? gridmap.nearest(this.main, index) : [drawn, index];
        const { k } = sheet.enter(ctx, s);
        ctx.lineJoin = "round";
        ctx.strokeStyle = g.pickEdge; ctx.lineWidth = (width + 3) / k; ctx.stroke(s.path(i));
        ctx.strokeStyle = g.pick; ctx.lineWidth = width / k; ctx.stroke(s.path(i));
      }
      const taken = [], signs = [];
      this.hits = [];
      const place = sheet.screen(ctx);
      for (const layer of this.points) {
        for (const p of layer.points) {
          const q = place([p.at[1], p.at[0]]), style = layer.styles[p.style];
          const r = p.size || style.size || 6;
          symbol(ctx, style, q.x, q.y, r, g);
          this.hits.push({ x: q.x, y: q.y, r: Math.max(r, 8), point: p, layer });
          if (r >= 4) signs.push([q.x - r, q.y - r, q.x + r, q.y + r]);
        }
      }
      if (this.message.labels !== false) {
        for (const o of this.outlines) if (o.labels) gridmap.drawLabels(this, ctx, sheet, o.shapes, o.labels, taken, signs);
        for (const p of this.patches) if (p.labels) gridmap.drawLabels(this, ctx, sheet, p.shapes, p.labels, taken, signs);
        if (side && side.spec.labels) gridmap.drawLabels(this, ctx, sheet, side.areas, side.spec.labels, taken, signs, side.values);
      }
      if (this.measure) this.measure.draw(ctx, sheet);
      if (this.sketch) gridmap.drawSketch(ctx, sheet, this.sketch, this);
    }

    // Areas chosen together: filled with stripes, so that what is beneath can still be read.
    drawChosen(ctx, sheet, chosen) {
      const s = this.main.areas, { k } = sheet.enter(ctx, s);
      if (!this.stripes) {
        const tile = document.createElement("canvas"), pen = tile.getContext("2d");
        tile.width = tile.height = 9;
        pen.strokeStyle = this.ground.pick; pen.lineWidth = 2;
        for (const d of [-9, 0, 9]) { pen.beginPath(); pen.moveTo(d, 9); pen.lineTo(d + 9, 0); pen.stroke(); }
        this.stripes = ctx.createPattern(tile, "repeat");
      }
      this.stripes.setTransform(new DOMMatrix().scale(1 / k));
      ctx.lineJoin = "round";
      for (const code of chosen) {
        const i = s.index.get(code);
        if (i === undefined) continue;
        ctx.fillStyle = this.stripes; ctx.globalAlpha = 0.5; ctx.fill(s.path(i), "evenodd"); ctx.globalAlpha = 1;
        ctx.strokeStyle = this.ground.pickEdge; ctx.lineWidth = 6.5 / k; ctx.stroke(s.path(i));
        ctx.strokeStyle = this.ground.pick; ctx.lineWidth = 3.2 / k; ctx.stroke(s.path(i));
      }
    }

    number(value, scale = this.message.scale) {
      const digits = (scale && scale.digits) || 0;
      return new Intl.NumberFormat(this.options.locale, { maximumFractionDigits: digits, minimumFractionDigits: digits }).format(value);
    }

    find(e) {
      if (this.hits && this.top._bounds) {
        const q = this.map.latLngToLayerPoint(e.latlng).subtract(this.top._bounds.min);
        for (let i = this.hits.length - 1; i >= 0; i--) {
          const h = this.hits[i];
          if ((h.x - q.x) ** 2 + (h.y - q.y) ** 2 <= h.r ** 2) return { point: h.point, layer: h.layer };
        }
      }
      const patch = gridmap.patchAt(this.map, this.patches, e.latlng);
      if (patch) return { patch };
      const side = this.other && e.containerPoint.x > this.share * this.map.getSize().x ? this.other : this.main;
      const index = side ? side.areas.at(e.latlng) : -1;
      return index < 0 ? {} : { area: { side, index } };
    }

    hover(e) {
      if (this.drawing) { this.leave(); return; }
      this.pointer = e;
      if (this.measure.on) { this.measure.move(e.latlng); this.leave(); return; }
      const found = this.find(e), known = this.over;
      const over = found.area ? { shapes: found.area.side.areas, index: found.area.index }
        : found.patch ? { shapes: found.patch.layer.shapes, index: found.patch.index } : null;
      this.map.getContainer().classList.toggle("gm-over", Boolean(found.point || over));
      if ((over && over.shapes) !== (known && known.shapes) || (over && over.index) !== (known && known.index)) { this.over = over; this.top.redraw(); }
      const lines = found.point ? [found.point.name, ...(found.point.lines || [])]
        : found.patch ? this.describePatch(found.patch) : found.area ? this.describe(found.area) : null;
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

    describePatch({ layer, index }) {
      const p = layer.shapes.properties[index];
      return [p.name || layer.shapes.codes[index], ...(p.lines || [])];
    }

    describe({ side, index }) {
      const p = side.areas.properties[index], scale = side.scale, lines = [p.name || side.areas.codes[index]];
      const value = side.values[index];
      if (scale.kind === "categories") { if (scale.names && scale.names[value]) lines.push(scale.names[value]); }
      else if (value !== undefined && scale.title)
        lines.push(`${scale.title} ${value === null ? scale.absent : this.number(value, scale) + (scale.unit ? " " + scale.unit : "")}`);
      for (const text of p.lines || []) lines.push(text);
      return lines;
    }

    leave() {
      this.pointer = null;
      this.map.closeTooltip(this.tip);
      this.tipText = "";
      if (this.over) { this.over = null; this.top.redraw(); }
    }

    click(e) {
      if (this.measure.on) { this.measure.add(e.latlng); return; }
      if (this.drawing) return;
      const found = this.find(e), out = { n: ++this.clicks, session: this.session, at: [e.latlng.lat, e.latlng.lng] };
      if (found.point) Object.assign(out, { kind: "point", layer: found.layer.key, code: found.point.id });
      else if (found.patch) Object.assign(out, { kind: "patch", layer: found.patch.layer.key, code: found.patch.layer.shapes.codes[found.patch.index] });
      else if (found.area) {
        const { side, index } = found.area;
        Object.assign(out, { kind: "area", level: side.spec.level, code: side.areas.codes[index] });
      }
      else Object.assign(out, { kind: "ground", code: null });
      this.report(out);
    }

    report(out) {
      this.last = out;
      if (window.Streamlit) window.Streamlit.setComponentValue(out);
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
    gridmap.tools(gridmap.stage);
    gridmap.stage.session = String(Math.floor(performance.timeOrigin + performance.now()));
  };
  gridmap.paint = (map, message) => map.gridmap.paint(message);
})((window.gridmap = window.gridmap || {}));
