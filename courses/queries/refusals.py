"""Why a part cannot be opened, or a button leads nowhere: the engine's words in the learner's language."""

from __future__ import annotations

from django.utils.translation import gettext as _


def sentence_for(code: str) -> str:
    """A sentence for a refusal of the sequencing engine (`courses.scorm.sequencing`), or of what stands in for it."""
    sentences = {
        "at_the_beginning": _("This is the beginning of the course."),
        "at_the_end": _("This was the last part of the course."),
        "constrained": _("First go to the part that comes next. The course does not let you go further at once."),
        "disabled": _("The course keeps this part closed just now."),
        "forward_only": _("The course only goes forward here; you cannot go back."),
        "goes_in_circles": _("The course's own rules lead in a circle. Tell the course office."),
        "hidden": _("The course does not show this part now."),
        "no_choice": _("The course decides the order here. Go on with the buttons."),
        "no_choice_exit": _("First finish the part that you are in."),
        "no_flow": _("The course cannot tell which part comes next. Choose one in the contents."),
        "no_such_part": _("There is no such part in the course."),
        "not_open_yet": _("First open the section that the part belongs to."),
        "not_selected": _("This part was not drawn for you this time."),
        "nothing_there": _("There is nothing to open in this section now."),
        "prerequisites": _("First finish the parts that come before this one."),
        "stop_forward": _("First finish the part that comes before."),
    }
    return sentences.get(code) or _("The course does not let you go there now.")
