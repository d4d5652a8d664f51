"""Produktområden och produkter i handboken för hälso- och sjukvård. Sidorna är exempel, och säger det själva."""

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

WALKING = area(
    "12 06",
    "12-06-ganghjalpmedel-bada-armarna",
    "Gånghjälpmedel som hanteras med båda armarna",
    "Gåstativ, rollatorer och gåbord.",
    product(
        "12 06 06",
        "12-06-06-rollatorer",
        "Rollatorer",
        "Rollatorer för inomhus- och utomhusbruk.",
        criteria=paragraphs(
            "Nedsatt gångförmåga eller balans som gör att patienten behöver stöd av båda armarna för att gå säkert.",
            "Patienten ska kunna bromsa och styra rollatorn, eller ha stöd av någon som kan.",
        ),
        goal=paragraphs("Patienten går säkrare, orkar längre och kan delta i vardagens aktiviteter."),
        instructions=items(
            "Ställ in handtagens höjd och prova bromsarna tillsammans med patienten.",
            "Visa hur rollatorn fälls, lyfts över en tröskel och låses när man sitter på den.",
            "Kontrollera att rollatorn går att använda där patienten bor.",
        ),
        number="<p>En. En andra rollator förskrivs bara när patienten inte kan förflytta den mellan våningsplan.</p>",
    ),
    product(
        "12 06 03",
        "12-06-03-gastativ",
        "Gåstativ",
        "Gåstativ utan hjul eller med två hjul.",
        criteria="<p>Kraftigt nedsatt balans eller gångförmåga inomhus, där en rollator inte ger tillräckligt stöd.</p>",
        goal="<p>Patienten kan förflytta sig inomhus på egen hand eller med mindre stöd.</p>",
        instructions="<p>Prova ut höjden och träna gång, uppresning och att vända i trånga utrymmen.</p>",
    ),
)

MANUAL_WHEELCHAIRS = area(
    "12 22",
    "12-22-manuellt-drivna-rullstolar",
    "Manuellt drivna rullstolar",
    "Rullstolar som patienten driver själv eller som någon annan kör.",
    product(
        "12 22 03",
        "12-22-03-rullstolar-drivringar",
        "Rullstolar som drivs med drivringar",
        "Allroundrullstolar och aktivrullstolar som patienten kör själv med båda händerna.",
        criteria=paragraphs(
            "Varaktigt eller långvarigt nedsatt gångförmåga som gör att patienten inte kan förflytta sig till fots.",
            "Aktivrullstol: patienten kör självständigt och behöver en rullstol som är individuellt anpassad.",
        ),
        goal=paragraphs("Patienten kan förflytta sig självständigt och sitta med god hållning utan att få trycksår."),
        instructions=paragraphs(
            "Bedöm sittande, kroppsmått, körförmåga och miljön där rullstolen ska användas. Bedöm risken för trycksår "
            "och behovet av sittdyna samtidigt.",
            "Instruera patient och medhjälpare om bromsar, tippskydd, fällning och lyft in i bil. Den som ska resa i "
            "rullstolen i fordon behöver en egen bedömning.",
        ),
        follow_up=paragraphs(
            "Följ upp inom en månad efter leverans och därefter efter behov. För barn som växer planeras uppföljning i "
            "förväg.",
        ),
    ),
    product(
        "12 22 18",
        "12-22-18-transportrullstolar",
        "Rullstolar som körs av medhjälpare",
        "Rullstolar för den som inte kan köra själv.",
        criteria="<p>Patienten kan inte gå längre sträckor och kan inte själv driva en rullstol.</p>",
        goal="<p>Patienten kan komma ut och delta i aktiviteter tillsammans med en medhjälpare.</p>",
        instructions="<p>Instruera medhjälparen. Tänk på arbetsställningen och på var rullstolen ska förvaras.</p>",
    ),
)

