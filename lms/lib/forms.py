"""How every form is drawn: label, help and error tied to their field, and a summary of errors that takes the focus."""

from typing import Any

from django.forms import BoundField
from django.forms.renderers import TemplatesSetting
from django.forms.widgets import CheckboxInput, CheckboxSelectMultiple, FileInput, HiddenInput, RadioSelect, Widget


class AccessibleField(BoundField):
    """A bound field whose control carries the design system's class; Django ties help and errors to it."""

    def build_widget_attrs(self, attrs: dict[str, Any], widget: Widget | None = None) -> dict[str, Any]:
        built = super().build_widget_attrs(attrs, widget)
        widget = widget or self.field.widget
        if not isinstance(widget, HiddenInput | FileInput) and "class" not in {**widget.attrs, **built}:
            built["class"] = "ds-input"
        if widget.attrs.get("placeholder") == self.label:
            built["placeholder"] = False  # it would only repeat the label, and vanish when one writes
        return built

    @property
    def is_single_check(self) -> bool:
        """One box with its label beside it, rather than above."""
        return isinstance(self.field.widget, CheckboxInput)

    @property
    def is_choice_group(self) -> bool:
        return isinstance(self.field.widget, RadioSelect | CheckboxSelectMultiple)


class FormRenderer(TemplatesSetting):
    """`{{ form }}` and `{{ field.as_field_group }}` by our templates, everywhere."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"
    bound_field_class = AccessibleField
