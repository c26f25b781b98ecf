"""Jobs of files that come in and go out."""

from procrastinate.contrib.django import app

from acuerdo.primitives import clock
from acuerdo.primitives.refusals import Refusal
from acuerdo.spreadsheets import building, processing
from acuerdo.spreadsheets.models import ExportRun, ImportRun

QUEUE = "spreadsheets"


@app.task(queue=QUEUE)
def check_import(run_id: int) -> None:
    _unless_busy(processing.check, run_id)


@app.task(queue=QUEUE)
def apply_import(run_id: int) -> None:
    _unless_busy(processing.apply, run_id)


@app.task(queue=QUEUE)
def build_export(run_id: int) -> None:
    building.build(ExportRun.objects.get(pk=run_id), at=clock.now())


def _unless_busy(work: processing.Work, run_id: int) -> None:
    """A doubled job finds its run done or in other hands, and that is fine."""
    try:
        work(ImportRun.objects.get(pk=run_id), at=clock.now())
    except Refusal as refusal:
        if refusal.status != 409:
            raise
