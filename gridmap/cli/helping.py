"""What ``--help`` says, in the language of the shell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gridmap import terms
from gridmap.terms import key

if TYPE_CHECKING:
    from collections.abc import Callable

FRAME = (
    key("Usage:"),
    key("Arguments:"),
    key("Options:"),
    key("Commands:"),
    key("[required]"),
    key("Show this message and exit."),
)
"""What stands in every help beside what the commands say themselves."""


def speak(command: Any) -> None:  # noqa: ANN401 - click's, which typer brings and does not name
    """Give a command, its options and the commands below it their help in the language of the shell."""
    if terms.language() == "en":
        return
    for one in every(command):
        one.get_help = _framed(one.get_help)
        for told in (one, *one.params):
            if getattr(told, "help", None):
                told.help = terms.say(told.help)


def every(command: Any) -> list[Any]:  # noqa: ANN401 - as above
    """Give a command and the commands below it."""
    return [command, *(one for below in getattr(command, "commands", {}).values() for one in every(below))]


def _framed(get_help: Callable[[Any], str]) -> Callable[[Any], str]:
    def spoken(context: Any) -> str:  # noqa: ANN401 - as above
        said = get_help(context)
        for word in FRAME:
            said = said.replace(word, terms.say(word))
        return said

    return spoken
