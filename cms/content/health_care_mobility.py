"""Produktområden för förflyttning i handboken för hälso- och sjukvård."""

from cms.content.pieces import items, paragraphs
from cms.content.product_pieces import area, product

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
