"""Koncept för förskrivarkompetens."""

from cms.content.pieces import accordion, alert, draft, heading, items, paragraphs, table, text
from cms.models import ContentPage, CourseCataloguePage, SectionPage

FIGURES_SOURCE = "Källa: samarbetsorganisationens redovisning av genomförda kurser, december 2023."

CONCEPT = draft(
    SectionPage,
    "koncept-forskrivarkompetens",
    "Koncept för förskrivarkompetens",
    "Vad som krävs innan du får förskriva eller beställa, och hur du visar att du har det.",
    show_in_menus=True,
    body=[
        heading("Tre nivåer"),
        table(
            "Kompetens på nationell, regional och lokal nivå",
            [("text", "Nivå"), ("text", "Vad"), ("text", "Vem svarar för den")],
            [
                ["Nationell", "Socialstyrelsens webbkurser, avgiftsfria", "Socialstyrelsen"],
                ["Regional", "Regional webbkurs för förskrivare", "Samverkansfunktionen"],
                ["Lokal", "Enhetens egen introduktion", "Chefen, som intygar den"],
            ],
        ),
        heading("Så blir du förskrivare"),
        text(
            "<ol><li>Din chef eller medicinskt ledningsansvarig utser dig och bestämmer vilken nivå du behöver.</li>"
            '<li>Du går de kurser som krävs för din roll. <a href="/regler/">Se vad som krävs för varje roll</a>.</li>'
            "<li>Kursbeviset registreras: den regionala kursen av sig själv, den nationella genom att du laddar upp "
            "beviset och chefen godkänner det.</li>"
            "<li>Du ansöker om behörighet i beställningssystemet och chefen godkänner.</li></ol>"
        ),
        alert(
            "warning",
            "Kravet prövas när du beställer",
            "<p>För förskrivare inom hälso- och sjukvård är kurserna ett krav. Saknas något får du veta vad, och hur lång "
            "tid det tar.</p>",
        ),
        heading("När något ändras"),
        text(
            items(
                "Byter du namn, arbetsplats eller roll ska det anmälas.",
                "Dina genomförda kurser följer dig. Uppdraget som förskrivare, beslutet om nivå och behörigheten upphör "
                "när anställningen upphör.",
                "Tolv månader utan inloggning gör behörigheten inaktiv; då behövs en ny ansökan.",
            )
        ),
    ],
    children=[
        draft(
            CourseCataloguePage,
            "kurser",
            "Kurser",
            "De nationella och regionala kurserna, vad de innehåller och hur lång tid de tar.",
            body=[
                heading("Nationella kurser (Socialstyrelsen)"),
                text(
                    paragraphs(
                        "Kurserna är avgiftsfria och finns i Socialstyrelsens utbildningsportal. Spara kursbeviset: det "
                        "laddas upp här.",
                    )
                ),
                table(
                    "Socialstyrelsens kurser",
                    [("text", "Kurs"), ("text", "Tid"), ("text", "Innehåll")],
                    [
                        [
                            "Förskrivning av hjälpmedel",
                            "Omkring 2 timmar",
                            "Introduktion, exempel på förskrivning inom minst ett område, fem situationer att reflektera "
                            "över, förskrivningen ur förskrivarens perspektiv och ett kunskapstest. Kursbevis efter testet.",
                        ],
                        [
                            "Förskrivning av hjälpmedel, basnivå",
                            "45–50 minuter",
                            "Bara det första lärpaketet. Ger inget kursbevis; chefen intygar.",
                        ],
                        [
                            "Förskrivning av förbrukningsartiklar",
                            "Se portalen",
                            "För förskrivare av förbrukningsartiklar.",
                        ],
                        ["Förskrivning av hjälpmedel ur ett ledarperspektiv", "Se portalen", "För chefer."],
                    ],
                ),
                heading("Regional webbkurs för förskrivare"),
                text(
                    paragraphs(
                        "Kursen tar upp reglerna i handboken, avtalen om försörjning, en översikt av "
                        "beställningssystemen, en översikt av produkterna och hur samarbetet är organiserat. Den avslutas "
                        "med en kursutvärdering som följs upp.",
                        "Den ersatte den 22 januari 2025 tre tidigare kurser: rörelse, kommunikation och information samt "
                        "antidecubitus; medicinsk behandling; läkemedelsnära produkter.",
                    )
                ),
                heading("Kurser hos försörjarna"),
                text(
                    "<p>Hjälpmedelscentralen håller produkt- och systemkurser på plats runt om i länet. "
                    "[[forsorjare/utbildningar|Se utbildningar hos försörjarna]].</p>"
                ),
            ],
        ),
        draft(
            ContentPage,
            "kompetensroller",
            "Kompetensroller",
            "Rollerna som kraven utgår från.",
            body=[
                text(
                    items(
                        "Chef för förskrivare",
                        "Förskrivare av förbrukningsartiklar (före 2024: läkemedelsnära produkter)",
                        "Förskrivare av hjälpmedel för medicinsk behandling",
                        "Förskrivare av hjälpmedel för rörelse, kommunikation och information samt antidecubitus",
                        "Förskrivare av ortoser, proteser och skor",
                        "Förskrivare av syn- och hörselhjälpmedel",
                        "Beställare av hjälpmedel (ny roll 2024)",
                        "Vård- och omsorgspersonal som hanterar förskrivna hjälpmedel och förbrukningsartiklar",
                        "Inom socialtjänst: ansvarig för behovsbedömning, och ansvarig för beställning",
                    )
                ),
                text('<p><a href="/regler/">Se vad som krävs för varje roll</a>, hämtat ur reglerna som gäller.</p>'),
                text(
                    "<p>Roller slås samman, byter namn och tillkommer. Vad som gällde en viss dag går alltid att se "
                    "efteråt.</p>"
                ),
            ],
        ),
        draft(
            ContentPage,
            "for-chefer",
            "För chefer",
            "Utse förskrivare, bestäm nivå, godkänn intyg och ansökningar.",
            body=[
                heading("Ditt ansvar"),
                text(
                    paragraphs(
                        "Vårdgivaren bedömer vilken kompetens som behövs och utser förskrivare (HSLF-FS 2021:52). Det är "
                        "du som chef, eller den medicinskt ledningsansvariga, som beslutar om nivån för enhetens "
                        "förskrivare.",
                    )
                ),
                heading("Vanliga frågor"),
                accordion(
                    (
                        "När räcker basnivå?",
                        "<p>När du har beslutat det för personen. Basnivån är det första lärpaketet, 45–50 minuter, och "
                        "ger inget kursbevis: du intygar att det är genomfört.</p>",
                    ),
                    (
                        "Någon slutar eller byter arbetsplats",
                        "<p>Uppdraget och behörigheten upphör med anställningen. Genomförda kurser finns kvar hos "
                        "personen.</p>",
                    ),
                    (
                        "Jag behöver dra in en behörighet",
                        "<p>Det gör du med en motivering, och det gäller genast.</p>",
                    ),
                ),
            ],
        ),
        draft(
            ContentPage,
            "genomforda-kurser",
            "Genomförda kurser",
            "Hur många som har gått de nationella och regionala kurserna, enligt redovisade siffror.",
            body=[
                heading("Nationella kurser"),
                table(
                    f"Genomförda nationella kurser till och med december 2023. {FIGURES_SOURCE}",
                    [
                        ("text", "Kurs"),
                        ("number", "Totalt"),
                        ("number", "Kommun"),
                        ("number", "VGR"),
                        ("number", "Under 2023"),
                        ("number", "Under 2022"),
                    ],
                    [
                        ["Förskrivning av hjälpmedel", 2123, 1202, 933, 287, 339],
                        ["Förskrivning av förbrukningsartiklar", 697, 510, 187, 93, 341],
                        ["Ur ett ledarperspektiv", 33, 21, 12, 9, 10],
                    ],
                ),
                alert(
                    "info",
                    "Siffrorna går inte jämnt ut",
                    "<p>För <i>Förskrivning av hjälpmedel</i> är kommun och VGR tillsammans 2 135, men totalen är angiven "
                    "till 2 123: en skillnad på 12. Båda återges som de har redovisats.</p>",
                ),
                heading("De tre tidigare regionala kurserna"),
                table(
                    "Genomförda regionala kurser, totalt till och med mars 2024. Källa: samarbetsorganisationens redovisning, "
                    "mars 2024. Ingen fördelning på huvudman är redovisad.",
                    [("text", "Kurs"), ("number", "Totalt")],
                    [
                        ["Rörelse, kommunikation och information samt antidecubitus", 503],
                        ["Medicinsk behandling", 65],
                        ["Läkemedelsnära produkter", 210],
                    ],
                ),
            ],
        ),
    ],
)
