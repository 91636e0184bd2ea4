// Groups of areas whose shapes are here already: the borders between the areas are found once, the groups' are made of them.
((gridmap) => {
  "use strict";

  // The borders of a coverage: each line once, as far as the same two areas lie beside it (two: -1 for none).
  function borders(json) {
    const sides = new Map();
    const name = (p, q) => (p[0] < q[0] || (p[0] === q[0] && p[1] < q[1]) ? `${p};${q}` : `${q};${p}`);
    const rings = json.features.map(({ geometry: g }) => (g && g.type === "Polygon" ? g.coordinates : g && g.type === "MultiPolygon" ? g.coordinates.flat() : [])
      .map((ring) => ring.filter((p, k) => !k || p[0] !== ring[k - 1][0] || p[1] !== ring[k - 1][1])));
    rings.forEach((own, i) => own.forEach((ring) => {
      for (let k = 1; k < ring.length; k++) {
        const side = name(ring[k - 1], ring[k]), met = sides.get(side);
        if (!met) sides.set(side, [i, -1]);
        else if (met[0] !== i) met[1] = i;
      }
    }));
    const found = [];
    rings.forEach((own, i) => own.forEach((ring) => {
      const n = ring.length - 1;
      if (n < 2) return;
      const beyond = [];
      for (let k = 0; k < n; k++) { const [one, two] = sides.get(name(ring[k], ring[k + 1])); beyond.push(one === i ? two : one); }
      const first = Math.max(0, beyond.findIndex((other, k) => other !== beyond[(k + n - 1) % n])); // where a line begins
      for (let k = 0; k < n;) {
        const other = beyond[(first + k) % n], line = [ring[(first + k) % n]];
        while (k < n && beyond[(first + k) % n] === other) line.push(ring[(first + ++k) % n]);
        if (other < 0 || i < other) found.push({ one: i, two: other, line });
      }
    }));
    return found;
  }

  // Drawn and named like shapes (shapes.js), but for the line, which is one for all.
  class Groups {
    constructor(shapes, between, { groups, names = [] }) {
      const of = gridmap.figures(groups, {}).map((group) => (group === null ? -1 : group)), n = Math.max(-1, ...of) + 1;
      this.origin = shapes.origin;
      this.paths = new Array(n);
      this.boxes = new Float64Array(4 * n).map((_, k) => (k % 4 < 2 ? Infinity : -Infinity));
      of.forEach((group, i) => {
        if (group < 0) return;
        const own = this.boxes.subarray(4 * group, 4 * group + 4), b = shapes.boxes.subarray(4 * i, 4 * i + 4);
        own.set([Math.min(own[0], b[0]), Math.min(own[1], b[1]), Math.max(own[2], b[2]), Math.max(own[3], b[3])]);
      });
      this.properties = Array.from(this.paths, (_, group) => ({ name: names[group] && names[group][0] }));
      this.labels = Array.from(this.paths, (_, group) => names[group] && shapes.place(names[group].slice(1)));
      this.line = new Path2D();
      for (const { one, two, line } of between) {
        if (of[one] === (two < 0 ? -1 : of[two])) continue;
        line.forEach((p, k) => { const { x, y } = shapes.place(p); if (k) this.line.lineTo(x, y); else this.line.moveTo(x, y); });
      }
    }
    visible(i, view) { return gridmap.inView(this.boxes, i, view); }
    lines() { return [this.line]; }
  }

  gridmap.grouped = (outline) =>
    Promise.all([gridmap.shapes(outline.url), gridmap.once(outline.url, borders, "#borders")]).then(([shapes, between]) => new Groups(shapes, between, outline));
})((window.gridmap = window.gridmap || {}));
