"""Settings of the test run: the production ones, with what a test needs to be quick."""

import os
import tempfile

os.environ.setdefault("ACUERDO_SECRET_KEY", "only-for-tests-" + "0" * 40)
os.environ.setdefault("ACUERDO_DATA_DIR", tempfile.mkdtemp(prefix="acuerdo-test-"))

from acuerdo.config.settings import *  # noqa: F403
from acuerdo.config.settings import DATABASES, STATIC_ROOT

# WhiteNoise warns of a folder that is not there, and warnings are errors.
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
ALLOWED_HOSTS = ["*"]
# What a process under test is to suffer; see primitives.failpoints.
FAILPOINTS = os.environ.get("ACUERDO_FAILPOINTS", "")
ACCOUNT_RATE_LIMITS = False
DATABASES["default"]["OPTIONS"]["pool"].update(min_size=0, max_size=8)
# A test asks for the pause where it is about it.
UNDO_SECONDS = 0
