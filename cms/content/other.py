"""Nyheter, kontakt, digitala hjälpmedel, och sidorna om webbplatsen."""

from datetime import date
from typing import Any

from cms.content.pieces import Draft, alert, contact, draft, heading, items, paragraphs, text
from cms.models import (
    AccessibilityStatementPage,
    ContactPage,
    ContentPage,
    DigitalAidsPage,
    NewsIndexPage,
    NewsPage,
)

OFFICE_EMAIL = "samverkan@example.se"
READINGS_SOURCE = (
    "Samarbetsorganisationens redovisning: åtta avläsningar i följd till och med 31 maj 2024, och en uppgift för juni 2025. "
    "Datum för de sju första anges inte i källan."
)


def news(slug: str, day: date, title: str, introduction: str, *body: Any, **values: Any) -> Draft:
    return draft(NewsPage, slug, title, introduction, published_on=day, body=list(body), **values)


NEWS = draft(
    NewsIndexPage,
    "nyheter",
    "Nyheter och säkerhetsmeddelanden",
    "Det senaste om hjälpmedel, handböcker och kurser i Västra Götaland.",
    children=[
        news(
            "lakemedelsnara-produkter-blir-forbrukningsartiklar",
            date(2024, 1, 15),
            "Läkemedelsnära produkter heter nu förbrukningsartiklar",
            "Namnet ändras i handboken och i kompetensrollerna. Beställningssystemet heter fortfarande SesamLMN.",
            text(
                "<p>Rollen <i>Förskrivare av läkemedelsnära produkter</i> heter från 2024 <i>Förskrivare av "
                "förbrukningsartiklar</i>. Den som redan var utsedd behåller sitt uppdrag.</p>"
            ),
        ),
        news(
            "enkat-om-webbplatsen",
            date(2024, 5, 13),
            "Vad tycker du om webbplatsen?",
            "Svara på vår enkät 13–31 maj 2024 om webbplatsens struktur, sökningen och handbokens indelning.",
            text("<p>Svaren ligger till grund för hur webbplatsen utvecklas.</p>"),
        ),
        news(
            "ny-regional-webbkurs",
            date(2025, 1, 22),
            "Ny regional webbkurs för förskrivare",
            "En kurs ersätter de tre tidigare. Den tar upp handboken, avtalen, beställningssystemen och produkterna.",
            text(
                paragraphs(
                    "Från den 22 januari 2025 går alla nya förskrivare samma regionala webbkurs. Den avslutas med en "
                    "kursutvärdering.",
                    "Har du redan gått en av de tidigare kurserna gäller den för sitt eget område. "
                    "[[koncept-forskrivarkompetens/kurser|Läs mer om kurserna]].",
                )
            ),
        ),
        news(
            "uttag-i-sesamlmn",
            date(2025, 3, 1),
            "Ändrat för uttag i SesamLMN",
            "Regionens förskrivare kan inte längre skapa uttag i SesamLMN. För kommunernas förskrivare är det som förut.",
            text(
                "<p>Arbetar du både i en kommun och i regionen gäller det som hör till den arbetsgivare du beställer för. "
                "[[forsorjare/lakemedelsnara-produkter|Läs mer om SesamLMN]].</p>"
            ),
        ),
        news(
            "digitala-hjalpmedel-juni-2025",
            date(2025, 6, 18),
            "Omkring 2 700 patienter har digitala hjälpmedel",
            "Uppgiften gäller juni 2025. Ett år tidigare, den 31 maj 2024, var de 1 287.",
            text(
                "<p>Källa: samarbetsorganisationens redovisning. [[digitala-hjalpmedel|Se alla avläsningar och vilka "
                "hjälpmedel det gäller]].</p>"
            ),
        ),
        news(
            "exempel-kontrollera-lyftselar",
            date(2026, 10, 12),
            "Exempel: kontrollera spännen på lyftselar",
            "Ett påhittat säkerhetsmeddelande som visar hur ett sådant ser ut. Ingen verklig produkt berörs.",
            heading("Vad som har hänt"),
            text("<p>Ett spänne på en påhittad lyftsele kan släppa när det inte är helt stängt.</p>"),
            heading("Vad du ska göra"),
            text(
                items(
                    "Sluta använda de lyftselar som berörs.",
                    "Kontakta försörjaren, som byter ut dem.",
                    "Rapportera tillbud enligt [[handbok-halso-och-sjukvard/riktlinjer/negativ-handelse-och-tillbud|"
                    "riktlinjen]].",
                )
            ),
            kind=NewsPage.Kind.SAFETY,
            products="Exempelsele modell X (påhittad), artikelnummer 00000",
            what_to_do="Kontrollera spännena före varje lyft. Ta lyftselar som berörs ur bruk.",
        ),
        news(
            "beredningsgrupper-2026",
            date(2026, 1, 19),
            "Grupperna för 2026 är klara",
            "Ledningsrådet, fem beredningsgrupper och två hjälpmedelsforum arbetar under året.",
            text("<p>Anteckningar från mötena publiceras på varje grupps sida. [[organisation|Se grupperna]].</p>"),
        ),
    ],
)

