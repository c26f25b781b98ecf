"""Somebody else's connection to the database of the tests."""

import psycopg
from django.db import connection

Outside = psycopg.Connection[tuple[object, ...]]
NAMES = ("host", "port", "user", "password", "dbname")


def connect() -> Outside:
    chosen = connection.get_connection_params()
    return psycopg.connect(**{name: chosen[name] for name in NAMES}, autocommit=True)
