"""Python's search for circles of objects, put off while much is made and little of it refers back to itself."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_search_for_circles() -> Iterator[None]:
    """Objects are freed by counting references alone, as nearly all are in any case.

    For work of a second or so on thousands of people, whose facts are a hundred thousand objects without a circle: the
    search goes through all of them again and again, which takes a third of the time. For the whole process.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
