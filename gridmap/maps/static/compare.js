// Two states of the areas side by side, with a divider that is dragged, or moved by the arrow keys.
((gridmap) => {
  "use strict";

  gridmap.compare = (stage, names) => {
    const box = stage.map.getContainer();
    if (!names) {
      if (stage.divider) stage.divider.remove();
      stage.divider = null;
      return;
    }
    if (!stage.divider) {
      const bar = (stage.divider = document.createElement("div"));
      bar.className = "gm-divider";
      bar.tabIndex = 0;
      bar.setAttribute("role", "slider");
      bar.setAttribute("aria-label", stage.options.words.compare);
      bar.setAttribute("aria-valuemin", 0);
      bar.setAttribute("aria-valuemax", 100);
      for (const side of ["left", "right"]) { const name = document.createElement("span"); name.className = side; bar.appendChild(name); }
      box.appendChild(bar);
      const put = (share) => {
        stage.share = Math.min(Math.max(share, 0), 1);
        bar.style.left = 100 * stage.share + "%";
        bar.setAttribute("aria-valuenow", Math.round(100 * stage.share));
        stage.fill.redraw();
      };
      put(stage.share === undefined ? 0.5 : stage.share);
      L.DomEvent.disableClickPropagation(bar);
      bar.addEventListener("pointerdown", (e) => { bar.setPointerCapture(e.pointerId); stage.map.dragging.disable(); });
      bar.addEventListener("pointermove", (e) => { if (bar.hasPointerCapture(e.pointerId)) put((e.clientX - box.getBoundingClientRect().left) / box.clientWidth); });
      bar.addEventListener("pointerup", () => stage.map.dragging.enable());
      bar.addEventListener("keydown", (e) => {
        const step = { ArrowLeft: -0.02, ArrowRight: 0.02 }[e.key];
        if (step) { put(stage.share + step); e.preventDefault(); e.stopPropagation(); }
      });
      stage.map.on("move", () => { if (stage.divider) stage.fill.redraw(); });
    }
    stage.divider.querySelector(".left").textContent = names[0];
    stage.divider.querySelector(".right").textContent = names[1];
  };
})((window.gridmap = window.gridmap || {}));