POWERED_WHEELCHAIRS = area(
    "12 23",
    "12-23-motordrivna-rullstolar",
    "Motordrivna rullstolar",
    "Elrullstolar för inomhus- och utomhusbruk.",
    product(
        "12 23 06",
        "12-23-06-elrullstolar",
        "Elrullstolar med elektronisk styrning",
        "Elrullstolar som styrs med joystick eller annat styrsätt.",
        criteria=paragraphs(
            "Patienten kan inte förflytta sig till fots och inte självständigt köra en manuell rullstol.",
            "Patienten ska efter träning kunna köra säkert, för sig själv och för andra. Det prövas i den miljö där "
            "rullstolen ska användas.",
        ),
        goal="<p>Patienten förflyttar sig självständigt och säkert i sin vardag.</p>",
        instructions=items(
            "Körträna och dokumentera bedömningen av körförmågan.",
            "Kontrollera laddplats, förvaring och framkomlighet före beställning.",
            "Gå igenom laddning, friläge och vad som gäller vid fel.",
        ),
        patient_responsibility=items(
            "Ladda batterierna enligt instruktionen.",
            "Förvara elrullstolen torrt och låst, och anmäla förlust.",
            "Rengöra, och kontakta försörjaren vid fel.",
        ),
    ),
)

TRANSFER = area(
    "12 31",
    "12-31-overflyttning",
    "Hjälpmedel för överflyttning och vändning",
    "Glidlakan, glidbrädor och vridplattor.",
    product(
        "12 31 03",
        "12-31-03-glidbrador-glidmattor",
        "Glidbrädor och glidmattor",
        "Hjälpmedel som minskar friktionen när någon flyttar sig eller blir flyttad.",
        criteria="<p>Patienten behöver stöd för att vända sig eller flytta sig mellan säng, stol och rullstol.</p>",
        goal="<p>Överflyttningen blir skonsam för patienten och säker för den som hjälper till.</p>",
        instructions=paragraphs(
            "Prova tillsammans med patienten och dem som hjälper till. Instruera alla som ska använda hjälpmedlet.",
            "Glidlakan ska tas bort efter förflyttningen om de inte är gjorda för att ligga kvar.",
        ),
        who_may_prescribe=paragraphs(
            "Arbetsterapeut, fysioterapeut och sjuksköterska som verksamhetschefen har utsett till förskrivare."
        ),
    ),
)

LIFTING = area(
    "12 36",
    "12-36-lyftar",
    "Hjälpmedel för att lyfta personer",
    "Personlyftar och lyftselar.",
    product(
        "12 36 03",
        "12-36-03-mobila-lyftar",
        "Mobila lyftar med lyftsele",
        "Golvlyftar som används tillsammans med en utprovad lyftsele.",
        criteria="<p>Patienten kan inte resa eller flytta sig säkert, inte heller med stöd av en person.</p>",
        goal="<p>Patienten lyfts tryggt och utan smärta; den som hjälper till arbetar säkert.</p>",
        instructions=paragraphs(
            "Lyft och lyftsele provas ut tillsammans. Kontrollera att de är godkända att använda ihop.",
            "Alla som ska lyfta instrueras av förskrivaren. Hjälpmedelscentralens kurs [[forsorjare/utbildningar|Lyftar "
            "och lyftselar]] har fyra timmars praktik i små grupper.",
        ),
        follow_up=paragraphs(
            "Följ upp lyftselens passform när patientens vikt eller hållning förändras. Lyftselar ska inspekteras före "
            "varje lyft och kasseras vid skada."
        ),
    ),
)

PRESSURE = area(
    "04 33",
    "04-33-trycksar",
    "Hjälpmedel mot trycksår",
    "Sittdynor och madrasser som avlastar tryck (antidecubitus).",
    product(
        "04 33 03",
        "04-33-03-dynor",
        "Dynor mot trycksår",
        "Tryckavlastande sittdynor för rullstol och stol.",
        who_may_prescribe=paragraphs(
            "Arbetsterapeut, fysioterapeut och sjuksköterska som verksamhetschefen har utsett till förskrivare."
        ),
        criteria="<p>Patienten har trycksår, eller bedöms med ett validerat instrument ha ökad risk att få det.</p>",
        goal="<p>Trycksår förebyggs eller läker, och patienten kan sitta bekvämt så länge som vardagen kräver.</p>",
        instructions=paragraphs(
            "Bedöm hela sittandet: dyna, rullstol och hållning påverkar varandra. Kontrollera huden efter första "
            "dagens användning.",
            "En dyna ersätter inte lägesändringar. Gör upp en plan för dem tillsammans med patienten.",
        ),
    ),
    product(
        "04 33 06",
        "04-33-06-madrasser",
        "Madrasser mot trycksår",
        "Tryckavlastande madrasser och bäddmadrasser.",
        who_may_prescribe=paragraphs(
            "Sjuksköterska, arbetsterapeut och fysioterapeut som verksamhetschefen har utsett till förskrivare."
        ),
        criteria="<p>Patienten har trycksår eller ökad risk och tillbringar stor del av dygnet i sängen.</p>",
        goal="<p>Trycksår förebyggs eller läker.</p>",
        instructions=paragraphs(
            "Anpassa inställningen efter patientens vikt och läge. Lägg så få lager som möjligt på madrassen.",
            "Visa patient och närstående vad ett larm betyder och vad de ska göra vid strömavbrott.",
        ),
    ),
)

