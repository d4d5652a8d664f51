"""Handbok för personliga hjälpmedel inom hälso- och sjukvård."""

from datetime import date

from cms.content.health_care_products import AREAS
from cms.content.pieces import accordion, alert, draft, heading, items, paragraphs, text
from cms.models import ContentPage, GuidelineIndexPage, GuidelinePage, HandbookChangesPage, HandbookIndexPage

GUIDELINES = draft(
    GuidelineIndexPage,
    "riktlinjer",
    "Riktlinjer",
    "Det som gäller för alla produktområden.",
    children=[
        draft(
            GuidelinePage,
            "forskrivningsprocessen",
            "Förskrivningsprocessen",
            "Från behov till uppföljning: stegen i en förskrivning och vem som svarar för dem.",
            body=[
                heading("Stegen"),
                text(
                    "<ol><li>Bedöm behovet tillsammans med patienten.</li><li>Prova ut, anpassa och välj lämplig "
                    "produkt.</li><li>Beställ. Den som beställer ska ha behörighet i beställningssystemet.</li>"
                    "<li>Informera, instruera och träna.</li><li>Följ upp och utvärdera funktion och nytta.</li></ol>"
                ),
                heading("Vem svarar för vad"),
                text(
                    paragraphs(
                        "Vårdgivaren bedömer vilken kompetens som behövs och utser förskrivare "
                        "(HSLF-FS 2021:52). I praktiken är det chefen eller den medicinskt ledningsansvariga som utser.",
                        "Förskrivaren svarar för hela kedjan fram till uppföljningen, även när någon annan utför "
                        "delar av den.",
                    )
                ),
                heading("Dokumentera"),
                text("<p>Behov, mål, val av produkt, instruktion och plan för uppföljning skrivs i journalen.</p>"),
            ],
            decided_by="exempel i demonstrationen",
        ),
        draft(
            GuidelinePage,
            "kostnadsansvar",
            "Kostnadsansvar",
            "Kommun eller region: vem som betalar ett personligt hjälpmedel.",
            body=[
                text(
                    paragraphs(
                        "Den huvudman som har hälso- och sjukvårdsansvaret för patienten har också kostnadsansvaret. "
                        "Varje produktsida anger vad som gäller för vuxna respektive barn.",
                        "Hur ansvaret är fördelat mellan huvudmännen regleras i "
                        "[[avtal-och-overenskommelser|avtal och överenskommelser]].",
                    )
                )
            ],
            decided_by="exempel i demonstrationen",
        ),
        draft(
            GuidelinePage,
            "negativ-handelse-och-tillbud",
            "Negativ händelse eller tillbud med ett hjälpmedel",
            "Vad du gör när ett hjälpmedel har skadat någon, eller kunde ha gjort det.",
            body=[
                alert(
                    "danger",
                    "Gör först detta",
                    items(
                        "Ta hand om den som är drabbad.",
                        "Ta hjälpmedlet ur bruk, spara det som det är och märk det.",
                        "Kontakta din chef och försörjaren.",
                    ),
                ),
                text(
                    "<p>Rapportera i verksamhetens avvikelsesystem. Chefen bedömer om händelsen ska anmälas till "
                    "tillverkaren och till myndighet. [[nyheter|Säkerhetsmeddelanden]] publiceras bland nyheterna.</p>"
                ),
            ],
            decided_by="exempel i demonstrationen",
        ),
    ],
)

ABOUT = draft(
    ContentPage,
    "om-handboken",
    "Om handboken",
    "Vad handboken är till för, hur den är uppbyggd och vem som beslutar om den.",
    body=[
        heading("Vad handboken är"),
        text(
            paragraphs(
                "Handboken anger vilka personliga hjälpmedel och förbrukningsartiklar som kan förskrivas inom hälso- och "
                "sjukvården i Västra Götaland, av vem, till vem och hur. Den gäller för Västra Götalandsregionen och "
                "länets 49 kommuner, och för privata vårdgivare med avtal.",
            )
        ),
        heading("Hur den är uppbyggd"),
        text(
            paragraphs(
                "Produktområdena är ordnade efter standarden ISO 9999, som klassificerar hjälpmedel. Varje kod står med "
                "den utgåva av standarden som den är hämtad från, eftersom koder ändras mellan utgåvor.",
                "En produktsida har alltid samma rubriker i samma ordning: vem som får förskriva, kriterier, mål, "
                "instruktioner, utvärdering och uppföljning, patientens ansvar, antal, kostnadsansvar och "
                "beställningssystem.",
            )
        ),
        heading("Hur den ändras"),
        text(
            "<p>Förslag bereds i [[organisation/bg-handbok-halso-och-sjukvard|beredningsgruppen för handbok och "
            "sortiment]]. Beslutade ändringar står i [[handbok-halso-och-sjukvard/andringar|Ändringar i handboken]], med "
            "övergångsregler.</p>"
        ),
        accordion(
            (
                "Jag hittar inte produkten jag söker",
                "<p>Sök på produktens kod eller namn. Finns den inte i handboken kan den inte förskrivas som personligt "
                "hjälpmedel på vanligt sätt; fråga [[kontakt|samverkansfunktionen]].</p>",
            ),
            (
                "Vad heter läkemedelsnära produkter nu?",
                "<p>Förbrukningsartiklar, sedan 2024. Förkortningen LMN lever kvar i namnet på beställningssystemet "
                "SesamLMN.</p>",
            ),
        ),
    ],
)

CHANGES = draft(
    HandbookChangesPage,
    "andringar",
    "Ändringar i handboken",
    "Alla ändringar med datum och övergångsregler, den senaste först.",
    related={
        "changes": [
            {
                "changed_on": date(2025, 3, 1),
                "heading": "Uttag i SesamLMN",
                "text": "<p>Regionens förskrivare kan inte längre skapa uttag i SesamLMN. Förskrivare i kommunerna kan det "
                "som tidigare.</p>",
                "transition_rule": "<p>Redan skapade uttag påverkas inte.</p>",
            },
            {
                "changed_on": date(2025, 1, 22),
                "heading": "En regional webbkurs för förskrivare",
                "text": "<p>En ny regional webbkurs ersätter de tre tidigare som krav för den som ska förskriva.</p>",
                "transition_rule": "<p>En tidigare regional kurs gäller för sitt eget område, och inte för andra.</p>",
                "page": "@koncept-forskrivarkompetens",
            },
            {
                "changed_on": date(2024, 1, 1),
                "heading": "Förbrukningsartiklar ersätter läkemedelsnära produkter",
                "text": "<p>Läkemedelsnära produkter (LMN) heter från 2024 förbrukningsartiklar i handboken.</p>",
            },
        ]
    },
)

DOCUMENTS = draft(
    ContentPage,
    "dokument",
    "Dokument i handboken",
    "Listor och blanketter att ladda ner.",
    body=[("documents", {"heading": "", "documents": ["@document"]})],
)

HANDBOOK = draft(
    HandbookIndexPage,
    "handbok-halso-och-sjukvard",
    "Handbok för personliga hjälpmedel inom hälso- och sjukvård",
    "Vem som får förskriva, till vem och hur: produktområden, riktlinjer och ändringar.",
    kind=HandbookIndexPage.Kind.HEALTH_CARE,
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
        *AREAS,
        ABOUT,
        GUIDELINES,
        CHANGES,
        DOCUMENTS,
    ],
)
