// Patches: areas and lines with a meaning of their own, above the coloured areas; drawn, found under the pointer, described.
((gridmap) => {
  "use strict";

  const NEAR_PX = 7; // how near the pointer has to come to a line

  const tiles = new Map();
  function hatch(ctx, colour, ratio) {
    const key = colour + ratio;
    if (!tiles.has(key)) {
      const c = document.createElement("canvas"), side = Math.round(9 * ratio);
      c.width = c.height = side;
      const pen = c.getContext("2d");
      pen.strokeStyle = colour; pen.lineWidth = 2.2 * ratio;
      pen.beginPath();
      for (const at of [-1, 0, 1]) { pen.moveTo(at * side, side); pen.lineTo((at + 1) * side, 0); }
      pen.stroke();
      tiles.set(key, c);
    }
    const pattern = ctx.createPattern(tiles.get(key), "repeat");
    pattern.setTransform(ctx.getTransform().inverse()); // the lines keep their distance on the screen at every zoom
    return pattern;
  }

  gridmap.drawPatches = (ctx, sheet, layers) => {
    const ratio = window.devicePixelRatio || 1;
    for (const { shapes: s, looks } of layers) {
      const { k, view } = sheet.enter(ctx, s);
      ctx.lineJoin = ctx.lineCap = "round";
      for (let i = 0; i < s.paths.length; i++) {
        if (!s.visible(i, view)) continue;
        const look = looks[s.properties[i].look || 0];
        if (s.closed[i] && (look.hatch || look.fill)) {
          ctx.globalAlpha = look.hatch ? 0.9 : look.fill;
          ctx.fillStyle = look.hatch ? hatch(ctx, look.colour, ratio) : look.colour;
          ctx.fill(s.path(i), "evenodd");
          ctx.globalAlpha = 1;
        }
        if (!look.width) continue;
        ctx.setLineDash(look.dash.map((d) => d / k));
        ctx.strokeStyle = look.colour;
        ctx.lineWidth = look.width / k;
        ctx.stroke(s.path(i));
      }
      ctx.setLineDash([]);
    }
  };

  // The topmost patch at a place: {layer, index}, or null. Lines are found within a few pixels.
  gridmap.patchAt = (map, layers, latlng) => {
    const p = L.CRS.EPSG3857.latLngToPoint(latlng, gridmap.REFERENCE_ZOOM), probe = gridmap.probe;
    const reach = NEAR_PX / map.getZoomScale(map.getZoom(), gridmap.REFERENCE_ZOOM);
    for (let n = layers.length - 1; n >= 0; n--) {
      const s = layers[n].shapes, x = p.x - s.origin.x, y = p.y - s.origin.y;
      for (let i = s.paths.length - 1; i >= 0; i--) {
        if (!s.visible(i, [x - reach, y - reach, x + reach, y + reach])) continue;
        if (s.closed[i]) { if (probe.isPointInPath(s.path(i), x, y, "evenodd")) return { layer: layers[n], index: i }; }
        else { probe.lineWidth = 2 * reach; if (probe.isPointInStroke(s.path(i), x, y)) return { layer: layers[n], index: i }; }
      }
    }
    return null;
  };
})((window.gridmap = window.gridmap || {}));