CONTACT = draft(
    ContactPage,
    "kontakt",
    "Kontakt",
    "Vem du vänder dig till med olika frågor.",
    show_in_menus=True,
    body=[
        contact(
            "Samverkansfunktionen",
            "Handböckerna, webbplatsen, den regionala webbkursen och kompetenskraven",
            email=OFFICE_EMAIL,
        ),
        contact(
            "Hjälpmedelscentralen",
            "Beställning, leverans och reparation av hjälpmedel; webSesam",
            email="hjalpmedelscentralen@example.se",
        ),
        contact(
            "Läkemedelsnära produkter",
            "Beställning och leverans av förbrukningsartiklar; SesamLMN",
            email="forbrukningsartiklar@example.se",
        ),
        alert(
            "warning",
            "Skriv inget om patienter",
            "<p>Skicka aldrig namn, personnummer eller andra uppgifter om en patient med e-post.</p>",
        ),
        text(
            "<p>Är du patient eller närstående? Vänd dig till den mottagning eller kommun som har förskrivit hjälpmedlet.</p>"
        ),
    ],
)

DIGITAL_AIDS = draft(
    DigitalAidsPage,
    "digitala-hjalpmedel",
    "Digitala hjälpmedel",
    "Vilka digitala hjälpmedel som finns i sortimentet, vilka som är på väg, och hur många patienter som har ett.",
    source=READINGS_SOURCE,
    body=[
        alert(
            "info",
            "Exempel",
            "<p>Hjälpmedlen i tabellen är exempel på hur status visas. Siffrorna per avläsning är redovisade.</p>",
        )
    ],
    related={
        "aids": [
            {
                "name": "Digital medicingivare",
                "description": "Påminner och ger rätt dos i rätt tid",
                "status": "in_range",
            },
            {"name": "Digital kalender", "description": "Visar dagens aktiviteter och påminner", "status": "in_range"},
            {"name": "Tillsyn med kamera", "description": "Tillsyn på natten efter samtycke", "status": "coming"},
        ],
        "readings": [
            *(
                {"label": f"Avläsning {number}", "patients": patients}
                for number, patients in enumerate((352, 486, 605, 728, 875, 1012, 1165), start=1)
            ),
            {"label": "Avläsning 8", "patients": 1287, "read_on": date(2024, 5, 31)},
            {"label": "Juni 2025", "patients": 2700, "is_approximate": True},
        ],
    },
)

