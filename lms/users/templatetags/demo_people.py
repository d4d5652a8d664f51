from django import template

from lms.users import demo

register = template.Library()


@register.simple_tag
def demo_people() -> list[demo.Person]:
    """The people of the demonstration; none outside it."""
    return demo.people()
