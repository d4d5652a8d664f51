"""The house rules for page types, seen to fail."""

import pytest
from wagtail import blocks
from wagtail.embeds.blocks import EmbedBlock
from wagtail.fields import RichTextField, StreamField

from cms import checks
from cms.models import ContentPage, NewsPage


def test_the_house_rules_hold() -> None:
    assert checks.check_page_types(None) == []
    assert checks.check_editors_write_no_code(None) == []


def test_a_page_type_without_a_template_or_rules_of_place_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NewsPage, "template", "cms/finns_inte.html")
    monkeypatch.delattr(ContentPage, "subpage_types")
    found = {(problem.id, problem.obj) for problem in checks.check_page_types(None)}
    assert found == {("cms.E003", NewsPage), ("cms.E001", ContentPage)}


@pytest.mark.parametrize(
    "block",
    [
        blocks.RawHTMLBlock(),
        EmbedBlock(),
        blocks.RichTextBlock(),
        blocks.RichTextBlock(features=["bold", "embed"]),
        blocks.StructBlock([("inside", blocks.ListBlock(blocks.RawHTMLBlock()))]),
    ],
)
def test_a_block_that_lets_code_in_is_told(block: blocks.Block, monkeypatch: pytest.MonkeyPatch) -> None:
    field = StreamField([("block", block)])
    monkeypatch.setattr(ContentPage._meta, "get_fields", lambda: [field])
    assert [problem.id for problem in checks.check_editors_write_no_code(None)] == ["cms.E005"]


def test_a_rich_text_field_must_name_its_features(monkeypatch: pytest.MonkeyPatch) -> None:
    field = RichTextField()
    field.set_attributes_from_name("text")
    field.model = ContentPage
    monkeypatch.setattr(ContentPage._meta, "get_fields", lambda: [field])
    assert [problem.id for problem in checks.check_editors_write_no_code(None)] == ["cms.E004"]
