"""Looking for garbage less often: what was imported and collected stays until the end of the run, and is never any."""

import gc
from collections.abc import Generator

import pytest

YOUNG = 50_000
"""So many new objects before anybody looks, instead of 700: a page makes thousands, and they go by themselves."""


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(YOUNG)
        gc.enable()
