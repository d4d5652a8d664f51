"""Logs as events: one JSON object a line in production, readable lines elsewhere.

Django's, Celery's and our own records go the same way, so that a log server reads one format. Never log names,
identities or the contents of forms: an event has ids, the audit record has the persons.
"""

from typing import Any

import structlog

# What every record gets, whoever made it.
SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.ExtraAdder(allow=["status_code"]),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def logging_settings(*, as_json: bool, level: str) -> dict[str, Any]:
    """Django's LOGGING, and structlog set up to hand its events to it."""
    last: list[Any] = (
        [structlog.processors.dict_tracebacks, structlog.processors.JSONRenderer(ensure_ascii=False)]
        if as_json
        else [structlog.dev.ConsoleRenderer(colors=False)]
    )
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "event": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
                "foreign_pre_chain": SHARED,
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "event"}},
        "root": {"handlers": ["console"], "level": level},
        # Django's own defaults would mail errors and write them twice.
        "loggers": {"django": {"handlers": [], "level": level, "propagate": True}},
    }