ACCESSIBILITY = draft(
    AccessibilityStatementPage,
    "tillganglighet",
    "Tillgänglighetsredogörelse",
    "Så tillgänglig är webbplatsen, och så berättar du för oss om något inte fungerar.",
    conformance=AccessibilityStatementPage.Conformance.PARTLY,
    assessed_on=date(2026, 11, 20),
    assessed_how="egen granskning med automatiska kontroller (axe), tangentbord och förstoring",
    report_email="tillganglighet@example.se",
    body=[
        text(
            "<p>Webbplatsen ska följa lagen (2018:1937) om tillgänglighet till digital offentlig service, DOS-lagen, som "
            "bygger på WCAG 2.1 nivå AA. Vårt eget mål är WCAG 2.2 nivå AA.</p>"
        ),
        heading("Vad som inte är fullt tillgängligt"),
        text(
            items(
                "Kurspaket från andra leverantörer kan ha delar som är svåra att använda med skärmläsare eller enbart "
                "tangentbord. Hör av dig, så hjälper vi dig att gå kursen på ett annat sätt.",
                "Dokument som publicerats av andra kan sakna rubriker eller alternativtexter.",
                "Ingen granskning av en oberoende part har ännu gjorts.",
            )
        ),
        heading("Om du inte kan använda något"),
        text("<p>Berätta vad du behöver, så ger vi dig innehållet på ett sätt som passar dig.</p>"),
        heading("Tillsyn"),
        text(
            "<p>Myndigheten för digital förvaltning, Digg, har tillsyn över lagen. Är du inte nöjd med hur vi har hanterat "
            'din synpunkt kan du <a href="https://www.digg.se/tdosanmalan">anmäla till Digg</a>.</p>'
        ),
    ],
)

PERSONAL_DATA = draft(
    ContentPage,
    "personuppgifter",
    "Personuppgifter",
    "Vilka uppgifter som behandlas när du loggar in, varför, och vilka rättigheter du har.",
    body=[
        heading("Vad som behandlas"),
        text(
            paragraphs(
                "Namn, e-post i tjänsten, HSA-id eller VGR-id, anställning, uppdrag, genomförda kurser och "
                "behörigheter. Personnummer behövs inte och efterfrågas inte.",
                "Det finns inga uppgifter om patienter här, och sådana får inte föras in.",
            )
        ),
        heading("Varför"),
        text(
            "<p>För att visa att den som förskriver eller beställer har den kompetens som krävs, och för att arbetsgivaren "
            "ska kunna följa upp det.</p>"
        ),
        heading("Vem som kan se dem"),
        text(
            items(
                "Du själv.",
                "Din chef, för dem som hör till chefens enheter.",
                "Samverkansfunktionen, för uppföljning.",
                "Beställningssystemen får svar på om du får beställa, och varför.",
            )
            + "<p>När någon slår upp en person loggas det.</p>"
        ),
        heading("Dina rättigheter"),
        text(
            "<p>Du kan få ut dina uppgifter och få fel rättade. Uppgifter gallras enligt arkivreglerna och en beslutad plan; "
            "när de inte längre behövs ersätts namnet så att du inte kan kännas igen. Kontakta "
            "[[kontakt|samverkansfunktionen]].</p>"
        ),
        heading("Kakor"),
        text(
            "<p>Webbplatsen använder bara kakor som behövs: för inloggningen, skydd av formulär, ditt val av språk och av "
            "färger. Ingen följer vad du läser.</p>"
        ),
    ],
)

ABOUT_SITE = draft(
    ContentPage,
    "om-webbplatsen",
    "Om webbplatsen",
    "Vem som står bakom webbplatsen, och hur du följer den.",
    body=[
        text(
            paragraphs(
                "Hjälpmedel i Västra Götaland är Västra Götalandsregionens och de 49 kommunernas gemensamma webbplats för dem "
                "som arbetar med hjälpmedel och förbrukningsartiklar. Samverkansfunktionen är redaktion.",
                "Sökningen omfattar bara den här webbplatsens sidor. Nyheter går att följa som ett flöde (Atom); adressen "
                "finns under [[nyheter|Nyheter]].",
            )
        ),
        alert(
            "info",
            "Demonstration",
            "<p>Innehållet är skrivet för att visa hur tjänsten fungerar. Personer, produktsidor och "
            "säkerhetsmeddelanden är exempel.</p>",
        ),
    ],
)
