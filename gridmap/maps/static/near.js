// Tens of thousands of areas: coarse shapes of all of them at first, and, once few are in view, exact ones of the streets there.
((gridmap) => {
  "use strict";

  const STREETS = 40; // streets in view up to which exact shapes are fetched
  const STREET = 9; // digits of a street's code

  const ready = new Map(), asked = new Set();
  function tile(url, stage) {
    if (ready.has(url) || asked.has(url)) return ready.get(url);
    asked.add(url);
    gridmap.shapes(url).then((s) => {
      ready.set(url, s);
      if (ready.size > 3 * STREETS) { const oldest = ready.keys().next().value; ready.delete(oldest); asked.delete(oldest); }
      stage.fill.redraw();
      stage.top.redraw();
    }, () => asked.delete(url));
    return undefined;
  }

  // Notes in side.tiles the exact shapes that are there, by street, for the areas in view; asks for those that are not.
  gridmap.comeNear = (stage, side, seen) => {
    side.tiles = null;
    if (!side.spec.near || seen.length > gridmap.MANY || window.gridmapCarried) return; // a saved map has no server to ask
    const streets = new Set(seen.map((i) => side.areas.codes[i].slice(0, STREET)));
    if (streets.size > STREETS) return;
    side.tiles = new Map();
    for (const street of streets) {
      const s = tile(`${side.spec.near}${street}.json`, stage);
      if (s) side.tiles.set(street, s);
    }
  };

  // The best shape there is of an area: [shapes, index in them].
  gridmap.nearest = (side, i) => {
    const s = side.tiles && side.tiles.get(side.areas.codes[i].slice(0, STREET)), j = s ? s.index.get(side.areas.codes[i]) : undefined;
    return j === undefined ? [side.areas, i] : [s, j];
  };
})((window.gridmap = window.gridmap || {}));
