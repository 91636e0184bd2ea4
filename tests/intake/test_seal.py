"""The sealed process reads what it was sent and works in its folder; it writes to nothing else and reads nothing beside."""

import os
from contextlib import suppress

import pytest

from gridmap.intake import seal, sealed


def sealed_off(folder, sent, deed):
    """Do something in a sealed process; give what it answers, or the name of the error it met."""
    answers, says = os.pipe()
    process = os.fork()
    if process == 0:
        with suppress(BaseException):
            layers = seal.close(folder, [sent])
            try:
                answer = str(deed())
            except OSError as error:
                answer = type(error).__name__
            os.write(says, f"{'landlock' in layers}|{answer}".encode())
        os._exit(0)
    os.close(says)
    with os.fdopen(answers) as pipe:
        shut, answer = pipe.read().split("|")
    os.waitpid(process, 0)
    if shut != "True":
        pytest.skip("this kernel has no Landlock")
    return answer


@pytest.fixture
def place(tmp_path):
    """Give the folder of a job with a link in it to what was sent, and what was sent, with a file beside it."""
    folder, outside = tmp_path / "job", tmp_path / "outside"
    folder.mkdir()
    outside.mkdir()
    sealed.furnish(folder)
    sent = outside / "sent.txt"
    sent.write_text("as it was sent")
    (outside / "beside.txt").write_text("nobody's business")
    (folder / sealed.IN / "sent").symlink_to(sent)
    return folder, sent


def test_what_was_sent_is_read(place):
    folder, sent = place
    assert sealed_off(folder, sent, (folder / sealed.IN / "sent").read_text) == "as it was sent"


@pytest.mark.parametrize("mode", ["w", "a", "r+"])
def test_what_was_sent_is_not_written(place, mode):
    folder, sent = place
    for path in (sent, folder / sealed.IN / "sent"):
        assert sealed_off(folder, sent, lambda path=path: path.open(mode)) == "PermissionError"
    assert sent.read_text() == "as it was sent"


def test_what_lies_beside_is_not_read(place):
    folder, sent = place
    assert sealed_off(folder, sent, (sent.parent / "beside.txt").read_text) == "PermissionError"
    assert sealed_off(folder, sent, lambda: list(sent.parent.iterdir())) == "PermissionError"


def test_a_link_that_took_its_place_leads_nowhere(place):
    folder, sent = place
    sent.unlink()
    sent.symlink_to(sent.parent / "beside.txt")
    assert sealed_off(folder, sent, sent.read_text) == "PermissionError"


def test_no_link_is_made_for_the_program_outside_to_follow(place):
    folder, sent = place
    answer = folder / sealed.OUT / "answer.json"
    assert sealed_off(folder, sent, lambda: answer.symlink_to("/etc/passwd")) == "PermissionError"


def test_files_are_made_in_the_folder_of_the_job(place):
    folder, sent = place
    assert sealed_off(folder, sent, lambda: (folder / sealed.OUT / "answer.json").write_text("{}")) == "2"
