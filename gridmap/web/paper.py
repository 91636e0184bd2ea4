"""The plain sheet on which the server's own pages (sign-in, account) are written, in the look of the others."""

from __future__ import annotations

from html import escape

from gridmap import maps, terms

_STYLE = """
:root { color-scheme: light dark; --accent: light-dark(#0f4c75, #5aa9d6); --ink: light-dark(#14212b, #e8eef1);
  --soft: light-dark(#56646e, #9aa9b3); --paper: light-dark(#ffffff, #16212a); --ground: light-dark(#f5f6f4, #0e161c);
  --line: light-dark(#d9dedd, #2a3944); --alert: light-dark(#b3261e, #ff8a80); }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--ground); color: var(--ink);
  font: clamp(15px, 11px + 0.36vw, 21px)/1.5 "PingFang SC", "Microsoft YaHei", "HarmonyOS Sans SC", "Source Han Sans SC",
  "Noto Sans CJK SC", "Noto Sans SC", sans-serif; }
main { width: min(26rem, 92vw); background: var(--paper); border: 1px solid var(--line);
  border-radius: 4px; padding: 2rem 2.2rem; }
header { display: flex; align-items: center; gap: 0.7rem; margin-bottom: 1.2rem; color: var(--soft); }
h1 { font-size: 1.5rem; font-weight: 600; margin: 0 0 1rem; }
label { display: block; color: var(--soft); margin: 0.9rem 0 0.2rem; }
input { width: 100%; font: inherit; color: inherit; background: var(--ground); border: 1px solid var(--line);
  border-radius: 4px; padding: 0.5rem 0.7rem; }
input:focus { outline: 2px solid var(--accent); outline-offset: -1px; }
button, .go { display: block; width: 100%; margin-top: 1.4rem; font: inherit; font-weight: 600; text-align: center;
  cursor: pointer; text-decoration: none; color: light-dark(#fff, #0e161c); background: var(--accent); border: 0;
  border-radius: 4px; padding: 0.6rem; }
button.plain { background: none; color: var(--accent); border: 1px solid var(--line); margin-top: 1rem; }
a { color: var(--accent); }
[role=alert] { border-left: 4px solid var(--alert); padding: 0.2rem 0 0.2rem 0.8rem; color: var(--alert); }
"""

_MARK = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48" width="34" height="34" aria-hidden="true">
<path d="M6 6h16v11H6zM26 6h16v20H31V17h-5zM6 21h16v5h5v16H6zM31 30h11v12H31z" fill="#2f7fb0"/></svg>"""


def paper(title: str, body: str, said: str = "") -> str:
    """Give a whole page. title and said are texts, body is HTML whose texts are escaped already."""
    alert = f'<p role="alert">{escape(said)}</p>' if said else ""
    return (
        f'<!doctype html><html lang="{terms.language()}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{escape(title)}</title>'
        f'<link rel="stylesheet" href="{maps.fonts_url()}">'
        f"<style>{_STYLE}</style></head><body><main><header>{_MARK}<span>{terms.say('gridmap')}</span></header>"
        f"<h1>{escape(title)}</h1>{alert}{body}</main></body></html>"
    )
