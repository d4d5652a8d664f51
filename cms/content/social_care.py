"""Handbok för personliga hjälpmedel inom socialtjänst, och konceptet för behovsbedömning och beställning."""

from datetime import date
from typing import Any

from cms.content.pieces import Draft, alert, draft, heading, items, paragraphs, table, text
from cms.content.product_pieces import EDITION, EXAMPLE
from cms.models import (
    ContentPage,
    HandbookChangesPage,
    HandbookIndexPage,
    ProductAreaPage,
    SectionPage,
    SocialCareProductPage,
)

RESPONSIBLE = paragraphs(
    "Biståndshandläggare eller annan som kommunen har utsett bedömer behovet.",
    "Den som beställer ska ha behörighet i webSesam för personliga hjälpmedel inom socialtjänst.",
)
COST = "Kommunen, som en del av den beviljade insatsen."


def product(code: str, slug: str, title: str, introduction: str, **values: Any) -> Draft:
    defaults = {"who_is_responsible": RESPONSIBLE, "cost_responsibility": COST}
    return draft(
        SocialCareProductPage,
        slug,
        title,
        f"{introduction} {EXAMPLE}",
        iso_code=code,
        iso_edition=EDITION,
        **{**defaults, **values},
    )


HANDBOOK = draft(
    HandbookIndexPage,
    "handbok-socialtjanst",
    "Handbok för personliga hjälpmedel inom socialtjänst",
    "Hjälpmedel som del av en beviljad insats: vem som ansvarar, kriterier, mål och instruktioner.",
    kind=HandbookIndexPage.Kind.SOCIAL_CARE,
    show_in_menus=True,
    body=[
        alert(
            "info",
            "Exempel på innehåll",
            "<p>Produktsidorna här är skrivna för att visa hur handboken fungerar. De ersätter inte den gällande "
            "handboken.</p>",
        )
    ],
    children=[
        draft(
            ProductAreaPage,
            "22-27-larm-och-paminnelse",
            "Larm, påminnelse och signalering",
            "Hjälpmedel som larmar, påminner eller ger signal.",
            iso_code="22 27",
            iso_edition=EDITION,
            children=[
                product(
                    "22 27",
                    "trygghetslarm-och-paminnare",
                    "Påminnare och larm i hemmet",
                    "Hjälpmedel som gör vardagen tryggare hemma.",
                    granted_measure="<p>Hemtjänst eller annan insats där trygghet i hemmet ingår.</p>",
                    criteria="<p>Personen har svårt att minnas, att kalla på hjälp eller att uppfatta larm, och insatsen "
                    "blir säkrare med ett hjälpmedel.</p>",
                    goal="<p>Personen kan bo kvar och känna sig trygg.</p>",
                    instructions="<p>Prova hemma. Kom överens om vem som svarar på larm, och följ upp efter två "
                    "veckor.</p>",
                ),
            ],
        ),
        draft(
            ProductAreaPage,
            "18-12-sangar",
            "Sängar",
            "Sängar och tillbehör.",
            iso_code="18 12",
            iso_edition=EDITION,
            children=[
                product(
                    "18 12 10",
                    "18-12-10-reglerbara-sangar",
                    "Sängar med motordriven reglering",
                    "Höj- och sänkbara sängar i ordinärt boende.",
                    granted_measure="<p>Hemtjänst med personlig omvårdnad.</p>",
                    criteria="<p>Omvårdnaden kan inte utföras säkert i personens egen säng.</p>",
                    goal="<p>God och säker omvårdnad, och en god arbetsmiljö för dem som utför den.</p>",
                    instructions=items(
                        "Bedöm rummet, dörrbredder och eluttag före beställning.",
                        "Instruera personen, närstående och personal om reglering och klämrisker.",
                    ),
                ),
            ],
        ),
        draft(
            ContentPage,
            "om-handboken",
            "Om handboken",
            "Hur handboken för socialtjänst skiljer sig från den för hälso- och sjukvård.",
            body=[
                text(
                    paragraphs(
                        "Inom socialtjänsten är ett hjälpmedel en del av en insats som har beviljats. Därför står den "
                        "beviljade insatsen först på varje produktsida, följd av vem som ansvarar, kriterier, mål, "
                        "instruktioner och kostnadsansvar.",
                        "Socialtjänstens handbok säger att den som bedömer behov och beställer <b>bör</b> ha gått "
                        "kurserna; för förskrivare i hälso- och sjukvården är det ett krav. "
                        "[[koncept-socialtjanst|Läs om konceptet]].",
                    )
                )
            ],
        ),
        draft(
            HandbookChangesPage,
            "andringar",
            "Ändringar i handboken",
            "Alla ändringar med datum och övergångsregler, den senaste först.",
            related={
                "changes": [
                    {
                        "changed_on": date(2024, 1, 1),
                        "heading": "Beställare av hjälpmedel är en egen roll",
                        "text": "<p>Rollen <i>Beställare av hjälpmedel</i> är ny från 2024.</p>",
                        "page": "@koncept-socialtjanst",
                    }
                ]
            },
        ),
    ],
)

CONCEPT = draft(
    SectionPage,
    "koncept-socialtjanst",
    "Koncept för kompetens för behovsbedömning och beställning (socialtjänst)",
    "Vad du som bedömer behov eller beställer hjälpmedel inom socialtjänst bör kunna, och hur du lär dig det.",
    show_in_menus=True,
    body=[
        heading("Två roller"),
        table(
            "Roller inom socialtjänst och vad de gör",
            [("text", "Roll"), ("text", "Gör")],
            [
                ["Ansvarig för behovsbedömning", "Bedömer behovet inom den beviljade insatsen"],
                ["Ansvarig för beställning", "Beställer i webSesam"],
            ],
        ),
        heading("Bör, inte ska"),
        text(
            paragraphs(
                "Kurserna rekommenderas. Den som ännu inte har gått dem kan få beställa, men påminns om vad som återstår.",
                "Du ser vad som gäller för just dig under <b>Min behörighet</b> när du har loggat in.",
            )
        ),
        heading("Behörighet att beställa"),
        text(
            paragraphs(
                "Ansökan gäller <i>Beställare av personliga hjälpmedel inom socialtjänst</i>. Den som beställer både inom "
                "hälso- och sjukvård och inom socialtjänst lämnar två ansökningar.",
                "En behörighet som inte har använts för inloggning på tolv månader blir inaktiv, och då behövs en ny "
                "ansökan.",
            )
        ),
    ],
)
