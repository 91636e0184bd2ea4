"""Read a table that a department filled in: good rows typed as the store wants them, bad rows set aside with what to mend."""

from __future__ import annotations

import hashlib
import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyproj import CRS

from gridmap import terms
from gridmap.errors import IntakeError
from gridmap.finding import Finding
from gridmap.intake import forms, mapping, opening, placing, references, sealed, values, workbook
from gridmap.terms import key

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import geopandas as gpd
    from numpy.typing import NDArray

ROW, PROBLEM = key("row"), key("problem")
_AGAIN, _SAME = key("{column}: {value} stands in an earlier row already."), key("An earlier row says the same already.")


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it was sent: every value text, nothing judged.

    texts: the columns, dictionaries of texts where they repeat; sheets: all the file offers, sheet: the one read; encoding as
    for layers; torn: rows that had the wrong number of values, each with its number and
    its values; digest: of the file's bytes, which names the load; above: how many rows stand above the heading; ahead: columns
    of times or numbers, read as they came.
    """

    name: str
    texts: pa.Table
    sheet: str
    sheets: tuple[str, ...]
    encoding: str | None
    encoding_sure: bool
    samples: tuple[str, ...]
    readings: dict[str, list[str]]
    torn: tuple[tuple[int, tuple[str, ...]], ...]
    digest: str
    above: int = 0
    ahead: dict[str, pa.ChunkedArray] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rows:
    """What became of a table's rows.

    good: typed as the form says, columns named as in the store; bad: the rows as they were sent, with their number and what
    is wrong, to be mended and sent again; findings: about the whole table; batch: the name under which a store loads it once.
    """

    form: forms.Form
    good: pa.Table
    bad: pd.DataFrame
    findings: list[Finding]
    batch: str

    def write_bad(self, path: Path) -> Path:
        """Write the bad rows as .xlsx or .csv, to be mended and sent again as it is."""
        if path.suffix.lower() == ".csv":
            self.bad.to_csv(path, index=False, encoding="utf-8-sig")
        else:
            workbook.write(self.bad, path)
        return path


def open_table(
    path: str | Path,
    *,
    sheet: str | None = None,
    encoding: str | None = None,
    name: str | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> Table:
    """Read a workbook, .csv, .dbf or .parquet in the sealed process, every value as text. Raises IntakeError, one sentence."""
    path = Path(path)
    called = name or path.name
    with sealed.job_folder() as folder, ThreadPoolExecutor(1) as beside:
        digest = beside.submit(_digest, opening.bring_in(path, folder, called))
        parts: list[pa.RecordBatch] = []
        ahead = values.Ahead()

        def take(block: pa.RecordBatch) -> None:
            parts.append(block)
            ahead.take(block)

        job = {"task": "table", "name": called, "layer": sheet, "encoding": encoding}
        answer = sealed.run(job, folder, take, progress)
    texts = pa.Table.from_batches(parts).unify_dictionaries() if parts else pa.table({})
    return Table(
        called,
        texts.drop_columns([name for name in texts.column_names if name in _ours()]),
        answer["layer"],
        tuple(answer["layers"]),
        answer["encoding"],
        answer["sure"],
        tuple(answer["samples"]),
        answer["readings"],
        tuple((number, tuple(values)) for number, values in answer["torn"]),
        digest.result(),
        answer["above"],
        ahead.columns(),
    )


def _digest(files: list[Path]) -> str:
    """Name what was sent by its bytes."""
    digest = hashlib.sha256()
    for part in sorted(files):
        with part.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:16]


def _ours() -> set[str]:
    """Give the headings of the columns that bad rows come back with: they are left out when the rows are sent again."""
    return {terms.say(heading, language=language) for heading in (ROW, PROBLEM) for language in terms.LANGUAGES}


def read_rows(
    table: Table,
    form: forms.Form,
    *,
    columns: Mapping[str, str] | None = None,
    coordinates: Literal["gcj02", "bd09"] | int = 4490,
    compounds: gpd.GeoDataFrame | None = None,
    grids: gpd.GeoDataFrame | None = None,
    registers: Mapping[str, references.Register] | None = None,
) -> Rows:
    """Judge a table's rows by a form.

    columns: form's column -> file's column (else proposed by `mapping.propose`). coordinates: the system of longitude and
    latitude, an EPSG code or a shifted system; they come out in EPSG:4490. compounds: index = compound_id, columns name_zh
    and community_code, to place rows by their address where they have no coordinates. grids: index = grid_code, to place rows
    that have neither. registers: by form's column, what the district has of the codes and names in it.
    Raises IntakeError when a column the form requires is missing from the file altogether.
    """
    chosen = dict(columns) if columns is not None else mapping.propose(form, table.texts).columns
    _require(form, chosen, table)
    count = table.texts.num_rows
    projected = isinstance(coordinates, int) and not CRS.from_epsg(coordinates).is_geographic
    wrong: list[Wrong] = []
    findings: list[Finding] = []
    typed: dict[str, pa.Array] = {}

    language = terms.language()  # the threads know none

    def judged(column: forms.Column) -> tuple[pa.Array, list[Wrong], list[Finding]]:
        asked = replace(column, kind="number") if projected and column.name in {"lon", "lat"} else column
        register = (registers or {}).get(column.name)
        sent = _Sent(chosen[column.name], table.texts[chosen[column.name]], table.ahead.get(chosen[column.name]))
        return _column(asked, sent, register, column.heading(language))

    mapped = [column for column in form.columns if column.name in chosen]
    with ThreadPoolExecutor(os.cpu_count()) as beside:  # no column knows of another
        for column, (read, faults, told) in zip(mapped, beside.map(judged, mapped), strict=True):
            typed[column.name] = read
            wrong += faults
            findings += told
    wrong += _order(form, typed)
    wrong += placing.coordinates(typed, coordinates, findings)
    placing.by_address(typed, compounds, findings)
    placing.by_grid(typed, grids, findings)
    placing.without(typed, compounds, findings)
    _name(form, typed, count)
    wrong += _twice(form, typed)
    bad = np.zeros(count, dtype=bool)
    for mask, _, _ in wrong:
        bad |= mask
    if "address" in typed:
        address = typed.pop("address")
        typed["description_zh"] = pc.coalesce(typed.get("description_zh", pa.nulls(count, pa.string())), address)
    good = pa.table(typed)
    if bad.any():
        good = good.filter(pa.array(~bad))
    findings += _about(table, bad)
    batch = f"{form.table} {table.digest}-{_how(table, chosen, coordinates, bad)}"
    return Rows(form, good, _bad(table, form, chosen, wrong, bad), findings, batch)


def _how(table: Table, chosen: Mapping[str, str], coordinates: object, bad: NDArray[np.bool_]) -> str:
    """Name how a file was read: another sheet of it, or the same one read otherwise, is another load."""
    how = json.dumps([table.sheet, table.encoding, sorted(chosen.items()), coordinates], ensure_ascii=False)
    return hashlib.sha256(how.encode() + np.packbits(bad).tobytes()).hexdigest()[:12]


def _require(form: forms.Form, chosen: Mapping[str, str], table: Table) -> None:
    missing = [column.zh for column in form.columns if column.required and column.name not in chosen]
    if missing:
        raise IntakeError(
            "{file} has no column for {missing}; its columns are {columns}.",
            file=table.name,
            missing="、".join(missing),
            columns="、".join(table.texts.column_names[:30]),
        )
    unknown = [name for name in chosen.values() if name not in table.texts.column_names]
    if unknown:
        known = "、".join(table.texts.column_names[:30])
        raise IntakeError("{file} has no column {column}; it has {columns}.", file=table.name, column=unknown[0], columns=known)


Wrong = tuple["NDArray[np.bool_]", str, forms.Column | None]


@dataclass(frozen=True, slots=True)
class _Sent:
    """A column of the file: its heading, its texts, and what was read of them ahead."""

    heading: str
    texts: pa.ChunkedArray
    ahead: pa.ChunkedArray | None


def _column(
    column: forms.Column, sent: _Sent, register: references.Register | None, called: str
) -> tuple[pa.Array, list[Wrong], list[Finding]]:
    """Type one column; give which of its rows are wrong, and what is to be said of it as a whole.

    called: what the reader calls the column.
    """
    wrong: list[Wrong] = []
    findings: list[Finding] = []
    texts = sent.texts if register is None else references.coded(sent.texts.combine_chunks(), register)
    typed, unread = values.read(column, texts, heading=sent.heading, ahead=None if register else sent.ahead)
    if unread.any():
        wrong.append((unread, values.UNREADABLE[column.kind], column))
    if column.required:
        missing = typed.is_null().to_numpy(zero_copy_only=False) & ~unread
        wrong.append((missing, key("{column} is empty."), column))
    if register is not None:
        wrong += references.unknown(column, typed, register, findings, called)
    none = typed.null_count - texts.null_count - int(unread.sum())
    if column.kind in {"date", "time"} and none:
        message = key("{column}: read as empty: {count:# date that stands|# dates that stand} for none, such as 1970-01-01.")
        about = {"column": called, "count": none}
        findings.append(Finding("sentinel_date", "note", message, about, size=float(none), unit="rows"))
    return typed, wrong, findings


def _order(form: forms.Form, typed: dict[str, pa.Array]) -> list[Wrong]:
    """Find times that lie before the ones they must follow, and numbers smaller than a part of them."""
    found: list[Wrong] = []
    for column in form.columns:
        if column.not_before is None or column.name not in typed or column.not_before not in typed:
            continue
        early = pc.fill_null(pc.less(typed[column.name], typed[column.not_before]), fill_value=False)
        if pc.any(early).as_py():
            times = column.kind in {"date", "time"}
            message = key("{column} lies before {other}.") if times else key("{column} is smaller than {other}.")
            found.append((early.to_numpy(zero_copy_only=False), message, column))
    return found


def _name(form: forms.Form, typed: dict[str, pa.Array], count: int) -> None:
    """Name rows that have no number by their content: the same row sent again gets the same name."""
    column = form.key
    if column is None or not count:
        return
    own = typed.get(column.name, pa.nulls(count, pa.string()))
    if own.null_count:
        frame = pa.table(
            {name: array.cast(pa.string()) for name, array in typed.items() if array.type != pa.list_(pa.string())}
        )
        hashes = pd.util.hash_pandas_object(frame.to_pandas(), index=False)
        own = pc.coalesce(own, pa.array([f"{form.table[:2].upper()}-{value:016x}" for value in hashes], pa.string()))
    typed[column.name] = own


def _twice(form: forms.Form, typed: dict[str, pa.Array]) -> list[Wrong]:
    """Find numbers that stand in an earlier row already."""
    if form.key is None or form.key.name not in typed:
        return []
    own = typed[form.key.name]
    if not own.null_count and pc.all(pc.less(own[:-1], own[1:])).as_py():
        return []  # numbered in order, as most systems export them: none can come twice
    encoded = own.dictionary_encode()
    if len(encoded.dictionary) + encoded.null_count == len(encoded):
        return []
    again = pd.Series(encoded.indices.to_numpy(zero_copy_only=False)).duplicated().to_numpy()
    return [(again, _AGAIN, form.key)]


def _bad(table: Table, form: forms.Form, chosen: Mapping[str, str], wrong: list[Wrong], bad: NDArray[np.bool_]) -> pd.DataFrame:
    """Give the bad rows as they were sent, each with its number in the file and all that is wrong with it."""
    rows = np.flatnonzero(bad)
    sent = table.texts.take(pa.array(rows)) if len(rows) else table.texts.slice(0, 0)
    frame: pd.DataFrame = sent.cast(pa.schema([(name, pa.string()) for name in sent.column_names])).to_pandas()
    problems: list[list[str]] = [[] for _ in rows]
    place = {int(row): number for number, row in enumerate(rows)}
    for mask, message, column in wrong:
        for row in np.flatnonzero(mask):
            about: dict[str, str] = {}
            told = message
            if column is not None:
                about = {"column": column.heading(terms.language())}
                value = table.texts[chosen[column.name]][int(row)].as_py() if column.name in chosen else None
                about["value"] = str(value)
                if column.choices:
                    about["choices"] = "、".join(dict.fromkeys(_first_words(column)))
                if column.not_before is not None:
                    about["other"] = form.column(column.not_before).heading(terms.language())
                if message == _AGAIN and value is None:  # it was named by its content
                    about, told = {}, _SAME
            problems[place[int(row)]].append(terms.say(told, language=None, **about))
    frame.insert(0, terms.say(PROBLEM), [" ".join(lines) for lines in problems])
    frame.insert(0, terms.say(ROW), rows + 2 + table.above)
    if not table.torn:
        return frame
    torn = np.array([number for number, _ in table.torn])
    frame[terms.say(ROW)] += np.searchsorted(torn - np.arange(len(torn)), frame[terms.say(ROW)], side="right")
    return pd.concat([frame, _torn(table, frame.columns)]).sort_values(terms.say(ROW), ignore_index=True)


def _torn(table: Table, columns: pd.Index) -> pd.DataFrame:
    """Give the rows with the wrong number of values as they were sent, those beyond the last column together in it."""
    width = len(columns) - 2
    lines = []
    for number, sent in table.torn:
        problem = terms.say(
            key("The row has {n} values, the table {columns} columns."), n=len(sent), columns=table.texts.num_columns
        )
        fitted = [*sent[: width - 1], ",".join(sent[width - 1 :])] if len(sent) > width else list(sent)
        lines.append([number, problem, *fitted, *[None] * (width - len(fitted))])
    return pd.DataFrame(lines, columns=columns)


def _first_words(column: forms.Column) -> list[str]:
    """Give for each choice the first word people write for it."""
    first: dict[str, str] = {}
    for word, kept in column.choices.items():
        if word != forms.plain(kept):
            first.setdefault(kept, word)
    return list(first.values())


def _about(table: Table, bad: NDArray[np.bool_]) -> list[Finding]:
    found = []
    if bad.any():
        message = key("Set aside, each with what is wrong: {count:# row|# rows} with values that cannot be used.")
        remedy = key("Mend these rows and send the file again.")
        count = int(bad.sum())
        found.append(Finding("bad_rows", "error", message, {"count": count}, remedy, size=float(count), unit="rows"))
    if table.torn:
        message = key("Set aside: {count:# row|# rows} with more or fewer values than the table has columns.")
        remedy = key("Mend these rows and send the file again.")
        count = len(table.torn)
        found.append(Finding("torn_rows", "error", message, {"count": count}, remedy, size=float(count), unit="rows"))
    return found
