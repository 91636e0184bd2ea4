"""The panels of the cockpit: what a district leader sees at a glance, each from one call into kpi or analysis."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta

import streamlit as st

from gridmap import analysis, kpi, store, terms
from gridmap.cases import whistles
from gridmap.web import district, figures, filters, jobs, numbers, session, strips, tables, words

THREE_ONES = ("accept_1min", "arrive_1h", "close_1day")
WEEK = 7
SHORT = {
    "accept_1min": terms.key("Accepted, 1 min"),
    "arrive_1h": terms.key("On site, 1 h"),
    "close_1day": terms.key("Closed, 1 day"),
}
LISTED = 2
RANKED = 8
"""Places of a ranking that leave room for the alarms below it; of more, the first and the last half of these are shown."""

ALONE = """<style>
[data-testid="stHeader"], .st-key-tools > :not(:has(.gm-demo)) { display: none !important; }
.stApp:has(.st-key-wall) [data-testid="stMainBlockContainer"] { padding-top: 0.7rem; }
.st-key-tools { height: 3rem; right: 2.2rem; top: 0.6rem; }
.st-key-stage-cockpit iframe { height: calc(100vh - 11.6rem) !important; }
.st-key-wall .gm-meters li { margin-bottom: 0.3rem; }
.st-key-wall .gm-rows li { padding: 0.24rem 0; }
</style>"""
"""The look of the cockpit alone on a big screen."""

NAMED = 2
"""Blank settings that are named; the others are counted."""

EVERY = 100_000


def moment() -> datetime:
    """Give the moment the figures are of: the last report in the store, or now where there is none."""
    known = kpi.data_range(district.db())
    return known[1] if known else store.now()


def today(now: datetime) -> kpi.Filters:
    """Give the filters of the day so far."""
    return kpi.Filters(start=datetime.combine(now.date(), time()), end=now + timedelta(seconds=1), as_of=now)


def week(now: datetime) -> kpi.Filters:
    """Give the filters of the last seven days."""
    end = now + timedelta(seconds=1)
    return kpi.Filters(start=end - timedelta(days=WEEK), end=end, as_of=now)


def head(now: datetime) -> None:
    """Draw the strip: today's reports and closings, what is open and overdue, and the closing rate of seven days."""
    db = district.db()
    day, then = kpi.strip(db, today(now)), kpi.strip(db, today(now - timedelta(days=1)))
    seven, before = kpi.strip(db, week(now)), kpi.strip(db, filters.before(week(now)))
    everything = kpi.strip(db, kpi.Filters(end=now + timedelta(seconds=1), as_of=now))
    reported, closed = strips.incidents(day, {}, ("reported", "closed"))
    tiles = [
        replace(reported, label=terms.say("Reported today"), note=_since(day["reported"].value, then["reported"].value)),
        replace(closed, label=terms.say("Closed of these"), note=""),
        *(replace(tile, note="") for tile in strips.incidents(everything, {}, ("open", "overdue"))),
    ]
    tiles += [
        replace(tile, label=terms.say("{figure}, 7 days", figure=tile.label))
        for tile in strips.incidents(seven, before, ("closing_rate", "satisfied"))
    ]
    figures.strip(tiles)


def three_ones(now: datetime) -> None:
    """Draw the three ones 3个1 as gauges: accepted in a minute, on site in an hour, closed in a day; seven days."""
    figures.heading(terms.say("The three ones"), terms.say("7 days"))
    found = kpi.strip(district.db(), week(now))
    figures.rings(
        figures.Meter(
            terms.say(SHORT[name]),
            numbers.rate(found[name].value),
            found[name].value,
            terms.say("of {n} cases", n=numbers.count(found[name].n)),
        )
        for name in THREE_ONES
    )


def mix(now: datetime, dimension: str, title: str, names: dict[str, str], most: int = 5) -> None:
    """Draw which channels or kinds the week's cases came by, the most frequent first, each with its share."""
    figures.heading(title, terms.say("7 days"))
    found = kpi.counts(district.db(), week(now), by=(dimension,)).nlargest(most, "n")
    whole = kpi.strip(district.db(), week(now))["reported"].value or 1
    figures.meters(
        figures.Meter(names.get(code, code), numbers.count(n), n / whole, numbers.rate(n / whole))
        for code, n in zip(found[dimension], found["n"], strict=True)
    )


