"""Rows come through the pipe whole or not at all, and never more of them than is allowed."""

import io
import os
import threading

import pyarrow as pa
import pytest

from gridmap.intake import sending

ROWS = pa.table({"name": ["沙河 一", None, "c"] * 500, "shape": pa.array([b"\1" * 900, b"", None] * 500, pa.large_binary())})


def received(write, *, most=10_000_000, waits=None):
    """Let ``write`` fill a pipe from a thread, and give what came and whether it was all."""
    reading, writing = os.pipe()

    def fill():
        with os.fdopen(writing, "wb", buffering=0) as pipe:
            try:
                write(pipe)
            except BrokenPipeError:
                return

    sender = threading.Thread(target=fill)
    sender.start()
    batches = []
    try:
        with os.fdopen(reading, "rb"):
            whole = sending.receive(reading, batches.append, most=most, waits=waits)
    finally:
        sender.join()
    return whole, batches


def test_rows_come_as_they_were_sent():
    def write(pipe):
        out = sending.Sending(pipe)
        out.send(ROWS)
        out.send(ROWS)
        out.end()

    whole, batches = received(write)
    assert whole
    assert pa.Table.from_batches(batches).equals(pa.concat_tables([ROWS, ROWS]))


def test_rows_that_stop_before_their_end_are_not_whole():
    whole, batches = received(lambda pipe: sending.Sending(pipe).send(ROWS))
    assert not whole
    assert sum(batch.num_rows for batch in batches) == ROWS.num_rows


@pytest.mark.parametrize("noise", [b"", b"\0" * 64, b"\xff\xff\xff\xff\x40\0\0\0" + b"x" * 64])
def test_what_is_no_rows_is_not_whole(noise):
    assert received(lambda pipe: pipe.write(noise)) == (False, [])


def test_no_rows_at_all_are_whole_and_tell_their_columns():
    empty = pa.schema([("name", pa.dictionary(pa.int32(), pa.string())), ("shape", pa.large_binary())]).empty_table()

    def write(pipe):
        out = sending.Sending(pipe)
        out.send(empty)
        out.end()

    whole, batches = received(write)
    assert whole
    assert pa.Table.from_batches(batches).equals(empty)
    assert received(lambda pipe: sending.Sending(pipe).end()) == (True, [])


def test_more_than_is_allowed_ends_the_taking_before_room_is_made_for_it():
    with pytest.raises(sending.TooMuchError):
        received(lambda pipe: pipe.write(b"\xff\xff\xff\xff\xff\xff\xff\x7f" + b"x" * 64))
    with pytest.raises(sending.TooMuchError):
        received(lambda pipe: sending.Sending(pipe).send(ROWS), most=100_000)


def test_text_that_is_none_is_refused():
    none = pa.Array.from_buffers(pa.string(), 1, [None, pa.py_buffer(b"\0\0\0\0\2\0\0\0"), pa.py_buffer(b"\xff\xfe")])
    for column in (none, pa.DictionaryArray.from_arrays(pa.array([0], pa.int32()), none)):
        with pytest.raises(sending.NoTextError):
            received(lambda pipe, column=column: sending.Sending(pipe).send(pa.table({"name": column})))


def test_a_columns_name_that_is_no_text_is_refused():
    sent = io.BytesIO()
    sending.Sending(sent).send(pa.table({"abcdefgh": ["x"]}))
    with pytest.raises(sending.NoTextError):
        received(lambda pipe: pipe.write(sent.getvalue().replace(b"abcdefgh", b"abc\xff\xfefgh")))


def test_who_waits_may_give_up():
    class GaveUpError(Exception):
        pass

    def give_up():
        raise GaveUpError

    with pytest.raises(GaveUpError):
        received(lambda _pipe: threading.Event().wait(0.3), waits=give_up)
