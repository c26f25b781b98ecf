"""File locks between processes; the kernel frees them when their holder dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class FileLock:
    """A lock on an open file description, so that threads exclude each other as well."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def share(self) -> None:
        fcntl.flock(self._descriptor, fcntl.LOCK_SH)

    def try_exclusive(self) -> bool:
        """Turning a shared lock into an exclusive one keeps nothing when it fails."""
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def take(self) -> None:
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)

    def close(self) -> None:
        os.close(self._descriptor)


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    lock = FileLock(path)
    try:
        lock.take()
        yield
    finally:
        lock.close()
