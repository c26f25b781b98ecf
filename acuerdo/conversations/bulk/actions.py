"""Every action that can be asked of many conversations at once."""

from collections.abc import Mapping

from acuerdo.conversations.bulk import assigning, mailing, omission, pausing
from acuerdo.conversations.bulk.action import Action
from acuerdo.conversations.bulk_models import BulkAction

ACTIONS: Mapping[str, Action] = {
    BulkAction.OMIT: omission.ACTION,
    BulkAction.ASSIGN: assigning.ACTION,
    BulkAction.PAUSE: pausing.ACTION,
    BulkAction.TEMPLATE: mailing.ACTION,
}
