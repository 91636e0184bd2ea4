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
    add("h2", content.title);
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
          if (row.line) key.style.borderTopColor = row.colour; else key.style.background = row.colour;
        }
        add("span", row.text, li);
      }
    }
  };
})((window.gridmap = window.gridmap || {}));
