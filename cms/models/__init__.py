"""The page types of the site, one concept a file. Imported here so that Django finds them."""

from cms.models.accessibility_statement import AccessibilityStatementPage
from cms.models.agreement import AgreementIndexPage, AgreementPage
from cms.models.contact import ContactPage
from cms.models.content import ContentPage
from cms.models.course_catalogue import CourseCataloguePage
from cms.models.digital_aids import DigitalAid, DigitalAidReading, DigitalAidsPage
from cms.models.group import GroupPage
from cms.models.guideline import GuidelineIndexPage, GuidelinePage
from cms.models.handbook_changes import HandbookChange, HandbookChangesPage
from cms.models.handbook_index import HandbookIndexPage
from cms.models.health_care_product import HealthCareProductPage
from cms.models.images import SiteImage, SiteRendition
from cms.models.meeting_note import MeetingNotePage
from cms.models.news import NewsIndexPage, NewsPage
from cms.models.product_area import ProductAreaPage
from cms.models.search_entry import SearchEntry
from cms.models.section import SectionPage
from cms.models.social_care_product import SocialCareProductPage
from cms.models.start import StartPage
from cms.models.supplier import SupplierIndexPage, SupplierOrderingSystem, SupplierPage

__all__ = [
    "AccessibilityStatementPage",
    "AgreementIndexPage",
    "AgreementPage",
    "ContactPage",
    "ContentPage",
    "CourseCataloguePage",
    "DigitalAid",
    "DigitalAidReading",
    "DigitalAidsPage",
    "GroupPage",
    "GuidelineIndexPage",
    "GuidelinePage",
    "HandbookChange",
    "HandbookChangesPage",
    "HandbookIndexPage",
    "HealthCareProductPage",
    "MeetingNotePage",
    "NewsIndexPage",
    "NewsPage",
    "ProductAreaPage",
    "SearchEntry",
    "SectionPage",
    "SiteImage",
    "SiteRendition",
    "SocialCareProductPage",
    "StartPage",
    "SupplierIndexPage",
    "SupplierOrderingSystem",
    "SupplierPage",
]
