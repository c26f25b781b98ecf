from acuerdo.channels.tests.conftest import http_provider

__all__ = ["http_provider"]
