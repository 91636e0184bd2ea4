"""How much an uploaded file may cost: every limit a named setting, ``GRIDMAP_INTAKE_<NAME>`` in the environment."""

from __future__ import annotations

from functools import cache

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

MEGABYTE = 1024 * 1024


class Limits(BaseSettings):
    """The limits of one reading."""

    model_config = SettingsConfigDict(env_prefix="GRIDMAP_INTAKE_", env_file="gridmap.env", extra="ignore")

    file_mb: int = Field(512, gt=0, description="Largest file taken in, MB.")
    cpu_s: int = Field(19, gt=0, description="CPU seconds the reading of one file may take; it is ended within another one.")
    wall_s: int = Field(120, gt=0, description="Seconds on the clock the reading of one file may take.")
    memory_mb: int = Field(2048, gt=0, description="Address space of the reading process, MB.")
    written_mb: int = Field(1024, gt=0, description="Largest single file the reading process may write, MB.")
    open_files: int = Field(64, gt=0, description="Files the reading process may hold open.")
    archive_members: int = Field(1000, gt=0, description="Members an archive may have, those of a nested one included.")
    archive_mb: int = Field(1024, gt=0, description="Size of an archive unpacked, nested ones included, MB.")
    archive_ratio: int = Field(200, gt=0, description="How many times smaller than its content an archive may be.")
    archive_depth: int = Field(1, ge=0, description="How deep an archive may lie in an archive.")
    rows: int = Field(5_000_000, gt=0, description="Rows a layer or table may have.")
    columns: int = Field(1000, gt=0, description="Columns a layer or table may have.")
    vertices: int = Field(40_000_000, gt=0, description="Vertices a layer may have.")
    layers: int = Field(200, gt=0, description="Layers a file may have.")
    text_kb: int = Field(1024, gt=0, description="Longest single value of text, kB.")


@cache
def limits() -> Limits:
    """Give the limits, read once."""
    return Limits()
