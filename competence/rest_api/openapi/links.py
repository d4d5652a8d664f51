"""Where an answer leads: what of it is a parameter of which operation."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_noop as _

# operation: name of the link -> (operation it leads to, its parameters, what it is)
_LINKS: dict[str, dict[str, tuple[str, dict[str, str], str]]] = {
    "check_eligibility": {
        "decision": (
            "show_decision",
            {"decision_id": "$response.body#/decision_id"},
            _("The same answer again, replayed."),
        ),
        "rights": (
            "list_rights_of_person",
            {"hsa_id": "$response.body#/hsa_id"},
            _("All that the same person may order."),
        ),
        "statement": (
            "show_statement_status",
            {"decision_id": "$response.body#/decision_id"},
            _("Of an answer given as a signed statement: whether it still stands."),
        ),
    },
    "list_changes": {
        "next": ("list_changes", {"after": "$response.body#/next"}, _("What comes after.")),
        "eligibility": (
            "check_eligibility",
            {"hsa_id": "$response.body#/changes/0/hsa_id", "right": "$response.body#/changes/0/right"},
            _("The reasons, as of now."),
        ),
    },
    "list_right_holders": {
        "next": ("list_right_holders", {"cursor": "$response.body#/next"}, _("The next page.")),
        "eligibility": (
            "check_eligibility",
            {"hsa_id": "$response.body#/holders/0/hsa_id", "right": "$response.body#/right"},
            _("The reasons, as of now."),
        ),
    },
    "check_eligibility_of_many": {
        "decision": (
            "show_decision",
            {"decision_id": "$response.body#/results/0/decision_id"},
            _("The first answer again, replayed."),
        ),
    },
    "list_rights_of_person": {
        "decision": (
            "show_decision",
            {"decision_id": "$response.body#/rights/0/decision_id"},
            _("The first answer again, replayed."),
        ),
    },
    "report_completions": {
        "eligibility": (
            "check_eligibility",
            {"hsa_id": "$request.body#/hsa_id", "at_least": "$response.body#/revision"},
            _("What the person may order now, the completion counted."),
        ),
    },
    "create_webhook": {
        "webhook": ("show_webhook", {"webhook_id": "$response.body#/id"}, _("How it goes with it.")),
        "test": ("test_webhook", {"webhook_id": "$response.body#/id"}, _("A message to try it with.")),
        "change": ("change_webhook", {"webhook_id": "$response.body#/id"}, _("Send it elsewhere, or nothing.")),
        "secret": ("rotate_webhook_secret", {"webhook_id": "$response.body#/id"}, _("A new secret.")),
        "remove": ("remove_webhook", {"webhook_id": "$response.body#/id"}, _("Send it nothing more.")),
    },
    "list_webhooks": {
        "webhook": ("show_webhook", {"webhook_id": "$response.body#/webhooks/0/id"}, _("How it goes with the first.")),
    },
}


def links_of(operation: str, operations: set[str]) -> dict[str, Any]:
    """The links of an operation's answer, to operations that there are."""
    return {
        name: {"operationId": target, "parameters": parameters, "description": text}
        for name, (target, parameters, text) in _LINKS.get(operation, {}).items()
        if target in operations
    }
