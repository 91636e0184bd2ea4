"""The child process that answers one question and ends; run as a script, it knows only the standard library and DuckDB.

It reads one line of JSON from standard input and writes one line of JSON, then (if all went well) an Arrow stream.
Whatever a question does to DuckDB happens here, under limits of the operating system, and ends with this process.
"""

from __future__ import annotations

import ctypes
import json
import resource
import sys
from typing import Any

import duckdb
from duckdb_extensions import import_extension

PR_SET_NO_NEW_PRIVS = 38
TABLE_FUNCTIONS = frozenset({"range", "generate_series", "unnest", "json_each", "json_tree", "summary"})
"""Table functions a question may call; all others are refused, because some of them crash or reach out."""
INTERNAL = ("duckdb_", "pragma_", "sqlite_")
"""How the engine's own views begin, which tell of paths and settings."""
BATCH_ROWS = 2_000
LIBRARIES_MB = 2_048
"""Address space that Python, DuckDB and Arrow take before any question."""


def fence(memory_mb: int, seconds: int) -> None:
    """Let the operating system hold the limits: address space, processor time, no files written, no new rights."""
    space = (LIBRARIES_MB + 2 * memory_mb) * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (space, space))
    resource.setrlimit(resource.RLIMIT_CPU, (4 * seconds, 4 * seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ctypes.CDLL(None).prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def close_off(connection: duckdb.DuckDBPyConnection) -> None:
    """Close everything outside the connection's own database, for good."""
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def called(node: Any) -> set[str]:  # noqa: ANN401 -- a parsed statement is nested dicts and lists
    """Give the table functions a parsed statement calls and the engine's own views it reads or shows, at any depth."""
    found: set[str] = set()
    if isinstance(node, dict):
        if node.get("type") == "SHOW_REF" and not node.get("query"):  # DESCRIBE and SUMMARIZE of a view have a query below
            found.add(f"show {node.get('table_name') or node.get('schema_name')}".replace('"', "").lower())
        if node.get("type") == "TABLE_FUNCTION":
            found.add(str(node.get("function", {}).get("function_name", "")).lower())
        if node.get("type") == "BASE_TABLE" and str(node.get("table_name", "")).lower().startswith(INTERNAL):
            found.add(str(node["table_name"]).lower())
        for value in node.values():
            found |= called(value)
    elif isinstance(node, list):
        for value in node:
            found |= called(value)
    return found


def refusal(sql: str) -> dict[str, str] | None:
    """Say why a question is not asked: it is no single SELECT, or calls what it may not. None when it may be asked.

    DuckDB's own serializer judges: it accepts nothing but SELECT and, unlike extract_statements, never touches a disk.
    """
    with duckdb.connect() as bare:
        close_off(bare)
        # As a literal: the first bound parameter makes DuckDB load pandas, which takes longer than most questions.
        literal = "'" + sql.replace("\0", " ").replace("'", "''") + "'"
        row = bare.execute(f"SELECT json_serialize_sql({literal})").fetchone()
    parsed: dict[str, Any] = json.loads(row[0]) if row else {"error": True}
    if parsed["error"]:
        kind = "syntax" if parsed.get("error_type") == "parser" else "not_select"
        return {"refused": kind, "detail": str(parsed.get("error_message", ""))}
    if len(parsed["statements"]) != 1:
        return {"refused": "not_select", "detail": ""}
    for name in sorted(called(parsed) - TABLE_FUNCTIONS):
        return {"refused": "function", "detail": name}
    return None


def send(header: dict[str, Any]) -> None:
    """Write the one line of JSON that says how it went."""
    sys.stdout.buffer.write(json.dumps(header).encode() + b"\n")
    sys.stdout.buffer.flush()


def answer(question: dict[str, Any]) -> None:
    """Run the question on the snapshot and stream at most ``rows`` rows, having said whether there were more."""
    import pyarrow as pa  # noqa: PLC0415 -- half a second that a refused question need not wait for

    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": question["threads"],
        "memory_limit": f"{question['memory_mb']}MB",
        "temp_directory": "",
    }
    connection = duckdb.connect(question["snapshot"], read_only=True, config=config)
    import_extension("spatial")
    connection.execute("LOAD spatial")
    close_off(connection)
    reader = connection.execute(question["sql"]).to_arrow_reader(BATCH_ROWS)
    batches, held = [], 0
    for batch in reader:
        batches.append(batch)
        held += batch.num_rows
        if held > question["rows"]:
            break
    table = pa.Table.from_batches(batches, schema=reader.schema).slice(0, question["rows"])
    send({"more": held > question["rows"]})
    with pa.ipc.new_stream(sys.stdout.buffer, table.schema) as stream:
        stream.write_table(table)


def main() -> int:
    """Answer the one question on standard input."""
    question = json.loads(sys.stdin.buffer.readline())
    fence(question["memory_mb"], question["seconds"])
    try:
        refused = refusal(question["sql"])
        if refused:
            send(refused)
        else:
            answer(question)
    except (MemoryError, duckdb.OutOfMemoryException):
        send({"refused": "memory", "detail": ""})
    except duckdb.Error as error:
        send({"refused": "error", "detail": str(error)})
    return 0


if __name__ == "__main__":
    sys.exit(main())
