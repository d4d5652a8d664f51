"""Försörjare, avtal, och de beställningssystem som hör till."""

from cms.content.pieces import alert, draft, heading, items, paragraphs, table, text
from cms.models import AgreementIndexPage, AgreementPage, ContentPage, SupplierIndexPage, SupplierPage

AGREEMENTS = draft(
    AgreementIndexPage,
    "avtal-och-overenskommelser",
    "Avtal och överenskommelser",
    "Vad regionen och kommunerna har kommit överens om.",
    show_in_menus=True,
    children=[
        draft(
            AgreementPage,
            "samarbetsavtal",
            "Samarbetsavtal om hjälpmedelsförsörjning",
            "Hur ansvaret för personliga hjälpmedel är fördelat mellan huvudmännen.",
            parties="Västra Götalandsregionen och kommunerna i Västra Götaland",
            body=[
                text(
                    paragraphs(
                        "Avtalet reglerar gemensam försörjning av personliga hjälpmedel och förbrukningsartiklar. "
                        "Avtalstexten och dess giltighetstid publiceras här av samverkansfunktionen.",
                        "Frågor om avtalet bereds i [[organisation/bg-avtal|beredningsgruppen Avtal och "
                        "överenskommelse]].",
                    )
                )
            ],
        ),
        draft(
            AgreementPage,
            "privata-vardgivare",
            "Privata vårdgivare med avtal",
            "Vad som gäller för privat regional primärvård och andra privata utförare.",
            parties="Västra Götalandsregionen eller en kommun, och den privata vårdgivaren",
            body=[
                text(
                    "<p>Förskrivare hos privata vårdgivare med avtal följer samma handbok och har samma krav på "
                    "kompetens. I statistiken redovisas de som en egen grupp.</p>"
                )
            ],
        ),
    ],
)

TRAINING = draft(
    ContentPage,
    "utbildningar",
    "Utbildningar hos försörjarna",
    "Produkt- och systemkurser på plats, som komplement till de nationella och regionala kurserna.",
    body=[
        heading("Kurser"),
        text(
            items(
                "webSesam och SesamLMN",
                "Lyftar och lyftselar: heldag, med fyra timmars praktik i små grupper",
                "Aktivrullstolar",
                "Elrullstol: en digital del och en del på plats",
                "Positioneringskuddar",
                "Sittdynor i rullstol",
                "Ramper",
            )
        ),
        text(
            "<p>Kurserna finns som bas- och tilläggsutbud och som uppdragsutbildning. Varje tillfälle har plats, datum och "
            "ett antal platser; det kan bli fullt, flyttas eller ställas in.</p>"
        ),
        heading("Utbudet 2023"),
        table(
            "Hjälpmedelscentralens kurstillfällen 2023. Källa: Hjälpmedelscentralens redovisning för 2023.",
            [("text", "Vad"), ("number", "Antal")],
            [
                ["Utlysta tillfällen", 54],
                ["Inställda (Uddevalla 5, Skövde 2, Borås 2, Mölndal 1)", 10],
                ["Genomförda tillfällen", 44],
                ["Erbjudna timmar", 420],
                ["Deltagare", 618],
                ["Deltagare vid uppdragsutbildning, därtill (omkring 200 av dem studenter)", 392],
            ],
        ),
    ],
)

SUPPLIERS = draft(
    SupplierIndexPage,
    "forsorjare",
    "Försörjare och Primärvårdens hjälpmedelsenhet",
    "Vem som levererar vad, och i vilket system du beställer.",
    show_in_menus=True,
    children=[
        draft(
            SupplierPage,
            "hjalpmedelscentralen",
            "Hjälpmedelscentralen (HMC)",
            "Levererar, anpassar och reparerar hjälpmedel. En del av Försörjningsförvaltningen.",
            supplies="Hjälpmedel för rörelse, kommunikation och information, sängar, lyftar, antidecubitus.",
            related={
                "ordering_systems": [
                    {
                        "name": "webSesam",
                        "used_for": "beställning till enhet (buffertförråd, grundutrustning) och av personliga hjälpmedel",
                    }
                ]
            },
            body=[
                heading("Behörighet i webSesam"),
                text(
                    paragraphs("En ansökan gäller en av tre typer:")
                    + items(
                        "Beställare till enhet (buffertförråd, grundutrustning)",
                        "Beställare av personliga hjälpmedel inom hälso- och sjukvård",
                        "Beställare av personliga hjälpmedel inom socialtjänst",
                    )
                    + paragraphs(
                        "De två senare omfattar den första. Den som behöver båda de senare lämnar två ansökningar. "
                        "Ansökan görs under <b>Min behörighet</b>."
                    )
                ),
            ],
        ),
        draft(
            SupplierPage,
            "lakemedelsnara-produkter",
            "Läkemedelsnära produkter",
            "Levererar förbrukningsartiklar. En del av Försörjningsförvaltningen.",
            supplies="Förbrukningsartiklar, till exempel inkontinensskydd.",
            related={
                "ordering_systems": [
                    {"name": "SesamLMN", "used_for": "förbrukningsartiklar, med enhetens sexsiffriga kundnummer"}
                ]
            },
            body=[
                alert(
                    "info",
                    "Olika för region och kommun",
                    "<p>Sedan den 1 mars 2025 kan regionens förskrivare inte skapa uttag i SesamLMN. Kommunernas kan "
                    "det.</p>",
                )
            ],
        ),
        draft(
            SupplierPage,
            "habilitering-och-halsa",
            "Habilitering & Hälsa",
            "Försörjare av bland annat syn- och hörselhjälpmedel inom regionen.",
            supplies="Hjälpmedel inom habilitering, syn och hörsel.",
        ),
        draft(
            SupplierPage,
            "ortopedtekniska-enheter",
            "Ortopedtekniska enheter",
            "Utprovning och tillverkning av ortoser, proteser och skor.",
            supplies="Ortoser, proteser och ortopediska skor.",
        ),
        draft(
            ContentPage,
            "primarvardens-hjalpmedelsenhet",
            "Primärvårdens hjälpmedelsenhet",
            "Regionens enhet för hjälpmedel i primärvården.",
            body=[
                text(
                    "<p>Primärvårdens hjälpmedelsenhet är en del av Västra Götalandsregionen och arbetar med hjälpmedel "
                    "för primärvårdens patienter.</p>"
                )
            ],
        ),
        TRAINING,
    ],
)
