// What part of the ground a map shows: bounds as large as can be, clear of the legend, and again when the map's size changes.
((gridmap) => {
  "use strict";

  const EDGE = 18; // pixels between what is shown and the map's edge

  // Shows bounds whole and as large as can be with nothing that is drawn under the legend.
  gridmap.fit = (stage, bounds, animate) => {
    const map = stage.map, { x: wide, y: tall } = map.getSize();
    if (!wide || !tall) { stage.later = bounds; return; } // the page has not laid it out yet
    const legend = stage.panel.getContainer();
    if (!legend.hidden && stage.folded === undefined && wide < 2.5 * legend.offsetWidth) stage.fold(true); // a phone: the map first
    const below = stage.timeBar ? stage.timeBar.offsetHeight + EDGE : EDGE; // the row of periods stands there
    const [across, down] = legend.hidden ? [0, 0] : [legend.offsetWidth + 10, legend.offsetHeight + 10];
    const free = room(stage, L.latLngBounds(bounds), wide, tall, across, down);
    const options = { paddingTopLeft: [EDGE, EDGE], paddingBottomRight: [EDGE + free.x, Math.max(below, EDGE + free.y)], duration: 0.6 };
    stage.fitted = null;
    map.once("moveend", () => { stage.fitted = { bounds, centre: map.getCenter(), zoom: map.getZoom() }; });
    if (animate && !matchMedia("(prefers-reduced-motion: reduce)").matches) map.flyToBounds(bounds, options);
    else map.fitBounds(bounds, { ...options, animate: false });
  };

  // Whether the map still shows what it was set to show.
  gridmap.unmoved = ({ map, fitted: set }) =>
    set && map.getZoom() === set.zoom && map.project(map.getCenter()).distanceTo(map.project(set.centre)) < 2;

  // Another size of the map (the full screen, a turned tablet): what it was set to show is shown whole again, unless the
  // reader has moved it since; then its middle stays.
  gridmap.resized = (stage) => {
    const map = stage.map, set = stage.fitted, unmoved = gridmap.unmoved(stage);
    map.invalidateSize({ animate: false });
    if (!map.getSize().x || !map.getSize().y) return;
    gridmap.legendFits(stage);
    const bounds = stage.later || (unmoved && set.bounds);
    stage.later = null;
    if (bounds) gridmap.fit(stage, bounds, false);
  };

  // What is left free for a legend of this size, right (x) or below (y): the least that keeps the areas from under it.
  function room(stage, bounds, wide, tall, across, down) {
    const nw = stage.map.project(bounds.getNorthWest(), 10), se = stage.map.project(bounds.getSouthEast(), 10);
    const size = se.subtract(nw), middle = nw.add(se).divideBy(2), near = 2 ** (10 - gridmap.REFERENCE_ZOOM);
    const drawn = [...(stage.main ? [stage.main.areas] : []), ...stage.patches.map((p) => p.shapes), ...stage.outlines.map((o) => o.shapes)];
    const s = drawn.sort((a, b) => b.paths.length - a.paths.length)[0]; // the finest: its boxes say best where something is
    const ways = [0, 0.3, 0.6, 0.8, 1].flatMap((part) => [{ x: part * across, y: 0 }, { x: 0, y: part * down }]).map((way) => {
      const scale = Math.min((wide - 2 * EDGE - way.x) / (size.x || 1), (tall - 2 * EDGE - way.y) / (size.y || 1));
      return { ...way, scale: scale > 0 ? 2 ** (Math.floor(10 * Math.log2(scale)) / 10) : 0 }; // zooms are tenths
    });
    const covered = ({ x, y, scale }) => {
      if (!s) return x < across && y < down;
      const left = wide - across, top = tall - down;
      const place = (px, py) => [(wide - x) / 2 + ((px + s.origin.x) * near - middle.x) * scale, (tall - y) / 2 + ((py + s.origin.y) * near - middle.y) * scale];
      for (let i = 0; i < s.paths.length; i++) {
        const [x0, y0] = place(s.boxes[4 * i], s.boxes[4 * i + 1]), [x1, y1] = place(s.boxes[4 * i + 2], s.boxes[4 * i + 3]);
        const cx = (x0 + x1) / 2, cy = (y0 + y1) / 2, half = (wide - x) / 2, high = (tall - y) / 2;
        if (x1 > left && y1 > top && Math.abs(cx - half) < size.x * scale / 2 && Math.abs(cy - high) < size.y * scale / 2) return true;
      }
      return false;
    };
    return ways.sort((a, b) => b.scale - a.scale).find((way) => !covered(way)) || { x: 0, y: 0 };
  }
})((window.gridmap = window.gridmap || {}));
