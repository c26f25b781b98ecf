"""The stand-in provider, for runs that go all the way out."""

from acuerdo.conversations.tests.conftest import provider

__all__ = ["provider"]
