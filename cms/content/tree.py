"""The site's first pages, from the start page down. The order of the sections is their order on the start page."""

from cms.content import competence, health_care, organisation, other, social_care, suppliers
from cms.content.pieces import draft
from cms.models import StartPage

SITE = draft(
    StartPage,
    "start",
    "Hjälpmedel i Västra Götaland",
    "För dig som förskriver, beställer eller ansvarar för hjälpmedel och förbrukningsartiklar: handböcker, avtal, kurser och "
    "behörighet på ett ställe.",
    search_hint="Till exempel: rollator, 12 22, trycksår, kursbevis",
    callout_heading="Ska du börja förskriva eller beställa?",
    callout_text="Se vilka kurser du behöver, hur lång tid de tar och hur du får behörighet.",
    callout_page="@koncept-forskrivarkompetens",
    children=[
        health_care.HANDBOOK,
        social_care.HANDBOOK,
        suppliers.AGREEMENTS,
        competence.CONCEPT,
        social_care.CONCEPT,
        organisation.SECTION,
        suppliers.SUPPLIERS,
        other.CONTACT,
        other.NEWS,
        other.DIGITAL_AIDS,
        other.ABOUT_SITE,
        other.ACCESSIBILITY,
        other.PERSONAL_DATA,
    ],
)
