// A row of periods under the map: each has its figures in the message, so that playing them asks nobody.
((gridmap) => {
  "use strict";

  gridmap.time = (stage, frames) => {
    const key = JSON.stringify(frames || null);
    if (key === stage.timeKey) { if (frames) stage.timeShow(); return; }
    stage.timeKey = key;
    clearInterval(stage.timePlaying);
    if (stage.timeBar) stage.timeBar.remove();
    stage.timeBar = null;
    if (!frames) return;
    const words = stage.options.words, bar = (stage.timeBar = document.createElement("div"));
    bar.className = "gm-time";
    const play = bar.appendChild(document.createElement("button"));
    const range = bar.appendChild(document.createElement("input"));
    const label = bar.appendChild(document.createElement("output"));
    range.type = "range"; range.min = 0; range.max = frames.labels.length - 1; range.step = 1;
    range.value = frames.at === undefined ? range.max : frames.at;
    range.setAttribute("aria-label", words.period);
    stage.timeShow = () => {
      const i = Number(range.value);
      label.textContent = frames.labels[i];
      range.setAttribute("aria-valuetext", frames.labels[i]);
      if (!stage.main) return;
      stage.fillIn(stage.main, frames.values[i]);
      stage.fill.redraw();
      stage.top.redraw();
    };
    const running = (on) => {
      clearInterval(stage.timePlaying);
      stage.timePlaying = on ? setInterval(() => { range.value = (Number(range.value) + 1) % frames.labels.length; stage.timeShow(); }, 900) : 0;
      play.textContent = on ? "❚❚" : "▶";
      play.setAttribute("aria-label", on ? words.pause : words.play);
    };
    play.addEventListener("click", () => running(!stage.timePlaying));
    range.addEventListener("input", () => { running(false); stage.timeShow(); });
    L.DomEvent.disableClickPropagation(bar);
    L.DomEvent.disableScrollPropagation(bar);
    for (const kind of ["pointerdown", "keydown", "mousemove"]) bar.addEventListener(kind, (e) => e.stopPropagation());
    stage.map.getContainer().appendChild(bar);
    running(false);
    stage.timeShow();
  };
})((window.gridmap = window.gridmap || {}));
