"""The columns that each person chose to see, screen by screen."""

from acuerdo.organization.models import User


def choose(user: User, screen: str, columns: list[str]) -> None:
    """An empty list brings back the usual ones."""
    user.columns = {**user.columns, screen: columns}
    user.save(update_fields=["columns"])
