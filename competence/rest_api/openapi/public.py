"""What the document tells of addresses that need no token, and so are no operations of ninja's."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_noop as _

TIME = {"type": "string", "format": "date-time"}


def public_paths() -> dict[str, Any]:
    """Paths, to be completed as the others are."""
    return {
        "/api/v1/statements/{decision_id}": {
            "get": {
                "operationId": "show_statement_status",
                "summary": _("Does this statement still stand?"),
                "description": _(
                    "By the statement's jti, without a token: whoever has been shown a statement may ask. Names nobody."
                ),
                "tags": ["statements"],
                "parameters": [
                    {
                        "in": "path",
                        "name": "decision_id",
                        "required": True,
                        "description": _("The statement's jti."),
                        "schema": {"type": "string", "format": "uuid"},
                        "example": "0190a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1b",
                    }
                ],
                "responses": {
                    200: {
                        "description": "OK",
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "required": ["jti", "status", "expires_at", "checked_at"],
                                    "properties": {
                                        "jti": {"type": "string", "format": "uuid"},
                                        "status": {
                                            "type": "string",
                                            "enum": ["valid", "expired", "superseded"],
                                            "description": _(
                                                "superseded: the answer to the same question is another now."
                                            ),
                                        },
                                        "expires_at": TIME,
                                        "checked_at": TIME,
                                    },
                                }
                            }
                        },
                    }
                },
            }
        }
    }
