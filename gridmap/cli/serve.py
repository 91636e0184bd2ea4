"""``gridmap serve``: the dashboard, in this process."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
import threading
from pathlib import Path
from typing import Annotated

import typer

from gridmap import access, store, terms
from gridmap.cli.district import DATABASE
from gridmap.errors import HeldError, InputError, StoreError
from gridmap.settings import HOME, settings
from gridmap.store import served


def serve(
    data: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder of the district's data.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    address: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    tls_cert: Annotated[Path | None, typer.Option(metavar="FILE", help="Certificate chain (PEM): serve over TLS.")] = None,
    tls_key: Annotated[Path | None, typer.Option(metavar="FILE", help="Its private key (PEM).")] = None,
) -> None:
    """Open the dashboard of a district's data."""
    folder = (data or settings().data).absolute()
    if not folder.is_dir():
        raise InputError("There is no folder {path}; make one with gridmap demo --out {path}.", path=folder)
    if (tls_cert is None) != (tls_key is None):
        raise InputError("Certificate and key belong together: give both --tls-cert and --tls-key.")
    for file in (tls_cert, tls_key):
        if file is not None and not file.is_file():
            raise InputError("There is no file {path}.", path=file)
    # The pages read their folder from the environment, in this process and in their workers.
    os.environ["GRIDMAP_DATA"] = str(folder)
    settings.cache_clear()
    _hold(folder)
    # What a proxy says of a reader's address is judged by the gate, by the proxies that the settings name.
    os.environ.setdefault("FORWARDED_ALLOW_IPS", "")
    invite(f"{'https' if tls_cert else 'http'}://{address or settings().address}:{port or settings().port}")
    sys.argv = [
        "streamlit", "run", str(HOME / "app.py"),
        "--server.headless=true",
        "--browser.gatherUsageStats=false",
        f"--server.address={address or settings().address}",
        f"--server.port={port or settings().port}",
    ]  # fmt: skip
    if tls_cert and tls_key:
        sys.argv += [f"--server.sslCertFile={tls_cert.absolute()}", f"--server.sslKeyFile={tls_key.absolute()}"]
    threading.Thread(target=_compile_ahead, daemon=True).start()
    runpy.run_module("streamlit", run_name="__main__")


def _hold(folder: Path) -> None:
    """Take the district's database before anything listens: a folder that another process holds is refused at once.

    A damaged one is said here and by every page. Raises HeldError.
    """
    served.refuse_second(folder)
    if not (folder / DATABASE).exists():
        return
    try:
        store.open_store(folder / DATABASE)
    except HeldError:
        raise
    except StoreError as error:
        sys.stderr.write(f"gridmap: {error}\n")


def _compile_ahead() -> None:
    """Have compiled, beside the server, what the first reader would wait for otherwise (``gridmap.cli.compiled``)."""
    subprocess.run(
        [sys.executable, "-P", "-m", "gridmap.cli.compiled"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        check=False,
    )


def invite(server: str) -> None:
    """Print the one-time token of the first administrator, where accounts are needed and there is none yet."""
    folder = settings().data
    if access.way(folder) != "accounts":
        return
    book = access.open_book(folder)
    if book.is_new():
        token = book.invite()
        sys.stdout.write(
            terms.say(
                "No account yet. Open {url} and set up the administrator with this one-time token:", url=f"{server}/setup"
            )
            + f"\n\n    {token}\n\n"
        )
        sys.stdout.flush()
