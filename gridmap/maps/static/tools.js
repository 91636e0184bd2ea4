// The tools at the map's edge: measure, full screen, print; and the cross by which the keyboard chooses.
((gridmap) => {
  "use strict";

  const EARTH_M = 6378137;

  // Square metres of a ring on the sphere.
  function squareMetres(points) {
    let sum = 0;
    const rad = Math.PI / 180;
    points.forEach((p, i) => {
      const q = points[(i + 1) % points.length];
      sum += (q.lng - p.lng) * rad * (2 + Math.sin(p.lat * rad) + Math.sin(q.lat * rad));
    });
    return Math.abs((sum * EARTH_M * EARTH_M) / 2);
  }
  const write = (stage, value, digits) => new Intl.NumberFormat(stage.options.locale, { maximumFractionDigits: digits, minimumFractionDigits: digits }).format(value);
  const metres = (stage, m) => (m < 1000 ? `${write(stage, m, 0)} m` : `${write(stage, m / 1000, 2)} km`);
  const area = (stage, m2) => (m2 < 1e5 ? `${write(stage, m2, 0)} m²` : `${write(stage, m2 / 1e6, 2)} km²`);

  class Measure {
    constructor(stage, button) {
      this.stage = stage;
      this.button = button;
      this.points = [];
      this.on = false;
    }
    toggle() {
      this.on = !this.on;
      this.points = [];
      this.loose = null;
      this.done = !this.on;
      this.button.setAttribute("aria-pressed", this.on);
      this.stage.map.getContainer().classList.toggle("gm-measuring", this.on);
      this.stage.say(this.on ? this.stage.options.words.measuring : "");
      this.stage.top.redraw();
    }
    add(latlng) {
      if (this.done) { this.points = []; this.done = false; }
      const last = this.points[this.points.length - 1];
      if (last && last.equals(latlng)) { this.end(); return; } // the second click of a double click
      this.points.push(latlng);
      this.tell();
    }
    move(latlng) { if (this.points.length && !this.done) { this.loose = latlng; this.stage.top.redraw(); } }
    end() { this.done = true; this.loose = null; this.tell(); }
    tell() {
      this.stage.say(this.text(this.points) || this.stage.options.words.measuring);
      this.stage.top.redraw();
    }
    text(points) {
      let length = 0;
      for (let i = 1; i < points.length; i++) length += points[i - 1].distanceTo(points[i]);
      if (points.length < 2) return "";
      return metres(this.stage, length) + (points.length > 2 ? ` · ${area(this.stage, squareMetres(points))}` : "");
    }
    draw(ctx, sheet) {
      if (!this.points.length) return;
      const g = this.stage.ground, place = sheet.screen(ctx), all = this.loose ? [...this.points, this.loose] : this.points;
      const spots = all.map(place);
      ctx.lineJoin = ctx.lineCap = "round";
      if (spots.length > 2) { ctx.beginPath(); spots.forEach((q) => ctx.lineTo(q.x, q.y)); ctx.fillStyle = g.pick; ctx.globalAlpha = 0.08; ctx.fill(); ctx.globalAlpha = 1; }
      for (const [colour, width] of [[g.pickEdge, 6], [g.pick, 3]]) {
        ctx.strokeStyle = colour; ctx.lineWidth = width;
        ctx.beginPath(); spots.forEach((q) => ctx.lineTo(q.x, q.y)); ctx.stroke();
      }
      for (const q of spots) { ctx.beginPath(); ctx.arc(q.x, q.y, 5, 0, 7); ctx.fillStyle = g.pickEdge; ctx.fill(); ctx.lineWidth = 2.5; ctx.strokeStyle = g.pick; ctx.stroke(); }
      const text = this.text(all), end = spots[spots.length - 1];
      if (!text) return;
      ctx.font = `600 17px ${this.stage.options.font}`; ctx.textAlign = "left"; ctx.textBaseline = "middle";
      const wide = ctx.measureText(text).width;
      ctx.fillStyle = g.pickEdge; ctx.beginPath(); ctx.roundRect(end.x + 10, end.y - 34, wide + 16, 28, 4); ctx.fill();
      ctx.lineWidth = 1; ctx.strokeStyle = g.pick; ctx.stroke();
      ctx.fillStyle = g.pick; ctx.fillText(text, end.x + 18, end.y - 19);
    }
  }

  // One picture of what the three sheets show now. It is printed as the canvas it is: an image would have to be awaited.
  function picture(stage) {
    const size = stage.map.getSize(), ratio = window.devicePixelRatio || 1, c = document.createElement("canvas");
    c.width = size.x * ratio; c.height = size.y * ratio;
    const ctx = c.getContext("2d");
    c.style.background = ctx.fillStyle = getComputedStyle(stage.map.getContainer()).backgroundColor; // also where its frame is of another shape
    ctx.fillRect(0, 0, c.width, c.height);
    const corner = stage.map.containerPointToLayerPoint([0, 0]);
    for (const sheet of [stage.base, stage.fill, stage.top]) {
      const at = sheet._bounds.min.subtract(corner);
      ctx.drawImage(sheet._container, at.x * ratio, at.y * ratio);
    }
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    scaleBar(stage, ctx, size);
    sides(stage, ctx, size);
    c.className = "gm-picture";
    c.style.setProperty("--ratio", size.x / size.y);
    return c;
  }

  // The scale bar, drawn into the picture so that it grows and shrinks with it.
  function scaleBar(stage, ctx, size) {
    const line = document.querySelector(".leaflet-control-scale-line");
    if (!line) return;
    const left = 12, bottom = size.y - 14, right = left + parseFloat(line.style.width);
    ctx.font = `600 17px ${stage.options.font}`; ctx.textAlign = "left"; ctx.textBaseline = "alphabetic"; ctx.lineJoin = "round";
    for (const [colour, wide] of [[stage.ground.pickEdge, 7], [stage.ground.pick, 3]]) {
      ctx.strokeStyle = colour; ctx.lineWidth = wide;
      ctx.beginPath(); ctx.moveTo(left, bottom - 9); ctx.lineTo(left, bottom); ctx.lineTo(right, bottom); ctx.lineTo(right, bottom - 9); ctx.stroke();
      if (wide > 3) ctx.strokeText(line.textContent, left + 8, bottom - 9);
    }
    ctx.fillStyle = stage.ground.pick; ctx.fillText(line.textContent, left + 8, bottom - 9);
  }

  // The divider between two states, with the name of each on its side.
  function sides(stage, ctx, size) {
    if (!stage.divider) return;
    const x = stage.share * size.x;
    ctx.fillStyle = stage.ground.pick; ctx.fillRect(x - 1.5, 0, 3, size.y);
    ctx.font = `600 19px ${stage.options.font}`; ctx.textBaseline = "middle"; ctx.lineJoin = "round"; ctx.lineWidth = 6; ctx.strokeStyle = stage.ground.pickEdge;
    for (const [side, way] of [["left", -1], ["right", 1]]) {
      const name = stage.divider.querySelector(`.${side}`).textContent;
      ctx.textAlign = way < 0 ? "right" : "left";
      ctx.strokeText(name, x + way * 12, 24); ctx.fillText(name, x + way * 12, 24);
    }
  }

  // What is printed: heading, the picture, the legend and the source, on one sheet of A4 across; as a part of a printed page
  // the picture and the legend alone.
  function sheetToPrint(stage, part) {
    const old = document.querySelector(".gm-print");
    if (old) old.remove();
    const sheet = document.createElement("section"), add = (tag, text, into = sheet) => { const el = document.createElement(tag); if (text) el.textContent = text; into.appendChild(el); return el; };
    sheet.className = part ? "gm-print gm-part" : "gm-print";
    const played = stage.timeBar && stage.timeBar.querySelector("output").textContent;
    add("h1", [stage.message.heading || stage.options.words.map, played].filter(Boolean).join(" · "));
    const row = add("div");
    row.appendChild(picture(stage));
    const legend = stage.panel.getContainer();
    if (!legend.hidden) {
      const copy = legend.cloneNode(true), drawn = legend.querySelectorAll("canvas");
      copy.querySelectorAll("canvas").forEach((c, i) => c.getContext("2d").drawImage(drawn[i], 0, 0));
      row.appendChild(copy);
    }
    const foot = add("p");
    const when = new Intl.DateTimeFormat(stage.options.locale, { dateStyle: "long", timeStyle: "short" }).format(new Date());
    foot.textContent = [stage.options.source, when].filter(Boolean).join("  ·  ");
    document.body.appendChild(sheet);
  }

  // Goes to where the reader stands and chooses what lies there, as a click on it would.
  function here(stage) {
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      const latlng = L.latLng(coords.latitude, coords.longitude);
      stage.say("");
      stage.map.setView(latlng, Math.max(stage.map.getZoom(), 17), { animate: false });
      stage.click({ latlng, containerPoint: stage.map.latLngToContainerPoint(latlng) });
    }, () => stage.say(stage.options.words.nowhere), { enableHighAccuracy: true, timeout: 15000 });
  }

  gridmap.tools = (stage) => {
    const words = stage.options.words, bar = L.control({ position: "topleft" });
    const button = (box, name, sign, title, act) => {
      const b = document.createElement("button");
      b.type = "button"; b.className = `gm-tool gm-tool-${name}`; b.title = title; b.setAttribute("aria-label", title);
      const svg = b.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "svg"));
      svg.setAttribute("viewBox", "0 0 20 20"); svg.setAttribute("aria-hidden", "true");
      const path = svg.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "path"));
      path.setAttribute("d", sign);
      b.addEventListener("click", act);
      box.appendChild(b);
      return b;
    };
    bar.onAdd = () => {
      const box = L.DomUtil.create("div", "leaflet-bar");
      L.DomEvent.disableClickPropagation(box);
      const ruler = button(box, "measure", "M2 13 13 2l5 5L7 18zM5 10l2 2M8 7l3 3M11 4l2 2", words.measure, () => stage.measure.toggle());
      ruler.setAttribute("aria-pressed", "false");
      stage.measure = new Measure(stage, ruler);
      button(box, "whole", "M3 8V3h5M12 3h5v5M17 12v5h-5M8 17H3v-5", words.whole, () => {
        if (document.fullscreenElement) document.exitFullscreen(); else document.documentElement.requestFullscreen().catch(() => {});
      });
      // Where the reader stands is asked of a telephone only, and browsers tell it to nobody but over TLS.
      if (isSecureContext && navigator.geolocation && matchMedia("(pointer: coarse)").matches)
        button(box, "here", "M10 1v4M10 15v4M1 10h4M15 10h4M10 4.5a5.5 5.5 0 1 1 0 11a5.5 5.5 0 1 1 0-11", words.here, () => here(stage));
      button(box, "print", "M5 7V2h10v5M5 14H2V7h16v7h-3M5 11h10v7H5z", words.print, () => { sheetToPrint(stage); window.print(); });
      return box;
    };
    bar.addTo(stage.map);
    addEventListener("beforeprint", () => { if (!document.querySelector(".gm-print")) sheetToPrint(stage, parent !== window); });
    addEventListener("afterprint", () => { const sheet = document.querySelector(".gm-print"); if (sheet) sheet.remove(); });
    const title = stage.heading = document.createElement("h1");
    title.className = "gm-heading";
    stage.map.getContainer().appendChild(title);

    // With the keyboard: arrows move the map under a cross, Enter chooses what lies there.
    const box = stage.map.getContainer(), cross = box.appendChild(document.createElement("div"));
    cross.className = "gm-cross";
    cross.title = words.pick;
    box.addEventListener("keydown", (e) => {
      if (e.target !== box) return;
      if (e.key === "Enter" || e.key === " ") {
        const centre = stage.map.getCenter();
        stage.click({ latlng: centre, containerPoint: stage.map.latLngToContainerPoint(centre) });
        e.preventDefault();
      }
    });
    document.addEventListener("keydown", (e) => { if (e.key === "Escape" && stage.measure.on) stage.measure.done ? stage.measure.toggle() : stage.measure.end(); });
  };
})((window.gridmap = window.gridmap || {}));
