// One canvas that follows the map, and the signs drawn on it.
((gridmap) => {
  "use strict";

  const { REFERENCE_ZOOM } = gridmap;

  // ---- one canvas that follows the map ----------------------------------------------------------------------------
  const Sheet = L.Renderer.extend({
    options: { padding: 0.25, draw: null },
    _initContainer: function () {
      this._container = document.createElement("canvas");
      this._ctx = this._container.getContext("2d");
    },
    _destroyContainer: function () {
      cancelAnimationFrame(this._frame);
      L.DomUtil.remove(this._container);
      delete this._container;
      delete this._ctx;
    },
    _update: function () {
      if (this._map._animatingZoom && this._bounds) return;
      L.Renderer.prototype._update.call(this);
      const size = this._bounds.getSize(), ratio = window.devicePixelRatio || 1, c = this._container;
      const at = [this._bounds.min, size, this._map.getPixelOrigin(), this._zoom, ratio].join();
      if (at === this._at) return; // Leaflet tells of one move twice
      this._at = at;
      L.DomUtil.setPosition(c, this._bounds.min);
      const w = Math.round(size.x * ratio), h = Math.round(size.y * ratio);
      if (c.width !== w || c.height !== h) { c.width = w; c.height = h; c.style.width = size.x + "px"; c.style.height = size.y + "px"; }
      this.paint();
    },
    _updatePaths: function () {},
    _reset: function () { this._update(); this._updateTransform(this._center, this._zoom); },
    _onZoomEnd: function () {},
    redraw: function () {
      if (!this._frame) this._frame = requestAnimationFrame(() => { if (this._map) this.paint(); });
    },
    paint: function () {
      cancelAnimationFrame(this._frame);
      this._frame = 0;
      const ctx = this._ctx, c = this._container;
      ctx.setTransform(1, 0, 0, 1, 0, 0);
      ctx.clearRect(0, 0, c.width, c.height);
      this.options.draw(ctx, this);
    },
    // Sets ctx so that a layer's kept paths come out where they belong; gives pixels per unit and the part in view.
    enter: function (ctx, layer) {
      const ratio = window.devicePixelRatio || 1, k = this._map.getZoomScale(this._zoom, REFERENCE_ZOOM);
      const o = this._map.getPixelOrigin(), m = this._bounds.min, size = this._bounds.getSize();
      const dx = layer.origin.x * k - o.x - m.x, dy = layer.origin.y * k - o.y - m.y;
      ctx.setTransform(ratio * k, 0, 0, ratio * k, ratio * dx, ratio * dy);
      return { k, dx, dy, view: [-dx / k, -dy / k, (size.x - dx) / k, (size.y - dy) / k] };
    },
    // Sets ctx to screen pixels from the sheet's corner; gives a function from latlng to them.
    screen: function (ctx) {
      const ratio = window.devicePixelRatio || 1, m = this._bounds.min;
      ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
      return (latlng) => this._map.latLngToLayerPoint(latlng).subtract(m);
    },
  });

  // ---- symbols -----------------------------------------------------------------------------------------------------
  function trace(ctx, shape, x, y, r) {
    ctx.beginPath();
    if (shape === "star") {
      for (let i = 0; i < 10; i++) {
        const a = -Math.PI / 2 + (i * Math.PI) / 5, q = i % 2 ? r * 0.42 : r;
        ctx.lineTo(x + q * Math.cos(a), y + q * Math.sin(a));
      }
      ctx.closePath();
    } else if (shape === "square") ctx.rect(x - r * 0.85, y - r * 0.85, r * 1.7, r * 1.7);
    else if (shape === "diamond") { ctx.moveTo(x, y - r); ctx.lineTo(x + r, y); ctx.lineTo(x, y + r); ctx.lineTo(x - r, y); ctx.closePath(); }
    else if (shape === "triangle") { ctx.moveTo(x, y - r); ctx.lineTo(x + r * 0.9, y + r * 0.65); ctx.lineTo(x - r * 0.9, y + r * 0.65); ctx.closePath(); }
    else ctx.arc(x, y, r, 0, 2 * Math.PI);
  }
  function symbol(ctx, style, x, y, r, ground) {
    trace(ctx, style.shape, x, y, r);
    if (style.hollow) { ctx.lineWidth = 4; ctx.strokeStyle = ground.pickEdge; ctx.stroke(); ctx.lineWidth = 2.2; ctx.strokeStyle = style.colour; ctx.stroke(); return; }
    ctx.fillStyle = style.colour; ctx.globalAlpha = style.alpha || 1; ctx.fill(); ctx.globalAlpha = 1;
    ctx.lineWidth = r > 4 ? 1.5 : 0.75; ctx.strokeStyle = ground.pickEdge; ctx.stroke();
  }

  Object.assign(gridmap, { Sheet, symbol });
})((window.gridmap = window.gridmap || {}));
