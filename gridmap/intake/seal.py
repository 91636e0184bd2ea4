"""Seal the reading process before it opens anything: no network, no other file, no program, bounded means.

Layers of one defence, each of which holds where another is missing on a machine: GDAL is loaded with an environment that
leaves it only the formats allowed; the kernel bounds CPU, memory and files (setrlimit), takes the network away (an empty
network namespace, and a filter of system calls that knows no socket), and opens nothing but the folder of the job, and for
reading alone the file that was sent (Landlock).
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import signal
import struct
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gridmap.intake.limits import Limits

DRIVERS = frozenset({"ESRI Shapefile", "GeoJSON", "GPKG", "KML", "LIBKML", "FlatGeobuf", "MEM"})
"""The GDAL drivers a file may be read with; no other one is even registered."""

_SKIPPED = (
    "ADBC,AIVector,AVCBin,AVCE00,AmigoCloud,CSV,CSW,Carto,DGN,DXF,EDIGEO,EEDA,ESRIJSON,Elasticsearch,GDALG,GML,"
    "GPSBabel,GPX,GTFS,GeoJSONSeq,GeoRSS,HTTP,Idrisi,JML,JSONFG,LVBAG,MBTiles,MVT,MapInfo File,MapML,MiraMonVector,"
    "NGW,OAPIF,ODS,OGCAPI,OGR_GMT,OGR_PDS,OGR_VRT,OSM,OpenFileGDB,PCIDSK,PDF,PDS4,PGDUMP,PLSCENES,PMTiles,S57,SQLite,"
    "SXF,Selafin,TopoJSON,VDV,VFK,VICAR,WAsP,WFS,XLSX"
)

ENVIRONMENT = {
    "OGR_SKIP": _SKIPPED,
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": "{none}",
    "GDAL_HTTP_PROXY": "127.0.0.1:9",
    "GDAL_HTTP_TIMEOUT": "1",
    "GDAL_DRIVER_PATH": "disable",
    "GDAL_PAM_ENABLED": "NO",
    "OGR_SQLITE_LOAD_EXTENSIONS": "",
    "OGR_SQLITE_LIST_VIRTUAL_OGR": "NO",
    "OGR_SQLITE_ALLOW_EXTERNAL_ACCESS": "NO",
    "OGR_GEOJSON_MAX_OBJ_SIZE": "200",
    "PROJ_NETWORK": "OFF",
    "http_proxy": "http://127.0.0.1:9",
    "https_proxy": "http://127.0.0.1:9",
    # One thread of its own and a plain allocator: the address space that is bounded is then the memory used.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "GDAL_NUM_THREADS": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_ARENA_MAX": "2",
    # Memory once asked for is kept and used again: a child lives for one file, and fresh pages are what its time goes into.
    "MALLOC_MMAP_THRESHOLD_": "1073741824",
    "MALLOC_TRIM_THRESHOLD_": "2147483648",
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",  # in large pages, where the machine has them
    "PYTHONUTF8": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
}
"""What the reading process is started with; it inherits nothing else but PATH."""

_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000
_SET_NO_NEW_PRIVILEGES, _SET_SECCOMP, _FILTER = 38, 22, 2
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
_READ = 0b1100  # read a file, list a folder
_NO_FILE = 0b1_1110_0100_0001  # run a file; make a device, a socket, a pipe, a link
_SCOPES_SINCE, _NETWORK_SINCE, _IOCTL_SINCE, _TRUNCATE_SINCE, _REFER_SINCE = 6, 4, 5, 3, 2

# System calls the reader never needs: sockets, programs, other processes, namespaces, and io_uring, which could make sockets.
_REFUSED_CALLS = {
    "x86_64": (0xC000003E, (41, 42, 49, 50, 53, 57, 58, 59, 62, 101, 165, 272, 308, 310, 311, 321, 322, 424, 425)),
    "aarch64": (0xC00000B7, (198, 200, 201, 203, 199, 221, 129, 117, 40, 97, 268, 270, 271, 280, 281, 424, 425)),
}


def bound(limits: Limits) -> None:
    """Bound CPU, time, memory and files of this process from now on."""
    megabyte = 1024 * 1024
    for what, soft, hard in (
        (resource.RLIMIT_CPU, limits.cpu_s, limits.cpu_s + 1),
        (resource.RLIMIT_AS, limits.memory_mb * megabyte, limits.memory_mb * megabyte),
        (resource.RLIMIT_FSIZE, limits.written_mb * megabyte, limits.written_mb * megabyte),
        (resource.RLIMIT_NOFILE, limits.open_files, limits.open_files),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        resource.setrlimit(what, (soft, hard))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(limits.wall_s)


def close(folder: Path, sent: Iterable[Path]) -> list[str]:
    """Shut this process in ``folder`` and off the network; give the names of the layers this machine could put up.

    sent: plain files that may be read besides.
    """
    done = ["limits", "drivers"]
    if sys.platform != "linux":  # pragma: no cover - the environment and the limits are all there is elsewhere
        return done
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_NEW_NETWORK) == 0 or libc.unshare(_NEW_USER | _NEW_NETWORK) == 0:
        done.append("network namespace")
    libc.prctl(_SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    if _landlock(libc, folder, sent):
        done.append("landlock")
    if _seccomp(libc):
        done.append("system calls")
    return done


def _readable() -> Iterable[Path]:
    """Where code and its tables lie: nothing there is anybody's data."""
    for prefix in {sys.prefix, sys.base_prefix}:
        yield Path(prefix) / "lib"
    yield from map(Path, ("/usr/lib", "/usr/share/zoneinfo", "/lib", "/lib64"))
    yield from map(Path, ("/dev/null", "/dev/urandom"))
    yield Path(__file__).parents[1] / "locale"
    yield Path(__file__).parent
    yield from (Path(entry) for entry in sys.path if entry.endswith("-packages"))


