"""Lists as PostgreSQL writes them: the quick way to hand many values to one statement.

The driver converts a list value by value; for the statements that move a batch of
messages that costs more than the statement itself.
"""

from collections.abc import Iterable


def literal(values: Iterable[object]) -> str:
    """``values`` as the text of an array, to be cast in SQL: ``%s::bigint[]``."""
    listed = list(values)
    kinds = set(map(type, listed))
    if len(kinds) == 1 and len(set(listed)) == 1:
        return "{" + ",".join([_element(listed[0])] * len(listed)) + "}"
    if kinds == {int}:
        return "{" + ",".join(map(str, listed)) + "}"
    # A column of plain words is the usual one, and joins without a look at each of them.
    if kinds and all(issubclass(kind, str) for kind in kinds):
        joined = '","'.join(listed)  # type: ignore[arg-type]
        if joined.count('"') == 2 * (len(listed) - 1) and "\\" not in joined:
            return '{"' + joined + '"}'
    return "{" + ",".join(map(_element, listed)) + "}"


def _element(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return str(value)
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
