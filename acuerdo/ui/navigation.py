"""The rail and the bottom bar: what a person may open, and where they are."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Entry:
    """A place. One with children opens its first child; without a resolvable address it is not shown."""

    label: str | Promise
    icon: str
    url_name: str = ""
    any_of: tuple[str, ...] = ()
    badge_key: str = ""
    # Where the badge asks for its number, and the events of the stream that make it ask again.
    badge_url_name: str = ""
    badge_events: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()
    # Places under it or of those namespaces that have an entry of their own.
    besides: tuple[str, ...] = ()
    children: tuple[Entry, ...] = ()
    filled: bool = True
    short: str | Promise = ""
    # Pressed one after the other: "g r".
    key: str = ""
    url: str = ""
    badge: int = 0
    badge_url: str = ""
    current: bool = False


@dataclass(frozen=True)
class Navigation:
    main: list[Entry] = field(default_factory=list)
    settings: list[Entry] = field(default_factory=list)
    phone: list[Entry] = field(default_factory=list)
    # Every place that opens a page, for the command bar.
    places: list[Entry] = field(default_factory=list)

    @property
    def section(self) -> Entry | None:
        return next((entry for entry in (*self.main, *self.settings) if entry.current), None)


def _place(
    label: str | Promise,
    icon: str,
    url_name: str,
    *any_of: str,
    namespaces: tuple[str, ...] = (),
    besides: tuple[str, ...] = (),
    short: str | Promise = "",
    key: str = "",
) -> Entry:
    return Entry(
        label, icon, url_name, any_of, namespaces=namespaces, besides=besides, short=short, key=key
    )


MAIN = (
    Entry(
        _("Conversaciones"),
        "messages",
        "conversations:inbox",
        ("conversations.view",),
        badge_key="inbox",
        namespaces=("conversations", "calls"),
        besides=("conversations:templates", "conversations:mentions"),
        short=_("Bandejas"),
        key="g r",
    ),
    Entry(
        _("Menciones"),
        "bell",
        "conversations:mentions",
        ("conversations.view",),
        badge_key="mentions",
        badge_url_name="conversations:mention_count",
        badge_events=("note.mentioned", "mention.seen", "customer.lost", "reset", "poll"),
        filled=False,
    ),
    Entry(
        _("Cuentas por cobrar"),
        "clipboard-text",
        children=(
            _place(
                _("Clientes"),
                "users",
                "customers:list",
                "customers.view",
                besides=("customers:segments",),
                key="g c",
            ),
            _place(
                _("Órdenes de pago"),
                "file-invoice",
                "ledger:debts",
                "debts.view",
                namespaces=("ledger",),
                short=_("Órdenes"),
            ),
            _place(_("Interacciones"), "list-details", "interactions:list", "interactions.view"),
            _place(
                _("Importaciones"),
                "file-import",
                "spreadsheets:imports",
                "imports.run",
                "imports.view",
                namespaces=("spreadsheets",),
            ),
        ),
    ),
    Entry(
        _("Estrategias"),
        "sitemap",
        children=(
            _place(_("Segmentos"), "tags", "customers:segments", "segments.view"),
            _place(_("Flujos"), "sitemap", "flows:list", "flows.view"),
            _place(_("Plantillas"), "template", "conversations:templates", "templates.view"),
        ),
    ),
    Entry(
        _("Envíos"),
        "send",
        children=(
            _place(_("Por resolver"), "alert-triangle", "sending:uncertain", "sends.view"),
            _place(_("Salud de los canales"), "gauge", "sending:health", "sends.view"),
            _place(_("Costos"), "coin", "sending:costs", "sends.view"),
        ),
    ),
    Entry(_("Tablero"), "layout-dashboard", "reports:home", namespaces=("reports",), key="g d"),
    Entry(
        _("Simulador"),
        "device-mobile-message",
        "simulator:home",
        ("simulator.use",),
        namespaces=("simulator",),
        filled=False,
    ),
)
SETTINGS = (
    Entry(
        _("Ajustes"),
        "settings",
        children=(
            _place(_("Usuarios"), "users-group", "organization:users", "users.view"),
            _place(_("Equipos"), "briefcase", "organization:teams", "users.view"),
            _place(_("Carteras"), "folder", "organization:portfolios", "settings.edit"),
            _place(_("Canales"), "plug-connected", "channels:accounts", "channels.edit"),
            _place(_("Organización"), "building", "organization:settings", "settings.edit"),
        ),
    ),
)
# Places without an entry of their own in the rail.
TRAYS = (
    _place(_("Llamadas"), "phone", "calls:tray", "calls.view", key="g l"),
    _place(
        _("No registrados"),
        "user-question",
        "conversations:strangers",
        "unregistered.view",
        key="g n",
    ),
)
OWN = (_place(_("Atajos de teclado"), "keyboard", "organization:shortcuts"),)
# The three of the bottom bar; the fourth is "Más".
PHONE_ORDER = (
    "conversations:inbox",
    "customers:list",
    "reports:home",
    "ledger:debts",
    "interactions:list",
)


def for_page(
    request: HttpRequest | None,
    *,
    granted: Collection[str] | None,
    badges: Mapping[str, int],
    section: str = "",
) -> Navigation:
    """granted None: rights are not known here, show every place that exists. section is the
    address name of the place that a page belongs to, where its own path does not tell."""
    path = _address(section) or (request.path if request else "")
    match = request.resolver_match if request else None
    namespace = section.partition(":")[0] or (match.namespace if match else "")
    shown = [_resolve(entry, path, namespace, granted, badges) for entry in (*MAIN, *SETTINGS)]
    main = [entry for entry in shown[: len(MAIN)] if entry]
    settings = [entry for entry in shown[len(MAIN) :] if entry]
    beside = [_resolve(entry, path, namespace, granted, badges) for entry in (*TRAYS, *OWN)]
    return Navigation(main, settings, _phone(main), _places([*main, *beside, *settings]))


def _places(entries: list[Entry | None]) -> list[Entry]:
    return [place for entry in entries if entry for place in (entry.children or (entry,))]


def _resolve(
    entry: Entry,
    path: str,
    namespace: str,
    granted: Collection[str] | None,
    badges: Mapping[str, int],
) -> Entry | None:
    if entry.any_of and granted is not None and not set(entry.any_of) & set(granted):
        return None
    if entry.children:
        found = (_resolve(child, path, namespace, granted, badges) for child in entry.children)
        children = tuple(child for child in found if child)
        if not children:
            return None
        current = any(child.current for child in children)
        return replace(entry, children=children, url=children[0].url, current=current)
    url = _address(entry.url_name)
    if not url:
        return None
    current = _is_current(entry, url, path, namespace)
    return replace(
        entry,
        url=url,
        current=current,
        badge=badges.get(entry.badge_key, 0),
        badge_url=_address(entry.badge_url_name),
    )


def _is_current(entry: Entry, url: str, path: str, namespace: str) -> bool:
    elsewhere = tuple(filter(None, map(_address, entry.besides)))
    if path.startswith(elsewhere):
        return False
    return namespace in entry.namespaces if entry.namespaces else path.startswith(url)


def _phone(main: list[Entry]) -> list[Entry]:
    places = {place.url_name: place for place in _places([*main])}
    return [places[name] for name in PHONE_ORDER if name in places][:3]


def _address(url_name: str) -> str:
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""
