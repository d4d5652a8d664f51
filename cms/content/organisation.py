"""Organisation för samarbete och styrning. Personerna i anteckningarna finns inte."""

from datetime import date, time

from cms.content.pieces import Draft, alert, draft, heading, item, items, paragraphs, text
from cms.models import GroupPage, MeetingNotePage, SectionPage

PREPARATION = GroupPage.Kind.PREPARATION
FORUM = GroupPage.Kind.FORUM
FICTIONAL = "Exempel på anteckningar. Personerna är påhittade."


def group(slug: str, title: str, kind: str, introduction: str, *notes: Draft) -> Draft:
    return draft(GroupPage, slug, title, introduction, kind=kind, year=2026, children=list(notes))


HEALTH_CARE_NOTES = draft(
    MeetingNotePage,
    "2026-09-17",
    "Minnesanteckningar 17 september 2026",
    FICTIONAL,
    held_on=date(2026, 9, 17),
    starts_at=time(13, 0),
    ends_at=time(15, 30),
    place="Digitalt möte",
    present="Exempel Exempelsson, Västra Götalandsregionen (ordförande)\nPåhitt Påhittsson, Göteborgsregionen\n"
    "Låtsas Låtsasson, Fyrbodal\nProva Provsson, Skaraborg\nFiktiv Fiktivsson, Sjuhärad\n"
    "Test Testsson, samverkansfunktionen (anteckningar)",
    items=[
        item(
            "Föregående möte",
            "Exempel Exempelsson",
            "<p>Anteckningarna från det föregående mötet gås igenom.</p>",
            "<p>Anteckningarna läggs till handlingarna.</p>",
        ),
        item(
            "Rubriker på produktsidorna",
            "Test Testsson",
            "<p>Samma rubriker i samma ordning på alla produktsidor gör det lättare att hitta. Förslaget är att "
            "<i>Patientens ansvar</i> får en egen rubrik.</p>",
            "<p>Gruppen ställer sig bakom förslaget.</p>",
            "<p>Samverkansfunktionen för in rubriken och noterar ändringen i loggen.</p>",
        ),
        item(
            "Utgåva av koderna",
            "Prova Provsson",
            "<p>Koderna i handboken behöver anges med den utgåva av ISO 9999 som de är hämtade från.</p>",
            "<p>Utgåvan ska stå vid varje kod.</p>",
            "<p>Följs upp vid nästa möte.</p>",
        ),
    ],
    next_meeting="19 november 2026 kl. 13.00–15.30, digitalt",
)

CONSUMABLES_NOTES = draft(
    MeetingNotePage,
    "2026-10-06",
    "Minnesanteckningar 6 oktober 2026",
    FICTIONAL,
    held_on=date(2026, 10, 6),
    starts_at=time(9, 0),
    ends_at=time(11, 0),
    place="Regionens hus, Göteborg, och digitalt",
    present="Fiktiv Fiktivsson, Läkemedelsnära produkter (ordförande)\nExempel Exempelsson, Närhälsan\n"
    "Låtsas Låtsasson, Göteborgsregionen\nTest Testsson, samverkansfunktionen (anteckningar)",
    items=[
        item(
            "Uttag i SesamLMN",
            "Fiktiv Fiktivsson",
            "<p>Sedan den 1 mars 2025 kan regionens förskrivare inte skapa uttag i SesamLMN, medan kommunernas kan "
            "det. Frågan är hur skillnaden förklaras för den som arbetar hos båda.</p>",
            "<p>Det ska framgå på sidan om SesamLMN och i kursen.</p>",
            "<p>Samverkansfunktionen tar fram en text.</p>",
        ),
        item(
            "Övriga frågor",
            "",
            "<p>Inga övriga frågor.</p>",
        ),
    ],
    next_meeting="8 december 2026 kl. 9.00–11.00",
)

SECTION = draft(
    SectionPage,
    "organisation",
    "Organisation för samarbete och styrning",
    "Hur regionen och de 49 kommunerna styr hjälpmedelsområdet tillsammans.",
    show_in_menus=True,
    body=[
        heading("Huvudmän och kommunalförbund"),
        text(
            paragraphs(
                "Västra Götalandsregionen och länets 49 kommuner delar försörjningen av hjälpmedel och "
                "förbrukningsartiklar. Kommunerna hör till fyra kommunalförbund: Göteborgsregionen (GR), Sjuhärad, "
                "Fyrbodal och Skaraborg. VästKom är deras gemensamma organ.",
            )
        ),
        heading("Grupper 2026"),
        text(
            paragraphs(
                "Ledningsrådet leder arbetet. Beredningsgrupperna bereder frågor inom var sitt område, och "
                "hjälpmedelsforum är till för dialog med verksamheterna. Samverkansfunktionen ger stöd åt alla grupper.",
                "Varje huvudman antecknar sin egen företrädare för varje grupp och nätverk. Anteckningar från mötena "
                "publiceras på gruppens sida.",
            )
        ),
    ],
    children=[
        group("ledningsradet", "Ledningsrådet", GroupPage.Kind.COUNCIL, "Leder samarbetet om hjälpmedel i länet."),
        group(
            "bg-avtal",
            "Beredningsgrupp Avtal och överenskommelse",
            PREPARATION,
            "Bereder frågor om avtal och överenskommelser mellan huvudmännen.",
        ),
        group(
            "bg-handbok-socialtjanst",
            "Beredningsgrupp Handbok och sortiment, socialtjänst",
            PREPARATION,
            "Bereder innehållet i handboken för socialtjänst.",
        ),
        group(
            "bg-handbok-halso-och-sjukvard",
            "Beredningsgrupp Handbok och sortiment, hälso- och sjukvård",
            PREPARATION,
            "Bereder innehållet i handboken för hälso- och sjukvård.",
            HEALTH_CARE_NOTES,
        ),
        group(
            "bg-forbrukningsartiklar",
            "Beredningsgrupp Förbrukningsartiklar",
            PREPARATION,
            "Bereder frågor om förbrukningsartiklar, tidigare läkemedelsnära produkter.",
            CONSUMABLES_NOTES,
        ),
        group(
            "bg-it-stod",
            "Beredningsgrupp IT-stöd",
            PREPARATION,
            "Bereder frågor om beställningssystem och annat IT-stöd.",
        ),
        group(
            "forum-socialtjanst", "Hjälpmedelsforum socialtjänst", FORUM, "Dialog med verksamheter inom socialtjänst."
        ),
        group(
            "forum-halso-och-sjukvard",
            "Hjälpmedelsforum hälso- och sjukvård",
            FORUM,
            "Dialog med verksamheter inom hälso- och sjukvård.",
        ),
        draft(
            GroupPage,
            "samverkansfunktionen",
            "Samverkansfunktionen",
            "Ger stöd åt grupperna och håller ihop handböcker, kurser och statistik.",
            kind=GroupPage.Kind.OFFICE,
            year=2026,
            body=[
                text(
                    items(
                        "Förvaltar handböckerna och den här webbplatsen.",
                        "Svarar för den regionala webbkursen och följer upp kursutvärderingarna.",
                        "Redovisar genomförda kurser varje tertial.",
                    )
                ),
                alert("info", "Fråga oss", "<p>Kontaktuppgifter finns på [[kontakt|Kontakt]].</p>"),
            ],
        ),
    ],
)
