"""What the program brings along: known vulnerabilities of the locked packages, and their licences. Part of ``make lint``.

Ends with 1 for a known vulnerability or a licence that would bind users' own code. Where nothing knows of vulnerabilities (no
network, or a package source without that list) it says so and goes on: a check that cannot be made is not one that failed.
"""

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
LOCK = ROOT / "requirements.lock"
SECONDS = 90
BINDING = re.compile(r"\b(A?GPL|SSPL|BUSL|Commons Clause|EUPL)", re.IGNORECASE)
"""Licences that bind what is built on them. LGPL and MPL bind only their own files."""

ACCEPTED: dict[str, str] = {}
"""Known vulnerabilities that cannot reach a user here: id → why."""


def vulnerabilities() -> int:
    """Ask for known vulnerabilities of every locked package; tell them and give how many there are."""
    command = [
        BIN / "pip-audit",
        "-r",
        LOCK,
        "--require-hashes",
        "--disable-pip",
        "-f",
        "json",
        "--progress-spinner",
        "off",
        "--timeout",
        "8",
    ]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
        listed = json.loads(done.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, json.JSONDecodeError, KeyError):
        say("vulnerabilities: NOT AUDITED, no list of them can be reached from here")
        return 0
    audited = [one for one in listed if "vulns" in one and not one.get("skip_reason")]
    found = [
        (one["name"], one["version"], vuln["id"]) for one in audited for vuln in one["vulns"] if vuln["id"] not in ACCEPTED
    ]
    for name, version, number in found:
        say(f"vulnerability: {name} {version} has {number}")
    if len(audited) < len(listed):
        say(f"vulnerabilities: {len(listed) - len(audited)} of {len(listed)} packages NOT AUDITED, the list knows none of them")
    say(f"vulnerabilities: {len(found)} known in {len(audited)} audited packages")
    return len(found)


def licences() -> int:
    """Tell the licences of the locked packages; give how many bind what is built on them."""
    names = re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==", LOCK.read_text("utf-8"), re.MULTILINE)
    locked = {name.lower().replace("_", "-") for name in names}
    told = subprocess.run([BIN / "pip-licenses", "--format=json", "--with-system"], capture_output=True, text=True, check=True)
    mine = [one for one in json.loads(told.stdout) if one["Name"].lower().replace("_", "-") in locked]
    short = {one["Name"]: one["License"].strip().splitlines()[0][:60] if one["License"].strip() else "not said" for one in mine}
    binding = {name: text for name, text in short.items() if BINDING.search(text) and "LGPL" not in text.upper()}
    for name, text in binding.items():
        say(f"licence: {name} is under {text}")
    say("licences: " + ", ".join(f"{text} {n}" for text, n in Counter(short.values()).most_common()))
    return len(binding)


def say(line: str) -> None:
    """Write one line."""
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    sys.exit(1 if licences() + vulnerabilities() else 0)
