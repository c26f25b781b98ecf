"""Lists as PostgreSQL writes them: the quick way to hand many values to one statement.

The driver converts a list value by value; for the statements that move a batch of
messages that costs more than the statement itself.
"""

from collections.abc import Iterable


def literal(values: Iterable[object]) -> str:
    """``values`` as the text of an array, to be cast in SQL: ``%s::bigint[]``."""
    return "{" + ",".join(map(_element, values)) + "}"


def _element(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return str(value)
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
