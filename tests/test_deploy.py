"""What can be known of ``deploy/`` without an engine: names, variables and ports agree."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from pytest_django import Settings

ROOT = Path(__file__).resolve().parents[1]
DEPLOY = ROOT / "deploy"
USED = re.compile(r"\$\{(\w+)")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return found


def test_every_variable_of_the_stack_is_in_the_example() -> None:
    used = set(USED.findall((DEPLOY / "compose.yaml").read_text()))
    given = set(re.findall(r"^(\w+)=", (DEPLOY / "example.env").read_text(), re.MULTILINE))
    assert used == given


def test_every_setting_handed_to_the_program_is_one_of_its_own(compose: dict[str, Any]) -> None:
    settings = (ROOT / "docs" / "self-hosting" / "settings.md").read_text()
    for name in compose["services"]["acuerdo"]["environment"]:
        assert f"`{name}`" in settings, name


def test_every_volume_is_declared_and_every_file_is_there(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        for mount in service.get("volumes", ()):
            source = mount.split(":")[0]
            assert source in compose["volumes"] or (DEPLOY / source).is_file(), source


def test_the_image_copies_what_exists_and_the_proxy_finds_its_ports() -> None:
    dockerfile = (DEPLOY / "Dockerfile").read_text()
    for source in re.findall(r"^COPY (?!--)(\S+)", dockerfile, re.MULTILINE):
        assert (ROOT / source).exists(), source
    exposed = set(re.search(r"EXPOSE (.*)", dockerfile)[1].split())  # type: ignore[index]
    proxied = set(re.findall(r"reverse_proxy acuerdo:(\d+)", (DEPLOY / "Caddyfile").read_text()))
    assert exposed == proxied == {"8000", "8001"}


def test_the_proxy_lets_the_largest_import_in_and_nothing_endless(settings: Settings) -> None:
    limit = re.search(r"max_size (\d+)MB", (DEPLOY / "Caddyfile").read_text())
    assert limit
    assert int(limit[1]) * 1000 * 1000 > settings.IMPORT_MAX_BYTES
