// Density: soft spots of weighted places, added up and then coloured by how much lies there.
((gridmap) => {
  "use strict";

  const RAMP = {
    light: [[0, "rgba(246,246,243,0)"], [0.15, "#f3cf93"], [0.4, "#e08b36"], [0.7, "#a63c1e"], [1, "#4f0f1c"]],
    dark: [[0, "rgba(23,34,42,0)"], [0.15, "#4a2f16"], [0.4, "#b06a24"], [0.7, "#f0ad5a"], [1, "#fff3d6"]],
  };
  const palettes = {};
  function palette(theme) {
    if (!palettes[theme]) {
      const c = document.createElement("canvas");
      c.width = 256; c.height = 1;
      const ctx = c.getContext("2d"), ramp = ctx.createLinearGradient(0, 0, 256, 0);
      for (const [at, colour] of RAMP[theme] || RAMP.light) ramp.addColorStop(at, colour);
      ctx.fillStyle = ramp;
      ctx.fillRect(0, 0, 256, 1);
      palettes[theme] = ctx.getImageData(0, 0, 256, 1).data;
    }
    return palettes[theme];
  }

  // places: {radius_m, top, places: [[longitude, latitude, weight], …]}; top: the weight that is drawn in full.
  gridmap.density = (ctx, sheet, { radius_m, top, places }, theme) => {
    const c = sheet._container, ratio = window.devicePixelRatio || 1, half = 0.5; // half the pixels: soft spots need no more
    const work = document.createElement("canvas");
    work.width = Math.ceil(c.width * half); work.height = Math.ceil(c.height * half);
    if (!work.width || !work.height) return; // the page has not laid the map out yet
    const pen = work.getContext("2d", { willReadFrequently: true }), place = sheet.screen(ctx);
    const middle = sheet._map.getCenter(), metre = (256 * 2 ** sheet._zoom) / (40075016.7 * Math.cos((middle.lat * Math.PI) / 180));
    const r = Math.max(7, Math.min(60, radius_m * metre)) * ratio * half;
    const spot = document.createElement("canvas");
    spot.width = spot.height = Math.ceil(2 * r);
    const dab = spot.getContext("2d"), fade = dab.createRadialGradient(r, r, 0, r, r, r);
    fade.addColorStop(0, "rgba(0,0,0,1)"); fade.addColorStop(0.5, "rgba(0,0,0,.4)"); fade.addColorStop(1, "rgba(0,0,0,0)");
    dab.fillStyle = fade;
    dab.fillRect(0, 0, spot.width, spot.height);
    for (const [x, y, weight] of places) {
      const q = place([y, x]), px = q.x * ratio * half - r, py = q.y * ratio * half - r;
      if (px < -2 * r || py < -2 * r || px > work.width || py > work.height) continue;
      pen.globalAlpha = Math.max(0.02, Math.min(1, weight / top));
      pen.drawImage(spot, px, py);
    }
    const picture = pen.getImageData(0, 0, work.width, work.height), d = picture.data, colours = palette(theme);
    for (let i = 3; i < d.length; i += 4) {
      const k = 4 * d[i];
      d[i - 3] = colours[k]; d[i - 2] = colours[k + 1]; d[i - 1] = colours[k + 2]; d[i] = colours[k + 3];
    }
    pen.putImageData(picture, 0, 0);
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.globalAlpha = 0.88;
    ctx.drawImage(work, 0, 0, c.width, c.height);
    ctx.globalAlpha = 1;
  };
})((window.gridmap = window.gridmap || {}));
