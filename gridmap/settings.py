"""Where things are and how much of them is allowed: every setting, with its default and its reason.

Each can be set as an environment variable ``GRIDMAP_<NAME>`` or in a file ``gridmap.env`` beside the data.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

_PACKAGE = Path(__file__).parent
HOME = _PACKAGE.parent if (_PACKAGE.parent / "app.py").exists() else _PACKAGE / "home"
"""The folder that holds app.py, pages, data/reference and the fetched assets: the checkout, or its copy in the wheel."""

REFERENCE = HOME / "data" / "reference"
ASSETS = HOME / "node_modules"


class Merging(BaseModel):
    """How merging weighs one thing against another (docs/merging.md); what is not set is as the engine has it.

    Each is set as ``GRIDMAP_MERGE__<NAME>``.
    """

    model_config = ConfigDict(extra="forbid")

    beta: float | None = Field(None, description="How strongly old borders count.")
    touch_m: float | None = Field(None, description="Metres it costs that a new grid touches an old one.")
    outside_m: float | None = Field(None, description="Metres that each per cent beside the norm costs.")
    miss_m: float | None = Field(None, description="Metres that missing the norm costs at all.")
    barrier: float | None = Field(None, description="How many times its length a barrier inside a grid costs.")
    barrier_within_m: float | None = Field(None, description="How near a border must lie to a barrier to run along it.")
    departments: dict[str, float] | None = Field(None, description='A weight for each department, as {"zongzhi": 2}.')
    sliver_m2: float | None = Field(None, description="Square metres under which a piece is a sliver.")
    time_limit_s: float | None = Field(None, description="Seconds of proof for each community, on an ordinary machine.")
    priority: tuple[str, ...] | None = Field(None, description='Who keeps contested ground in a layer, as ["zongzhi"].')


class Settings(BaseSettings):
    """The settings of one running gridmap."""

    model_config = SettingsConfigDict(env_prefix="GRIDMAP_", env_file="gridmap.env", extra="ignore", env_nested_delimiter="__")

    data: Path = Field(Path("var"), description="Folder of the district's database, layers and uploads.")
    port: int = Field(8501, description="Port the dashboard listens on.")
    address: str = Field("127.0.0.1", description="Address the dashboard listens on.")
    open311_hosts: str = Field(
        "", description="Hosts service requests may be fetched from, host or host:port, commas between; none unless named."
    )
    uploads_days: int = Field(90, ge=1, description="Days an upload that nobody works on is kept; stored versions stay.")
    merge: Merging = Field(default_factory=Merging, description="How merging weighs one thing against another.")
    login: Literal["auto", "demo", "accounts", "proxy", "oidc"] = Field(
        "auto",
        description="How one signs in: own accounts, a proxy's header, OIDC; auto: accounts, but none for fictional data.",
    )
    trusted_proxies: str = Field("127.0.0.1,::1", description="Addresses of reverse proxies whose headers are believed.")
    proxy_header: str = Field("X-Remote-User", description="Header in which the proxy names the account (login=proxy).")
    proxy_secret: str = Field("", description="What the proxy sends as X-Gridmap-Proxy-Secret; without it nobody is let in.")
    oidc_claim: str = Field("preferred_username", description="Claim of the identity service that names the account.")
    requests_a_second: float = Field(60, gt=0, description="Requests one browser may send a second; ten times as many at once.")
    ask_rows: int = Field(10_000, ge=1, le=100_000, description="Rows a question in SQL gives back at most.")
    ask_memory_mb: int = Field(1_024, ge=64, description="Memory a question in SQL may use, in MB.")
    ask_seconds: int = Field(20, ge=1, le=300, description="Seconds a question in SQL may take.")
    ask_threads: int = Field(2, ge=1, description="Threads a question in SQL may use.")
    sign_ins_a_minute: float = Field(10, gt=0, description="Attempts to sign in that one address has a minute.")


@cache
def settings() -> Settings:
    """Give the settings, read once."""
    return Settings()
