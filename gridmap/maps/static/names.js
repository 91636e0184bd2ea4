// Names on the map: those that fit, the largest areas first, clear of signs and of each other.
((gridmap) => {
  "use strict";

  const FEW = 40, SHARES = [1, 0.86, 0.74];

  // Canvas text never fetches a web font by itself: ask for the slices these characters need, then draw again.
  function askFonts(stage, font, text) {
    stage.asked = stage.asked || new Set();
    const fresh = [...new Set(text)].filter((c) => !stage.asked.has(c));
    if (!fresh.length) return;
    fresh.forEach((c) => stage.asked.add(c));
    document.fonts.load(font, fresh.join("")).then((faces) => { if (faces.length) stage.top.redraw(); }, () => {});
  }

  gridmap.drawLabels = (stage, ctx, sheet, s, style, taken, signs, values) => {
    const { k, dx, dy, view } = sheet.enter(ctx, s), g = stage.ground;
    let shown = 0;
    for (let i = 0; i < s.paths.length; i++) if (s.visible(i, view)) shown++;
    const full = (style.size || 13) * (shown < 30 ? 1.2 : 1), fontOf = (size) => `${style.weight || 500} ${size}px ${stage.options.font}`;
    sheet.screen(ctx);
    ctx.font = fontOf(full);
    ctx.textAlign = "center"; ctx.textBaseline = "middle"; ctx.lineJoin = "round";
    const wanted = [];
    for (let i = 0; i < s.paths.length; i++) {
      const text = s.properties[i].name, at = s.labels[i];
      if (!text || !at || !s.visible(i, view)) continue;
      const b = s.boxes, room = (b[4 * i + 2] - b[4 * i]) * k, tall = (b[4 * i + 3] - b[4 * i + 1]) * k;
      wanted.push([room * tall, i, text, at, room, tall]);
    }
    // A handful of names that happen to fit, among many that do not, say nothing: then none is drawn.
    const fits = (share) => wanted.filter(([, , text, , room, tall]) => share * ctx.measureText(text).width <= room * (style.tight || 1.15) && share * full <= tall).length;
    // A few names, such as a city's districts, are rather written smaller than left out.
    const shares = wanted.length > FEW ? [1] : SHARES, counted = shares.map(fits), most = Math.max(...counted);
    if (most < 0.3 * wanted.length) return;
    const size = full * shares[counted.findIndex((n) => n >= 0.9 * most)];
    ctx.font = fontOf(size);
    wanted.sort((a, b) => b[0] - a[0]);
    askFonts(stage, ctx.font, wanted.map((w) => w[2]).join(""));
    for (const [, i, text, at, room, tall] of wanted) {
      const known = values && style.figures && values[i] !== null && values[i] !== undefined, value = known ? stage.number(values[i]) : "";
      const w = ctx.measureText(text).width, h = size * (value ? 2.3 : 1.25);
      if (w > room * (style.tight || 1.15) || size > tall) continue;
      const x = at.x * k + dx;
      const boxAt = (y) => [x - w / 2 - 3, y - h / 2, x + w / 2 + 3, y + h / 2];
      const clear = (y, of) => { const b = boxAt(y); return !of.some((t) => t[0] < b[2] && t[2] > b[0] && t[1] < b[3] && t[3] > b[1]); };
      const middle = at.y * k + dy, step = Math.min(size * 1.3, tall / 3), tries = [middle, middle + step, middle - step];
      let y = tries.find((t) => clear(t, taken) && clear(t, signs));
      if (y === undefined && !values) y = tries.find((t) => clear(t, taken)); // the name of a street matters more than a sign
      if (y === undefined) continue;
      taken.push(boxAt(y));
      ctx.strokeStyle = g.halo; ctx.lineWidth = Math.max(3, size / 4.5);
      ctx.fillStyle = style.colour || g.ink;
      const rows = value ? [[text, y - size * 0.55], [value, y + size * 0.6]] : [[text, y]];
      for (const [t, ty] of rows) { ctx.strokeText(t, x, ty); ctx.fillText(t, x, ty); }
    }
  };
})((window.gridmap = window.gridmap || {}));
