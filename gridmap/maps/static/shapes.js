// Shapes that stay: GeoJSON in, paths and boxes kept; figures unpacked; each URL fetched once.
((gridmap) => {
  "use strict";

  const MANY = 6000; // areas from which on they are drawn by pixels from afar
  const REFERENCE_ZOOM = 18; // paths are kept as pixels of this zoom, from the layer's own middle, so that they stay exact

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
  // Leaflet's own projection (EPSG:3857 at REFERENCE_ZOOM) of a longitude and a latitude, without an object for every vertex.
  const WORLD = 256 * 2 ** REFERENCE_ZOOM;
  const projectX = (lon) => WORLD * (lon / 360 + 0.5);
  function projectY(lat) {
    const s = Math.sin((lat * Math.PI) / 180);
    return WORLD * (0.5 - Math.log((1 + s) / (1 - s)) / (4 * Math.PI));
  }

  function inView(boxes, i, view) {
    const k = 4 * i;
    return boxes[k] <= view[2] && boxes[k + 2] >= view[0] && boxes[k + 1] <= view[3] && boxes[k + 3] >= view[1];
  }

  class Shapes {
    constructor(json) {
      const project = (p) => L.point(projectX(p[0]), projectY(p[1]));
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
      this.rings = n > MANY ? { xy: [], ends: [], owner: [], first: new Int32Array(n).fill(-1) } : null; // edges of every area, for many.js
      this.bounds = json.bbox ? L.latLngBounds([json.bbox[1], json.bbox[0]], [json.bbox[3], json.bbox[2]]) : null;
      json.features.forEach((feature, i) => {
        const g = feature.geometry || { type: "none" }, closed = g.type.endsWith("Polygon");
        const path = this.rings && closed ? null : new Path2D(); // of very many areas, a path is made when it is asked for
        let x0 = Infinity, y0 = Infinity, x1 = -Infinity, y1 = -Infinity;
        const rings = this.rings;
        const draw = (points, close) => {
          let lastX = 0, lastY = 0;
          points.forEach((p, k) => {
            const x = projectX(p[0]) - this.origin.x, y = projectY(p[1]) - this.origin.y;
            if (path) { if (k) path.lineTo(x, y); else path.moveTo(x, y); }
            if (k && rings && close) rings.xy.push(lastX, lastY, x, y);
            lastX = x; lastY = y;
            if (x < x0) x0 = x; if (x > x1) x1 = x; if (y < y0) y0 = y; if (y > y1) y1 = y;
          });
          if (close && path) path.closePath();
          if (rings && close) { if (rings.first[i] < 0) rings.first[i] = rings.ends.length; rings.ends.push(rings.xy.length); rings.owner.push(i); }
        };
        if (g.type === "Polygon") g.coordinates.forEach((r) => draw(r, true));
        else if (g.type === "MultiPolygon") g.coordinates.forEach((p) => p.forEach((r) => draw(r, true)));
        else if (g.type === "LineString") draw(g.coordinates, false);
        else if (g.type === "MultiLineString") g.coordinates.forEach((l) => draw(l, false));
        this.paths[i] = path;
        this.closed[i] = closed;
        this.boxes.set([x0, y0, x1, y1], 4 * i);
        const at = this.properties[i].at;
        if (at) this.labels[i] = this.place(at);
      });
    }
    path(i) {
      if (!this.paths[i]) {
        const path = (this.paths[i] = new Path2D()), { xy, ends, owner, first } = this.rings;
        for (let ring = first[i]; ring >= 0 && owner[ring] === i; ring++) {
          const from = ring ? ends[ring - 1] : 0;
          path.moveTo(xy[from], xy[from + 1]);
          for (let p = from; p < ends[ring]; p += 4) path.lineTo(xy[p + 2], xy[p + 3]);
          path.closePath();
        }
      }
      return this.paths[i];
    }
    whole() {
      if (!this.all) { this.all = new Path2D(); for (let i = 0; i < this.paths.length; i++) this.all.addPath(this.path(i)); }
      return this.all;
    }
    place(lonLat) { return L.point(projectX(lonLat[0]) - this.origin.x, projectY(lonLat[1]) - this.origin.y); }
    visible(i, view) { return inView(this.boxes, i, view); }
    lines(view) { const seen = []; for (let i = 0; i < this.paths.length; i++) if (this.visible(i, view)) seen.push(this.path(i)); return seen; }
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
        if (Shapes.probe.isPointInPath(this.path(i), x, y, "evenodd")) return i;
      }
      return -1;
    }
  }
  Shapes.probe = document.createElement("canvas").getContext("2d");
  // Content under a URL is fetched once: as it is, or made into what draws it. A saved map carries its content along.
  const cache = new Map();
  function once(url, make, into = "") {
    const key = url + into;
    if (!cache.has(key)) {
      const carried = (window.gridmapCarried || {})[url];
      const wanted = (carried ? Promise.resolve(carried) : fetch(url, { credentials: "same-origin" }).then((answer) => {
        if (!answer.ok) throw new Error(answer.status);
        return answer.json();
      })).then(make);
      wanted.catch(() => cache.delete(key));
      cache.set(key, wanted);
      if (cache.size > 72) cache.delete(cache.keys().next().value);
    }
    return cache.get(key);
  }
  const shapes = (url) => once(url, (json) => new Shapes(json));
  const points = (url) => once(url, (json) => json);

  Object.assign(gridmap, { figures, classOf, shapes, points, once, inView, MANY, REFERENCE_ZOOM, probe: Shapes.probe });
})((window.gridmap = window.gridmap || {}));
