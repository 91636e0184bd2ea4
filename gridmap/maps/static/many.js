// Tens of thousands of areas from afar: which area each pixel shows is worked out once a view; a filter then only looks up colours.
((gridmap) => {
  "use strict";

  // Fills pixels (one number each, -1 for none) with the index of the area they lie in, by scan lines through their middles.
  function rasterise(shapes, scale, dx, dy, width, height) {
    const ids = new Int32Array(width * height).fill(-1), { xy, ends, owner } = shapes.rings, cross = [];
    let first = 0, ring = 0;
    while (ring < ends.length) {
      const area = owner[ring], from = first;
      let last = ends[ring];
      while (ring + 1 < ends.length && owner[ring + 1] === area) last = ends[++ring]; // holes and parts: even-odd over all rings
      const b = 4 * area, top = Math.max(0, Math.ceil(scale * shapes.boxes[b + 1] + dy - 0.5));
      const bottom = Math.min(height - 1, Math.floor(scale * shapes.boxes[b + 3] + dy - 0.5));
      if (scale * shapes.boxes[b + 2] + dx >= 0 && scale * shapes.boxes[b] + dx <= width) {
        for (let row = top; row <= bottom; row++) {
          const y = (row + 0.5 - dy) / scale;
          cross.length = 0;
          for (let p = from; p < last; p += 4) { // an edge: x, y, x, y
            const y0 = xy[p + 1], y1 = xy[p + 3];
            if ((y0 <= y) !== (y1 <= y)) cross.push(xy[p] + ((y - y0) * (xy[p + 2] - xy[p])) / (y1 - y0));
          }
          if (cross.length > 2) cross.sort((a, c) => a - c);
          else if (cross[0] > cross[1]) cross.reverse();
          for (let n = 0; n + 1 < cross.length; n += 2) {
            const left = Math.max(0, Math.ceil(scale * cross[n] + dx - 0.5)), right = Math.min(width, Math.ceil(scale * cross[n + 1] + dx - 0.5));
            if (right > left) ids.fill(area, row * width + left, row * width + right);
          }
        }
      }
      first = last;
      ring++;
    }
    return ids;
  }

  // Draws the areas of a side without their borders; colourOf gives an area's colour and opacity, or null.
  gridmap.drawMany = (ctx, sheet, side, colourOf) => {
    const s = side.areas, c = sheet._container, ratio = window.devicePixelRatio || 1, { k, dx, dy } = sheet.enter(ctx, s);
    const view = [ratio * k, ratio * dx, ratio * dy, c.width, c.height], key = view.join();
    if (s.viewKey !== key) {
      s.ids = rasterise(s, ...view);
      s.viewKey = key;
    }
    const colours = new Uint32Array(s.codes.length), known = new Map(); // as the pixels of a picture: alpha, blue, green, red
    for (let i = 0; i < colours.length; i++) {
      const [colour, opacity] = colourOf(i) || ["", 0];
      if (!colour) continue;
      if (!known.has(colour)) {
        gridmap.probe.fillStyle = colour; // any way of writing a colour comes back as #rrggbb
        known.set(colour, parseInt(gridmap.probe.fillStyle.slice(1), 16));
      }
      const rgb = known.get(colour);
      colours[i] = (Math.round(255 * opacity) << 24) | ((rgb & 255) << 16) | (rgb & 65280) | (rgb >> 16);
    }
    const picture = ctx.createImageData(c.width, c.height), pixels = new Uint32Array(picture.data.buffer), ids = s.ids;
    for (let p = 0; p < pixels.length; p++) if (ids[p] >= 0) pixels[p] = colours[ids[p]];
    ctx.putImageData(picture, 0, 0);
  };
})((window.gridmap = window.gridmap || {}));
