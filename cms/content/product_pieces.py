"""Det som produktsidorna i handböckerna har gemensamt. Sidorna är exempel, och säger det själva."""

from typing import Any

from cms.content.pieces import Draft, draft, items, paragraphs
from cms.models import HealthCareProductPage, ProductAreaPage

EDITION = "SS-EN ISO 9999:2016"
ADULT = "Den huvudman som svarar för patientens hälso- och sjukvård: kommunen eller Västra Götalandsregionen."
CHILD = "Västra Götalandsregionen, om inget annat följer av avtalet."
EXAMPLE = "Exempeltext som visar hur en produktsida är uppbyggd."


def area(code: str, slug: str, title: str, introduction: str, *products: Draft) -> Draft:
    return draft(
        ProductAreaPage, slug, title, introduction, iso_code=code, iso_edition=EDITION, children=list(products)
    )


def product(code: str, slug: str, title: str, introduction: str, **values: Any) -> Draft:
    """En produktsida. Det som är lika för de flesta fylls i här."""
    defaults = {
        "who_may_prescribe": MOBILITY_PRESCRIBERS,
        "follow_up": FOLLOW_UP,
        "patient_responsibility": RESPONSIBILITY,
        "number": "<p>Ett. Behovet av ett till hjälpmedel bedöms på nytt.</p>",
        "cost_adult": ADULT,
        "cost_child": CHILD,
        "ordering_system": "webSesam",
        "supplier": "@forsorjare/hjalpmedelscentralen",
    }
    return draft(
        HealthCareProductPage,
        slug,
        title,
        f"{introduction} {EXAMPLE}",
        iso_code=code,
        iso_edition=EDITION if code else "",
        **{**defaults, **values},
    )


MOBILITY_PRESCRIBERS = paragraphs(
    "Arbetsterapeut och fysioterapeut som verksamhetschefen har utsett till förskrivare.",
    "Förskrivaren ska ha gått Socialstyrelsens kurs <i>Förskrivning av hjälpmedel</i> och den regionala webbkursen för "
    "förskrivare. [[koncept-forskrivarkompetens|Läs om kraven på förskrivarkompetens]].",
)
FOLLOW_UP = paragraphs(
    "Kom överens med patienten om när och hur uppföljningen ska ske redan vid förskrivningen, och skriv in det i "
    "journalen.",
    "Följ upp att målet är uppnått, att hjälpmedlet används och fungerar, och att det är säkert. När behovet har "
    "upphört ska hjälpmedlet återlämnas.",
)
RESPONSIBILITY = items(
    "Sköta om hjälpmedlet enligt instruktionen.",
    "Höra av sig till förskrivaren när något i behovet eller i hjälpmedlet förändras.",
    "Lämna tillbaka hjälpmedlet, rengjort, när det inte längre behövs.",
)
