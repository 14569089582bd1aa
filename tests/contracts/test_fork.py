"""A process forks after clarion has worked in it, and both go on: Airflow, multiprocessing and gunicorn do so."""

import os
import signal
import time

import clarion as cl


def answer():
    audiences = cl.sample.audiences()
    return cl.conflict.overlap(audiences, n_jobs=4).to_frame("pyarrow").to_pydict()


def test_a_forked_child_works():
    before = answer()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writer, b"same" if answer() == before else b"other")
        finally:
            os._exit(0)
    os.close(writer)
    deadline = time.monotonic() + 60
    while os.waitpid(child, os.WNOHANG) == (0, 0):
        if time.monotonic() > deadline:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            raise AssertionError("the child hangs")
        time.sleep(0.05)
    with os.fdopen(reader, "rb") as pipe:
        assert pipe.read() == b"same"
    assert answer() == before
