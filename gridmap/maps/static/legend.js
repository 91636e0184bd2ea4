// The legend: built from text and colours, never from HTML.
((gridmap) => {
  "use strict";

  const { symbol } = gridmap;

  gridmap.legend = (stage, content) => {
    const div = stage.panel.getContainer(), key = JSON.stringify(content || null);
    if (key === stage.legendKey) return;
    stage.legendKey = key;
    div.hidden = !content;
    div.replaceChildren();
    if (!content) return;
    const add = (tag, text, into) => { const el = document.createElement(tag); if (text) el.textContent = text; (into || div).appendChild(el); return el; };
    const fold = add("button", "");
    fold.type = "button"; fold.className = "gm-fold";
    fold.setAttribute("aria-label", stage.options.words.fold); fold.title = stage.options.words.fold;
    const show = () => { div.classList.toggle("gm-folded", Boolean(stage.folded)); fold.setAttribute("aria-expanded", !stage.folded); };
    stage.fold = (on) => { stage.folded = on; show(); };
    fold.addEventListener("click", () => stage.fold(!stage.folded));
    show();
    add("h2", content.title || stage.options.words.legend);
    add("p", content.note);
    for (const rows of content.groups) {
      const ul = add("ul");
      for (const row of rows) {
        const li = add("li", "", ul);
        if (row.quiet) li.className = "gm-quiet";
        if (row.shape) {
          const c = document.createElement("canvas"), ratio = window.devicePixelRatio || 1;
          c.width = 26 * ratio; c.height = 20 * ratio; c.className = "gm-symbol"; c.setAttribute("aria-hidden", "true");
          const ctx = c.getContext("2d"); ctx.scale(ratio, ratio);
          symbol(ctx, row, 13, 10, row.size || 7, stage.ground);
          li.appendChild(c);
        } else {
          const key = add("span", "", li);
          key.className = row.line ? "gm-line" : "gm-swatch";
          if (row.line) { key.style.borderTopColor = row.colour; if (row.dash) key.style.borderTopStyle = "dashed"; }
          else key.style.background = row.hatch ? `repeating-linear-gradient(135deg, ${row.colour} 0 2px, transparent 2px 6px)` : row.colour;
        }
        add("span", row.text, li);
      }
    }
    gridmap.legendFits(stage);
  };

  // A legend higher than its map stands in two columns.
  gridmap.legendFits = (stage) => {
    const div = stage.panel.getContainer();
    div.classList.remove("gm-two");
    div.classList.toggle("gm-two", div.scrollHeight > stage.map.getSize().y - 20);
  };
})((window.gridmap = window.gridmap || {}));
