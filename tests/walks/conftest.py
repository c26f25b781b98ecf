"""The stand-in provider, as a process of its own."""

from acuerdo.conversations.tests.conftest import provider

__all__ = ["provider"]
