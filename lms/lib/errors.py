"""Errors that are meant for a person to read."""


class Refusal(ValueError):
    """A request that cannot be carried out, with a translated sentence that says what is wrong and what to do.

    Views show the sentence; the REST API puts it into the `detail` of a problem document.
    """