def _landlock(libc: ctypes.CDLL, folder: Path, sent: Iterable[Path]) -> bool:
    """Let this process open only the folder of its job, what was sent, and code. False where the kernel has no Landlock."""
    version = libc.syscall(_LANDLOCK_CREATE, None, 0, 1)
    if version < 1:
        return False
    everything = (1 << 13) - 1
    for since, bit in ((_REFER_SINCE, 13), (_TRUNCATE_SINCE, 14), (_IOCTL_SINCE, 15)):
        everything |= (version >= since) << bit
    attributes = struct.pack(
        "QQQ", everything, 0b11 if version >= _NETWORK_SINCE else 0, 0b11 if version >= _SCOPES_SINCE else 0
    )
    size = 24 if version >= _SCOPES_SINCE else 16 if version >= _NETWORK_SINCE else 8
    ruleset = libc.syscall(_LANDLOCK_CREATE, attributes, size, 0)
    if ruleset < 0:
        return False
    code = ((path, _READ, 0) for path in _readable())
    read = ((path, _READ, os.O_NOFOLLOW) for path in sent)  # not what somebody laid in its place meanwhile
    for path, access, flags in [(folder, everything & ~_NO_FILE, 0), *code, *read]:
        if not path.exists():
            continue
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC | flags)
        allowed = access if path.is_dir() else access & 0b100
        libc.syscall(_LANDLOCK_ADD, ruleset, 1, struct.pack("=Qi", allowed, opened), 0)
        os.close(opened)
    restricted = libc.syscall(_LANDLOCK_RESTRICT, ruleset, 0)
    os.close(ruleset)
    return bool(restricted == 0)


def _seccomp(libc: ctypes.CDLL) -> bool:
    """Refuse with EPERM every system call of _REFUSED_CALLS. False on a processor whose numbers are not known here."""
    known = _REFUSED_CALLS.get(platform.machine())
    if known is None:
        return False
    architecture, calls = known
    load, equal, least, give = 0x20, 0x15, 0x35, 0x06
    allow, refuse = 0x7FFF0000, 0x00050001
    program = [(load, 0, 0, 4), (equal, 0, len(calls) + 3, architecture), (load, 0, 0, 0)]
    program.append((least, len(calls) + 1, 0, 0x40000000))  # the second numbering of the same calls on x86
    program += [(equal, len(calls) - place, 0, call) for place, call in enumerate(calls)]
    program += [(give, 0, 0, allow), (give, 0, 0, refuse)]
    code = b"".join(struct.pack("HBBI", *line) for line in program)
    buffer = ctypes.create_string_buffer(code, len(code))
    header = struct.pack("HxxxxxxQ", len(program), ctypes.addressof(buffer))
    return bool(libc.prctl(_SET_SECCOMP, _FILTER, header, 0, 0) == 0)
