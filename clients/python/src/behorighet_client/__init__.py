"""Asks who may order medical aids in Västra Götaland.

from behorighet_client import Client

with Client("https://…", client_id, client_secret) as client:
    answer = client.check("SE2321000131-E000000000001", "websesam.health-care")
    print(answer.allowed, answer.text)
"""

from behorighet_client.answers import Answer, Change, Check, Holder, Page, Refused, Reported
from behorighet_client.client import Client
from behorighet_client.errors import (
    ApiProblem,
    BehorighetError,
    InvalidStatement,
    InvalidWebhook,
    NoToken,
    Unavailable,
)
from behorighet_client.statements import Verifier
from behorighet_client.webhooks import verify_webhook

__all__ = [
    "Answer",
    "ApiProblem",
    "BehorighetError",
    "Change",
    "Check",
    "Client",
    "Holder",
    "InvalidStatement",
    "InvalidWebhook",
    "NoToken",
    "Page",
    "Refused",
    "Reported",
    "Unavailable",
    "Verifier",
    "verify_webhook",
]
