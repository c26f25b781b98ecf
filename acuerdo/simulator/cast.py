"""Who works in the demonstration, for whom, and through which lines."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings as django_settings

from acuerdo.organization import portfolios, settings, teams, users
from acuerdo.organization.models import Portfolio, Role, Team, TenantType, User

PASSWORD = "cobrar-con-calma"  # noqa: S105 - printed on the sign-in page of the demonstration
CREDITOR = "Financiera Sierra Azul"
MARK = "consumo-peru"
PORTFOLIOS = {
    "PE": ("Consumo Perú", MARK),
    "CL": ("Consumo Chile", "consumo-chile"),
    "CO": ("Consumo Colombia", "consumo-colombia"),
    "MX": ("Consumo México", "consumo-mexico"),
    "AR": ("Consumo Argentina", "consumo-argentina"),
}
CONSENT = "Contrato de crédito, cláusula 14, que nombra a la empresa"
ANDES, CONE = "Equipo Andino", "Equipo Sur y Norte"


@dataclass(frozen=True)
class Login:
    email: str
    name: str
    role: Role
    title: str
    team: str
    external_id: str
    countries: tuple[str, ...]


EVERYWHERE = tuple(PORTFOLIOS)
LOGINS = (
    Login("asesora@sierraazul.example", "Rosa Quintanilla", Role.ADVISER, "Asesora",
          ANDES, "A-01", ("PE", "CL", "CO")),
    Login("asesor@sierraazul.example", "Hugo Maravilla", Role.ADVISER, "Asesor",
          CONE, "A-02", ("CO", "MX")),
    Login("asesora2@sierraazul.example", "Teresa Buendía", Role.ADVISER, "Asesora",
          CONE, "A-03", ("AR", "PE", "CL")),
    Login("supervisor@sierraazul.example", "Elena Cordero", Role.SUPERVISOR, "Supervisora",
          ANDES, "S-01", EVERYWHERE),
    Login("admin@sierraazul.example", "Martín Robledo", Role.ADMINISTRATOR, "Administrador",
          "", "D-01", ()),
    Login("auditoria@sierraazul.example", "Pilar Anzures", Role.AUDITOR, "Auditora",
          "", "U-01", EVERYWHERE),
)  # fmt: skip


@dataclass(frozen=True)
class Cast:
    portfolios: dict[str, Portfolio]
    users: dict[str, User]

    def advisers(self, country: str) -> list[User]:
        """Who may be given customers of ``country``."""
        return [
            self.users[login.email]
            for login in LOGINS
            if login.role == Role.ADVISER and country in login.countries
        ]

    @property
    def supervisor(self) -> User:
        return self.users["supervisor@sierraazul.example"]

    @property
    def administrator(self) -> User:
        return self.users["admin@sierraazul.example"]


def is_loaded() -> bool:
    return Portfolio.objects.filter(code=MARK).exists()


def gather(*, at: datetime) -> Cast:
    """The organisation's own settings, its portfolios, teams and people."""
    organization = settings.current()
    organization.name = CREDITOR
    # Whoever collects for others has to answer for Meta's clause before WhatsApp is used.
    organization.tenant_type = TenantType.CREDITOR
    organization.save(update_fields=["name", "tenant_type"])
    books = {
        country: portfolios.create(
            name=name, code=code, creditor=CREDITOR, whatsapp_consent=CONSENT, by=None, at=at
        )
        for country, (name, code) in PORTFOLIOS.items()
    }
    groups = {name: teams.create(name, by=None, at=at) for name in (ANDES, CONE)}
    people = {login.email: _hire(login, groups.get(login.team), at=at) for login in LOGINS}
    for login in LOGINS:
        for country in login.countries:
            users.grant(people[login.email], books[country], by=None, at=at)
    return Cast(books, people)


def _hire(login: Login, team: Team | None, *, at: datetime) -> User:
    return users.create(
        email=login.email,
        name=login.name,
        role=login.role,
        password=PASSWORD,
        external_id=login.external_id,
        team=team,
        by=None,
        at=at,
    )


def logins() -> list[dict[str, str]]:
    """For the sign-in page and the terminal; only a demonstration has any."""
    if not django_settings.DEMO:
        return []
    return [
        {"role": login.title, "name": login.name, "email": login.email, "password": PASSWORD}
        for login in LOGINS
    ]
