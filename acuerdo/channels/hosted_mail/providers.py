"""The mail services that can be chosen, and what each one calls its keys.

Left out are those whose notices make the library fetch more from the network, and those
that need a library of their own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from anymail.backends import brevo as brevo_api
from anymail.backends import mailgun as mailgun_api
from anymail.backends import mailjet as mailjet_api
from anymail.backends import postmark as postmark_api
from anymail.backends import sendgrid as sendgrid_api
from anymail.backends import sparkpost as sparkpost_api
from anymail.backends.base_requests import AnymailRequestsBackend
from anymail.webhooks import brevo, mailgun, mailjet, postmark, sendgrid, sparkpost
from anymail.webhooks.base import AnymailCoreWebhookView


@dataclass(frozen=True)
class Provider:
    """``keys`` and ``notice_keys``: the library's name of a setting, and our own."""

    label: str
    backend: type[AnymailRequestsBackend]
    tracking: type[AnymailCoreWebhookView]
    inbound: type[AnymailCoreWebhookView] | None
    keys: Mapping[str, str] = field(default_factory=lambda: {"api_key": "api_key"})
    notice_keys: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


PROVIDERS = {
    "brevo": Provider("Brevo", brevo_api.EmailBackend, brevo.BrevoTrackingWebhookView, None),
    "mailgun": Provider(
        "Mailgun",
        mailgun_api.EmailBackend,
        mailgun.MailgunTrackingWebhookView,
        mailgun.MailgunInboundWebhookView,
        {"api_key": "api_key", "sender_domain": "sender_domain"},
        {"webhook_signing_key": "signing_key"},
    ),
    "mailjet": Provider(
        "Mailjet",
        mailjet_api.EmailBackend,
        mailjet.MailjetTrackingWebhookView,
        mailjet.MailjetInboundWebhookView,
        {"api_key": "api_key", "secret_key": "secret_key"},
    ),
    "postmark": Provider(
        "Postmark",
        postmark_api.EmailBackend,
        postmark.PostmarkTrackingWebhookView,
        postmark.PostmarkInboundWebhookView,
        {"server_token": "api_key"},
        # Else it writes a Message-ID of its own, and answers do not find their way back.
        headers={"X-PM-KeepID": "true"},
    ),
    "sendgrid": Provider(
        "SendGrid",
        sendgrid_api.EmailBackend,
        sendgrid.SendGridTrackingWebhookView,
        sendgrid.SendGridInboundWebhookView,
    ),
    "sparkpost": Provider(
        "SparkPost",
        sparkpost_api.EmailBackend,
        sparkpost.SparkPostTrackingWebhookView,
        sparkpost.SparkPostInboundWebhookView,
    ),
}
