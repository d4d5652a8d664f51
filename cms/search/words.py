"""The words that the search knows more about than a stemmer does. Written as Swedes write them; folded on import.

To teach the search a word: a compound that should be found by its parts needs the parts in `PARTS`; a word whose forms
differ within the stem (medel, medlet) goes to `LEMMAS`; two names of one thing go to `SYNONYMS`. Then run
`manage.py rebuild_search`.
"""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# Forms -> the form they are filed under. Endings of compounds follow: förbrukningsartiklar is read as
# förbruknings + artiklar.
LEMMAS: dict[str, str] = {
    form: lemma
    for lemma, forms in {
        "kurs": "kurs kurser kursen kurserna kursens kursers kursernas",
        "medel": "medel medlet medlen medels medlets medlens",
        "hjälpmedel": "hjälpmedel hjälpmedlet hjälpmedlen hjälpmedels hjälpmedlets hjälpmedlens",
        "artikel": "artikel artikeln artiklar artiklarna artiklars artiklarnas artikelns",
        "möbel": "möbel möbeln möbler möblerna",
        "cykel": "cykel cykeln cyklar cyklarna",
        "sko": "sko skon skor skorna",
        "dyna": "dyna dynan dynor dynorna",
        "skena": "skena skenan skenor skenorna",
        "käpp": "käpp käppen käppar käpparna",
        "ansökan": "ansökan ansökans ansökningar ansökningarna ansökningen",
        "behörighet": "behörighet behörigheten behörigheter behörigheterna behörig behöriga",
        "hand": "hand handen händer händerna",
        "bok": "bok boken böcker böckerna",
        "syn": "syn synen",
        "säng": "säng sängen sängar sängarna",
        "ledning": "ledning ledningen ledningar",
        "avtal": "avtal avtalet avtalen avtalets",
        "råd": "råd rådet råden",
        "stöd": "stöd stödet stöden",
        "barn": "barn barnet barnen barns",
        "kommun": "kommun kommunen kommuner kommunerna kommunal kommunala kommunalt",
        "region": "region regionen regioner regional regionala regionalt",
        "intyg": "intyg intyget intygen intyga",
        "chef": "chef chefen chefer cheferna",
        "test": "test testet tester testerna",
        "golv": "golv golvet",
        "sele": "sele selen selar selarna",
        "område": "område området områden områdena",
        "lyft": "lyft lyften lyftar lyftarna lyfta",
    }.items()
    for form in forms.split()
}

# The parts that compounds of this field are made of.
PARTS: tuple[str, ...] = _words(
    """
    aktiv andning anpassning ansvar ansökan arm artikel avtal barn bad bas behandling behov behörighet beredning
    beslut beställare beställning bevis bok boende bord cykel dusch dyna el enhet fall fot förbrukning förflyttning
    försörjare förskrivare förskrivning förskrivar förvaltning golv grupp gång hand handbok hem hjälp hjälpmedel hygien
    hälsa hörapparat hörsel huvudman höjd inkontinens innehåll instruktion intyg kateter kommun kommunikation kompetens
    kontakt kostnad krav kunskap kurs kudde kök larm ledning lyft läkemedel lår läge madrass medel medicin meddelande
    minne mobil nivå nutrition nyhet nära område ordning organisation ortos patient personal plan plikt primärvård
    produkt protes prov ramp rapport recept region regel representant rikt riktlinje rollator rullstol råd rätt
    samarbete samverkan sele serie sits sitt sjukhus sjukvård skada skena sko skoter sortiment stol strumpa styrning
    stöd säng
    säkerhet syn system sår socialtjänst tal tavla teknik test tid tillbehör toalett transport trycksår träning tryck
    trapp ut uppföljning urval uttag utbildning utprovning vagn vård väst web webb överflyttning överenskommelse
    """
)

# Names of one thing; the first is what all are filed under. Several words make a phrase.
SYNONYMS: tuple[tuple[str, ...], ...] = (
    ("förbrukningsartikel", "LMN", "läkemedelsnära produkt", "läkemedelsnära produkter", "läkemedelsnära artiklar"),
    ("hjälpmedelscentralen", "HMC"),
    ("västra götalandsregionen", "VGR"),
    ("rullstol", "rulle"),
    ("rollator", "gåbock", "gångbord"),
    ("personlyft", "patientlyft", "taklyft", "golvlyft"),
    ("kursbevis", "kursintyg", "utbildningsintyg"),
    ("hörapparat", "hörhjälpmedel"),
    ("trycksår", "liggsår", "decubitus", "antidecubitus"),
    ("inkontinens", "blöja", "blöjor"),
    ("säkerhetsmeddelande", "säkerhetsinformation", "field safety notice"),
    ("socialtjänst", "SoL"),
    ("hälso- och sjukvård", "HSL"),
    ("beredningsgrupp", "BG"),
    ("e-legitimation", "SITHS"),
)

# Too common to search for, unless nothing else was written.
STOP_WORDS: frozenset[str] = frozenset(
    _words(
        "och i att en ett det som på är av för med till den har de inte om man vid kan från eller vad hur när var jag "
        "min mitt mina du din ska får"
    )
)