ORTHOSES = area(
    "06 12",
    "06-12-ortoser-ben",
    "Ortoser för nedre extremitet",
    "Fot-, knä- och höftortoser.",
    product(
        "06 12 06",
        "06-12-06-fotledsortoser",
        "Ortoser för fot och fotled",
        "Ortoser som stödjer foten och fotleden.",
        who_may_prescribe=paragraphs(
            "Läkare, och annan förskrivare av ortoser, proteser och skor som verksamhetschefen har utsett."
        ),
        criteria="<p>Nedsatt funktion i fot eller fotled som påverkar gång eller ställning.</p>",
        goal="<p>Patienten går säkrare och med mindre smärta eller trötthet.</p>",
        instructions="<p>Ortosen provas ut vid en ortopedteknisk enhet. Kontrollera tryckpunkter på huden.</p>",
        ordering_system="Remiss eller beställning enligt den ortopedtekniska enhetens rutin",
        supplier="@forsorjare/ortopedtekniska-enheter",
    ),
)

ABSORBING = area(
    "09 30",
    "09-30-absorberande-produkter",
    "Absorberande produkter",
    "Inkontinensskydd, en del av förbrukningsartiklarna (tidigare läkemedelsnära produkter, LMN).",
    product(
        "09 30",
        "absorberande-inkontinensskydd",
        "Absorberande inkontinensskydd",
        "Skydd vid urin- eller avföringsinkontinens.",
        who_may_prescribe=paragraphs(
            "Sjuksköterska, läkare, barnmorska och fysioterapeut som verksamhetschefen har utsett till förskrivare av "
            "förbrukningsartiklar.",
            "Förskrivaren ska ha gått Socialstyrelsens kurs <i>Förskrivning av förbrukningsartiklar</i> och den "
            "regionala webbkursen för förskrivare.",
        ),
        criteria="<p>Inkontinens som är utredd, och där behandling inte är tillräcklig eller inte möjlig.</p>",
        goal="<p>Patienten är torr och trygg och kan delta i sin vardag.</p>",
        instructions=paragraphs(
            "Utred och prova ut individuellt. Välj minsta skydd som räcker, och olika skydd för dag och natt när "
            "behovet skiljer sig.",
        ),
        number="<p>Enligt individuell bedömning, i mängder för högst tre månader åt gången.</p>",
        ordering_system="SesamLMN, med enhetens sexsiffriga kundnummer",
        supplier="@forsorjare/lakemedelsnara-produkter",
    ),
)

HEARING = area(
    "22 06",
    "22-06-horhjalpmedel",
    "Hjälpmedel för att höra",
    "Hörapparater och tillbehör.",
    product(
        "22 06",
        "horapparater",
        "Hörapparater",
        "Hörapparater för den som har en hörselnedsättning.",
        who_may_prescribe=paragraphs(
            "Audionom som verksamhetschefen har utsett till förskrivare av syn- och hörselhjälpmedel.",
            "För syn- och hörselhjälpmedel sker det regionala momentet genom självstudier av handboken, som chefen "
            "intygar.",
        ),
        criteria="<p>Hörselnedsättning som är konstaterad med hörselmätning och ger svårigheter i vardagen.</p>",
        goal="<p>Patienten kan uppfatta tal och samtala i de situationer som är viktiga för hen.</p>",
        instructions="<p>Prova ut, instruera och träna. Ge skriftlig instruktion om skötsel och batterier.</p>",
        ordering_system="Enligt rutinen hos Habilitering & Hälsa",
        supplier="@forsorjare/habilitering-och-halsa",
    ),
)

AREAS = [
    PRESSURE,
    ORTHOSES,
    ABSORBING,
    WALKING,
    MANUAL_WHEELCHAIRS,
    POWERED_WHEELCHAIRS,
    TRANSFER,
    LIFTING,
    HEARING,
]
