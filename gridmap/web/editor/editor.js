// The field a question is written in: words offered as one types, Ctrl+Enter asks. Speaks Streamlit's messages itself.
(() => {
  "use strict";

  const text = document.getElementById("text"), shown = document.getElementById("shown"), offers = document.getElementById("offers");
  const WORDS = "SELECT FROM WHERE GROUP BY ORDER HAVING LIMIT JOIN LEFT ON USING AS AND OR NOT IN IS NULL LIKE BETWEEN CASE WHEN THEN ELSE END DISTINCT count sum avg min max round date_trunc WITH UNION ALL EXISTS DESC ASC FILTER OVER PARTITION QUALIFY ST_Distance_Spheroid ST_Contains ST_Centroid ST_Area".split(" ");
  const KEY = new Set(WORDS.slice(0, 32).concat(["WITH", "UNION", "ALL", "EXISTS", "DESC", "ASC", "FILTER", "OVER", "PARTITION", "QUALIFY"]).map((w) => w.toUpperCase()));
  let names = [], serial = null, found = [], at = 0, timer = 0;

  const send = (type, more) => parent.postMessage({ isStreamlitMessage: true, type, ...more }, "*");
  const value = (run) => send("streamlit:setComponentValue", { value: { text: text.value, run: run ? Date.now() : 0 }, dataType: "json" });

  // What is typed, coloured beneath the transparent field; every piece goes in as text.
  function paint() {
    shown.textContent = "";
    for (const piece of text.value.split(/('(?:[^']|'')*'?|--[^\n]*|\b\d+(?:\.\d+)?\b|\b\w+\b)/)) {
      const tag = piece.startsWith("'") || piece.startsWith("--") ? "i" : /^\d/.test(piece) ? "u" : KEY.has(piece.toUpperCase()) ? "b" : null;
      if (tag) { const e = document.createElement(tag); e.textContent = piece; shown.appendChild(e); } else shown.appendChild(document.createTextNode(piece));
    }
    shown.appendChild(document.createTextNode("\n"));
    shown.scrollTop = text.scrollTop; shown.scrollLeft = text.scrollLeft;
  }

  function word() {
    const before = text.value.slice(0, text.selectionStart), start = before.search(/[\w]+$/);
    return start < 0 ? { start: text.selectionStart, part: "" } : { start, part: before.slice(start) };
  }

  function offer(forced) {
    const { start, part } = word(), lower = part.toLowerCase(), table = (text.value.slice(0, start).match(/(\w+)\.$/) || [])[1];
    let among = names;
    if (table) { // after a view's name or its alias only its columns are meant
      const alias = text.value.match(new RegExp(`\\b(\\w+)\\s+(?:AS\\s+)?${table}\\b`, "i"));
      const view = names.some((n) => n.view === table) ? table : alias && alias[1];
      among = names.filter((n) => n.view === view);
    }
    found = !part && !forced && !table ? [] : among.concat(table ? [] : WORDS.map((w) => ({ name: w, note: "" }))).filter((n) => n.name.toLowerCase().startsWith(lower) && n.name.toLowerCase() !== lower);
    found = found.filter((n, i) => found.findIndex((m) => m.name === n.name) === i).slice(0, 30);
    at = 0;
    list();
  }

  function list() {
    offers.hidden = !found.length;
    offers.textContent = "";
    found.forEach((n, i) => {
      const row = offers.appendChild(document.createElement("li")), note = document.createElement("span");
      row.setAttribute("role", "option"); row.setAttribute("aria-selected", String(i === at));
      row.appendChild(document.createTextNode(n.name)); note.textContent = n.note; row.appendChild(note);
      row.addEventListener("pointerdown", (e) => { e.preventDefault(); at = i; take(); });
      if (i === at) row.scrollIntoView({ block: "nearest" });
    });
    if (offers.hidden) return;
    const before = text.value.slice(0, word().start).split("\n"), line = before.length, column = before[line - 1].length;
    offers.style.left = Math.max(8, Math.min(14 + column * 10.2 - text.scrollLeft, innerWidth - 300)) + "px";
    const top = 12 + line * 25.5 - text.scrollTop;
    offers.style.top = Math.min(top, 230 - Math.min(176, offers.scrollHeight)) + "px";
    if (top > 120) offers.style.left = Math.min(innerWidth - 300, 40 + column * 10.2) + "px";
  }

  function take() {
    const { start } = word(), name = found[at].name;
    text.setRangeText(name, start, text.selectionStart, "end");
    found = []; list(); paint(); later();
  }

  function later() { clearTimeout(timer); timer = setTimeout(() => value(false), 400); }

  text.addEventListener("input", () => { paint(); offer(false); later(); });
  text.addEventListener("scroll", paint);
  text.addEventListener("blur", () => { found = []; list(); });
  text.addEventListener("keydown", (e) => {
    if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) { e.preventDefault(); clearTimeout(timer); value(true); return; }
    if (e.key === " " && e.ctrlKey) { e.preventDefault(); offer(true); return; }
    if (offers.hidden) {
      if (e.key === "Tab" && !e.shiftKey && word().part) { e.preventDefault(); offer(true); }
      return;
    }
    if (e.key === "ArrowDown" || e.key === "ArrowUp") { e.preventDefault(); at = (at + (e.key === "ArrowDown" ? 1 : found.length - 1)) % found.length; list(); }
    else if (e.key === "Enter" || e.key === "Tab") { e.preventDefault(); take(); }
    else if (e.key === "Escape") { found = []; list(); }
  });

  addEventListener("message", (event) => {
    if (event.source !== parent || !event.data || event.data.type !== "streamlit:render") return;
    const args = event.data.args, theme = event.data.theme || {};
    document.documentElement.classList.toggle("dark", theme.base === "dark");
    names = args.names || [];
    if (args.fonts && !document.getElementById("fonts")) {
      const link = document.head.appendChild(document.createElement("link"));
      Object.assign(link, { id: "fonts", rel: "stylesheet", href: args.fonts });
    }
    text.setAttribute("aria-label", args.label);
    if (args.serial !== serial) { serial = args.serial; text.value = args.text; paint(); }
    send("streamlit:setFrameHeight", { height: 240 });
  });
  send("streamlit:componentReady", { apiVersion: 1 });
})();
