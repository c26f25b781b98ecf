"""Lines for COPY: which tables and columns, and the ids that they are given."""

from collections import defaultdict

ID_TABLES = (
    "customers_customer", "customers_contactpoint", "ledger_debt", "ledger_payment",
    "ledger_promise", "interactions_interaction", "calls_call",
)  # fmt: skip
COLUMNS = {
    "customers_customer": "id, portfolio_id, adviser_id, document_type, document_number,"
    " document_key, first_name, last_name, sort_key, is_company, country, subdivision, time_zone,"
    " status, custom, created_at, updated_at",
    "customers_contactpoint": "id, customer_id, kind, role, value, key, position, is_usable,"
    " refused_channels, alert, created_at",
    "customers_standing": "customer_id, portfolio_id, adviser_id, currency, open_amount,"
    " overdue_amount, oldest_due_on, open_debts, as_of",
    "customers_balance": "customer_id, currency, open_amount, overdue_amount, oldest_due_on",
    "customers_alert": "customer_id, kind, note, raised_at",
    "customers_pause": "customer_id, until, note, started_at",
    "ledger_debt": "id, customer_id, code, product, currency, amount, balance, issued_on, due_on,"
    " status, status_note, custom, created_at, updated_at",
    "ledger_payment": "id, customer_id, code, currency, amount, unapplied, paid_on, method,"
    " reference, status, created_at",
    "ledger_entry": "debt_id, kind, amount, effective_on, posted_at, payment_id, note",
    "ledger_promise": "id, customer_id, currency, amount, paid, made_on, due_on, note, status,"
    " created_at, settled_at",
    "interactions_interaction": "id, customer_id, kind, fact, channel, direction, status, origin,"
    " source, template, recipient, summary, reason, reason_text, amount, currency, subject_id,"
    " portfolio_id, adviser_id, at, created_at, sent_at, delivered_at, opened_at",
    "conversations_message": "interaction_id, account_id, contact_point_id, address, subject,"
    " body, template_version, provider_id",
    "conversations_note": "interaction_id, body, author_id",
    "calls_call": "id, customer_id, interaction_id, portfolio_id, adviser_id, source, due_on,"
    " attempt, script, status, result, note, registered_by_id, registered_at, created_at",
    "conversations_conversation": "customer_id, portfolio_id, adviser_id, pending_since,"
    " unanswered, last_at, last_channel, last_direction, last_status, last_interaction_id, preview,"
    " last_inbound_at",
}  # fmt: skip


class Sheet:
    """Lines of one batch, by table, and the ids that they were given."""

    def __init__(self, next_ids: dict[str, int]) -> None:
        self.next_ids = dict(next_ids)
        self.lines: dict[str, list[str]] = defaultdict(list)

    def id(self, table: str) -> int:
        given = self.next_ids[table]
        self.next_ids[table] = given + 1
        return given

    def add(self, table: str, *values: object) -> None:
        # Our own words have no tab, line or backslash in them. Written out: this is the hot line.
        told = [
            value if type(value) is str else "\\N" if value is None else str(value)
            for value in values
        ]
        self.lines[table].append("\t".join(told))
