import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def test_vendored_files_are_those_of_the_lock() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "bin/vendor", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
