// Tools to draw with: an area, a circle, a line, a loop round what is meant. What was drawn is reported like a click.
((gridmap) => {
  "use strict";

  const SIGNS = { polygon: "M4 16 L8 4 L17 7 L15 17 Z", circle: "M10 3 a7 7 0 1 0 .01 0 Z", line: "M3 16 L8 7 L13 12 L18 4", lasso: "M10 4 C17 4 18 11 13 12 C8 13 3 12 4 8 C5 5 8 4 10 4 M12 12 L14 18" };
  const NEAR_PX = 12; // a click this near to the first corner closes an area

  class Pens {
    constructor(stage, spec) {
      this.stage = stage;
      this.words = spec.words;
      this.box = stage.map.getContainer();
      this.bar = document.createElement("div");
      this.bar.className = "gm-pens leaflet-bar";
      this.bar.setAttribute("role", "toolbar");
      this.buttons = new Map(spec.modes.map((mode) => [mode, this.button(mode)]));
      this.hint = this.bar.appendChild(document.createElement("span"));
      this.hint.setAttribute("role", "status");
      L.DomEvent.disableClickPropagation(this.bar);
      L.DomEvent.disableScrollPropagation(this.bar);
      this.box.appendChild(this.bar);
      this.handlers = { pointerdown: (e) => this.down(e), pointermove: (e) => this.move(e), pointerup: (e) => this.up(e), dblclick: (e) => this.twice(e) };
      for (const [kind, handler] of Object.entries(this.handlers)) this.box.addEventListener(kind, handler, true);
      this.keys = (e) => this.key(e);
      document.addEventListener("keydown", this.keys);
    }

    button(mode) {
      const button = this.bar.appendChild(document.createElement("button")), svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
      button.type = "button";
      button.title = this.words[mode];
      button.setAttribute("aria-label", this.words[mode]);
      button.setAttribute("aria-pressed", "false");
      button.dataset.tool = mode;
      svg.setAttribute("viewBox", "0 0 21 21");
      const path = svg.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "path"));
      path.setAttribute("d", SIGNS[mode]);
      button.appendChild(svg);
      button.addEventListener("click", () => this.choose(this.mode === mode ? null : mode));
      return button;
    }

    choose(mode) {
      this.mode = mode;
      this.points = [];
      this.radius = 0;
      this.held = false;
      clearTimeout(this.resting);
      if (mode) this.stage.drawing = true;
      else this.resting = setTimeout(() => { this.stage.drawing = false; }, 350); // the click that ends a drawing is no click on the map
      this.stage.map.dragging[mode ? "disable" : "enable"]();
      this.box.classList.toggle("gm-drawing", Boolean(mode));
      for (const [name, button] of this.buttons) button.setAttribute("aria-pressed", String(name === mode));
      this.hint.textContent = mode ? this.words[`${mode}Hint`] : "";
      this.sketch();
    }

    at(e) {
      const box = this.box.getBoundingClientRect();
      return this.stage.map.containerPointToLatLng([e.clientX - box.left, e.clientY - box.top]);
    }

    own(e) { return !this.mode || e.button > 0 || this.bar.contains(e.target) || Boolean(e.target.closest(".leaflet-control, .gm-panel, .gm-divider")); }

    down(e) {
      if (this.own(e)) return;
      const at = this.at(e);
      e.stopPropagation();
      e.preventDefault();
      if (this.mode === "circle" || this.mode === "lasso") {
        this.points = [at];
        this.radius = 0;
        this.held = true;
        this.box.setPointerCapture(e.pointerId);
      } else {
        const first = this.points[0];
        if (this.mode === "polygon" && this.points.length > 2 && this.pixels(first, at) < NEAR_PX) { this.finish(); return; }
        const last = this.points[this.points.length - 1];
        if (!last || this.pixels(last, at) > 3) this.points.push(at); // the second click of two adds no corner
      }
      this.sketch();
    }

    move(e) {
      if (!this.mode || !this.points.length) return;
      this.pointer = this.at(e);
      if (this.held && this.mode === "lasso") {
        if (this.pixels(this.points[this.points.length - 1], this.pointer) > 4) this.points.push(this.pointer);
      } else if (this.held) this.radius = this.stage.map.distance(this.points[0], this.pointer);
      this.sketch();
    }

    up(e) {
      if (!this.held) return;
      this.held = false;
      e.stopPropagation();
      if (this.mode === "circle" ? this.radius > 5 : this.points.length > 3) this.finish();
      else this.choose(this.mode);
    }

    twice(e) {
      if (this.own(e)) return;
      e.stopPropagation();
      e.preventDefault();
      if (this.points.length > (this.mode === "polygon" ? 2 : 1)) this.finish();
    }

    key(e) {
      if (!this.mode) return;
      if (e.key === "Escape") this.choose(null);
      else if (e.key === "Enter" && this.points.length > (this.mode === "polygon" ? 2 : 1)) {
        e.preventDefault(); // the tool's button still has the focus, and would take the pen up again
        this.finish();
      }
    }

    pixels(a, b) { return this.stage.map.latLngToContainerPoint(a).distanceTo(this.stage.map.latLngToContainerPoint(b)); }

    finish() {
      const round = (p) => [Math.round(p.lat * 1e7) / 1e7, Math.round(p.lng * 1e7) / 1e7];
      const out = { kind: "drawn", tool: this.mode, points: this.points.map(round), radius_m: Math.round(this.radius * 10) / 10, n: ++this.stage.clicks, session: this.stage.session };
      this.choose(null);
      this.stage.report(out);
    }

    sketch() {
      const shown = this.mode && !this.held && this.pointer && this.points.length ? [...this.points, this.pointer] : this.points;
      this.stage.sketch = this.mode && this.points.length ? { mode: this.mode, points: shown, radius: this.radius } : null;
      this.stage.top.redraw();
    }

    remove() {
      this.choose(null);
      clearTimeout(this.resting);
      this.stage.drawing = false;
      for (const [kind, handler] of Object.entries(this.handlers)) this.box.removeEventListener(kind, handler, true);
      document.removeEventListener("keydown", this.keys);
      this.bar.remove();
    }
  }

  gridmap.pens = (stage, spec) => {
    const key = JSON.stringify(spec || null);
    if (key === stage.pensKey) return;
    stage.pensKey = key;
    if (stage.pens) stage.pens.remove();
    stage.pens = spec ? new Pens(stage, spec) : null;
  };

  gridmap.drawSketch = (ctx, sheet, sketch, stage) => {
    const place = sheet.screen(ctx), spots = sketch.points.map(place);
    ctx.lineJoin = ctx.lineCap = "round";
    ctx.beginPath();
    if (sketch.mode === "circle") {
      const c = sketch.points[0], edge = L.latLng(c.lat, c.lng + sketch.radius / (111320 * Math.cos((c.lat * Math.PI) / 180)));
      ctx.arc(spots[0].x, spots[0].y, Math.max(2, place(edge).distanceTo(spots[0])), 0, 2 * Math.PI);
    } else spots.forEach((p, i) => (i ? ctx.lineTo(p.x, p.y) : ctx.moveTo(p.x, p.y)));
    if (sketch.mode === "polygon" || sketch.mode === "lasso") ctx.closePath();
    if (sketch.mode !== "line") { ctx.fillStyle = "rgba(213,94,0,.16)"; ctx.fill(); }
    ctx.strokeStyle = stage.ground.pickEdge; ctx.lineWidth = 6; ctx.stroke();
    ctx.strokeStyle = "#d55e00"; ctx.lineWidth = 3; ctx.stroke();
    if (sketch.mode === "polygon" || sketch.mode === "line") {
      for (const p of spots) { ctx.beginPath(); ctx.arc(p.x, p.y, 4.5, 0, 2 * Math.PI); ctx.fillStyle = "#ffffff"; ctx.fill(); ctx.lineWidth = 2; ctx.stroke(); }
    }
  };
})((window.gridmap = window.gridmap || {}));
