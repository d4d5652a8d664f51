"""Övriga produktområden i handboken för hälso- och sjukvård, och alla i ordning."""

from cms.content.health_care_mobility import LIFTING, MANUAL_WHEELCHAIRS, POWERED_WHEELCHAIRS, TRANSFER, WALKING
from cms.content.pieces import paragraphs
from cms.content.product_pieces import area, product

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