def streets(now: datetime) -> None:
    """Draw the streets, or a city's districts, by closing rate, with the cases beside it: a rate alone shames who reports."""
    whole = district.home().level == "city"
    title = terms.say("Closing rate by district") if whole else terms.say("Closing rate by sub-district")
    db = district.db()
    rows = []
    for code, name in tables.names("district" if whole else "street").items():
        strip = kpi.strip(db, replace(week(now), area=code))
        rows.append((strip["closing_rate"], strip["reported"].value, name, code))
    rows.sort(key=lambda row: -1.0 if row[0].value is None else -row[0].value)
    period = terms.say("7 days")
    if len(rows) > RANKED:
        period = terms.say("7 days; the first {n} and the last {n} of {all}", n=RANKED // 2, all=len(rows))
        rows = [*rows[: RANKED // 2], *rows[-RANKED // 2 :]]
    figures.heading(title, period)
    figures.meters(
        figures.Meter(
            name,
            numbers.rate(rate.value),
            rate.value,
            terms.say("{n} reported", n=numbers.count(reported)),
            href=f"./?at={code}&days={WEEK}&lang={terms.language()}",
        )
        for rate, reported, name, code in rows
    )


def alarms(now: datetime) -> None:
    """Draw what should worry: whistles open, unanswered, late; matters that come back; grids without Party; blank rules."""
    db = district.db()
    asked = kpi.Filters(end=now + timedelta(seconds=1), as_of=now)
    late, repeated, party = (kpi.run(db, name, asked).iloc[0] for name in ("R45", "K33", "K20"))
    bare, blank = int(party["n"] - party["part"]), analysis.blanks(db)
    silent = len(whistles.unanswered(db, district.home().code))
    spoken = f"&lang={terms.language()}"
    figures.heading(terms.say("Attention"))
    figures.listed(
        [
            figures.Line(
                terms.say("Open whistles, {n} calls unanswered", n=numbers.count(silent)),
                numbers.count(analysis.open_whistles(db, now)),
                bool(silent),
                f"whistles?{spoken[1:]}",
            ),
            figures.Line(kpi.indicators()["R45"].name(), numbers.count(late["n"]), bool(late["n"])),
            figures.Line(kpi.indicators()["K33"].name(), numbers.count(repeated["n"]), bool(repeated["n"])),
            *_most_repeated(asked),
            figures.Line(
                terms.say("Grids without a Party organisation"),
                numbers.count(bare),
                bool(bare),
                f"./?show=centre.party{spoken}",
            ),
            figures.Line(terms.say("Merge of the grids"), _merge(), href=f"merge?{spoken[1:]}"),
            figures.Line(_unset(blank), numbers.count(len(blank)), bool(blank)),
        ]
    )


def alone() -> None:
    """Leave out the bar at the top where the cockpit has a big screen to itself; the mark of demo data stays."""
    if st.context.is_embedded:
        st.html(ALONE)


def big_screen() -> None:
    """Draw the ways to the cockpit alone on a big screen, without the bar at the top, light or dark."""
    if st.context.is_embedded:
        return
    with st.popover(terms.say("Big screen"), icon=":material/tv:"):
        for theme, text in (("dark_theme", terms.say("Dark")), ("light_theme", terms.say("Light"))):
            st.link_button(text, f"cockpit?embed=true&embed_options={theme}&lang={terms.language()}", width="stretch")


def _most_repeated(asked: kpi.Filters) -> list[figures.Line]:
    db = district.db()
    shown = kpi.red_list(db, "repeats", asked, limit=EVERY).nlargest(LISTED, "amount")
    matters, spoken = analysis.matters(db), terms.LANGUAGES.index(terms.language())
    where = shown["community_code"].map(tables.names("community")).fillna("")
    return [
        figures.Line(
            f"· {place} {matters.get(matter, (matter, matter))[spoken]}", numbers.count(n),
            href=f"./?at={grid}&days=30&lang={terms.language()}",
        )
        for place, matter, n, grid in zip(where, shown["label"], shown["amount"], shown["grid_code"], strict=True)
    ]  # fmt: skip


def _unset(blank: list[str]) -> str:
    if not blank:
        return terms.say("Rules without a figure")
    named = "、".join(blank[:NAMED]) if terms.language() == "zh" else ", ".join(blank[:NAMED])
    return terms.say("Not set: {what} and others", what=named)


@session.fragment(run_every=60)
def refresh(drawn: str) -> None:
    """Draw the page again by itself once the data have changed. drawn: the version() the page shows."""
    if version() != drawn:
        st.rerun()


def version() -> str:
    """Give the data version of what the cockpit shows."""
    return district.db().data_version("casework", "grids", "people", "rules")


def _merge() -> str:
    job = jobs.registry().latest(jobs.MERGE)
    if job is not None and job.state == "running":
        return f"{terms.say(job.stage)} {job.share:.0%}"
    listed = district.db().versions()
    in_force = listed[listed["status"] == "published"]
    if in_force.empty:
        return terms.say("no version in force")
    newest = in_force.iloc[-1]
    return terms.say("Version {n} · {state}", n=newest["version"], state=words.called("published", words.VERSIONS))


def _since(value: float | None, before: float | None) -> str:
    if not value or not before:
        return ""
    return terms.say("{change} on yesterday at this time", change=f"{(value - before) / before:+.1%}")
