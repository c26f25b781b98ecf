from pathlib import Path

APPS = Path(__file__).resolve().parents[2]


def test_dialogs_are_opened_in_one_place_that_lays_notices_above_them() -> None:
    scripts = [path for path in APPS.rglob("*.js") if "vendor" not in path.parts]
    opening = [path.name for path in scripts if ".showModal(" in path.read_text(encoding="utf-8")]
    assert opening == ["app.js"]
