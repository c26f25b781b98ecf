"""Which release this is."""

from importlib.metadata import PackageNotFoundError, version


def release() -> str:
    """Empty in a checkout that was never installed."""
    try:
        return version("acuerdo")
    except PackageNotFoundError:
        return ""
