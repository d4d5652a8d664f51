"""The cast: whom one may log in as, and what the service must say about each."""

from __future__ import annotations

from competence.demo import stories
from competence.demo.cast import Character, Expectation
from competence.demo.teller import MUNICIPALITY, VGR
from competence.policy.decision import Outcome
from competence.policy.reasons import Code

HEALTH_CARE, UNIT, SOCIAL_CARE = "websesam.health-care", "websesam.unit", "websesam.social-care"
EDITORS, COORDINATORS = "Redaktör", "Samverkansfunktionen"
STATISTICIANS, ADMINISTRATORS = "Statistiker", "Administratör"


def _allowed(right: str = HEALTH_CARE, *codes: Code, **more: str | int) -> Expectation:
    return Expectation(right=right, outcome=Outcome.ALLOWED, codes=frozenset(codes), **more)  # type: ignore[arg-type]


def _denied(*codes: Code, right: str = HEALTH_CARE, **more: str) -> Expectation:
    return Expectation(right=right, outcome=Outcome.DENIED, codes=frozenset(codes), **more)  # type: ignore[arg-type]


CAST = (
    Character(
        handle="prescriber_ok",
        name="Frida Förskrivarsson",
        number=1,
        shows="Förskrivare med allt klart: får beställa",
        story=stories.everything_in_order,
        expects=(
            _allowed(HEALTH_CARE, Code.EMPLOYED, Code.APPOINTED, Code.REQUIREMENT_MET, Code.AUTHORISED),
            _allowed(UNIT),
        ),
    ),
    Character(
        handle="prescriber_new",
        name="Nils Nybörjarsson",
        number=2,
        shows="Ny förskrivare: ingenting är gjort ännu",
        story=stories.newly_employed,
        expects=(_denied(Code.NOT_APPOINTED, Code.LEVEL_NOT_DECIDED, Code.COURSE_MISSING, Code.NOT_AUTHORISED),),
    ),
    Character(
        handle="prescriber_missing_regional",
        name="Siv Saknarsson",
        number=3,
        shows="Förskrivare som saknar den regionala kursen",
        story=stories.lacks_the_regional_course,
        expects=(_denied(Code.COURSE_MISSING),),
    ),
    Character(
        handle="prescriber_old_course",
        name="Gunnar Gammalkursson",
        number=4,
        shows="Gammal regional kurs: räknas för sitt område, inte för ett annat",
        story=stories.has_an_old_regional_course,
        expects=(
            _allowed(HEALTH_CARE, Code.REQUIREMENT_MET, role="prescriber-mobility"),
            _denied(Code.COURSE_MISSING, role="prescriber-medical-treatment"),
        ),
    ),
    Character(
        handle="prescriber_basic_level",
        name="Berit Basnivåsson",
        number=5,
        shows="Förskrivare på basnivå, efter chefens beslut",
        story=stories.needs_the_basic_level_only,
        expects=(_allowed(HEALTH_CARE, Code.REQUIREMENT_MET),),
    ),
    Character(
        handle="prescriber_on_leave",
        name="Lena Ledighetsson",
        number=6,
        shows="Tjänstledig förskrivare: får inte beställa nu",
        story=stories.is_on_leave,
        expects=(_denied(Code.SUSPENDED),),
    ),
    Character(
        handle="prescriber_two_employers",
        name="Tove Tvåjobbsson",
        number=7,
        prefix=VGR,
        shows="Två arbetsgivare: får beställa hos den ena, inte hos den andra",
        story=stories.has_two_employers,
        expects=(
            _allowed(HEALTH_CARE, hsa_id=f"{VGR}-DEMO0007"),
            _denied(Code.NOT_APPOINTED, Code.NOT_AUTHORISED, hsa_id=f"{MUNICIPALITY}-DEMO0007"),
        ),
    ),
    Character(
        handle="prescriber_expiring",
        name="Ulla Utgångsson",
        number=8,
        shows="Förskrivare vars behörighet går ut inom 30 dagar",
        story=stories.has_a_right_that_ends_soon,
        expects=(_allowed(HEALTH_CARE, Code.AUTHORISED, within_days=30),),
    ),
    Character(
        handle="prescriber_consumables",
        name="Klara Kateterdotter",
        number=9,
        shows="Förskrivare av förbrukningsartiklar, för enhetens kundnummer 990101",
        story=stories.prescribes_consumables,
        expects=(
            _allowed("sesamlmn.order", Code.AUTHORISED, customer_number="990101"),
            _denied(Code.NOT_AUTHORISED, right="sesamlmn.order", customer_number="990102"),
        ),
    ),
    Character(
        handle="prescriber_claim_waiting",
        name="Kajsa Kursintygsson",
        number=10,
        shows="Har skickat in ett kursbevis som väntar på chefen",
        story=stories.has_sent_in_a_certificate,
        expects=(_denied(Code.COURSE_MISSING, Code.NOT_AUTHORISED),),
    ),
    Character(
        handle="prescriber_application_waiting",
        name="Anders Ansökansson",
        number=11,
        shows="Har ansökt om behörighet och väntar på chefen",
        story=stories.has_applied_for_a_right,
        expects=(_denied(Code.NOT_AUTHORISED),),
    ),
    Character(
        handle="orderer_unit",
        name="Erik Enhetsbeställarsson",
        number=12,
        shows="Beställare till enhetens förråd",
        story=stories.orders_for_the_unit,
        expects=(
            _allowed(UNIT, Code.REQUIREMENT_MET, Code.AUTHORISED),
            _denied(Code.NOT_AUTHORISED, right=HEALTH_CARE),
        ),
    ),
    Character(
        handle="orderer_social_care",
        name="Sonja Socialtjänstsson",
        number=13,
        shows="Beställare inom socialtjänst: får beställa, med en varning",
        story=stories.orders_in_social_care,
        expects=(
            Expectation(
                right=SOCIAL_CARE,
                outcome=Outcome.ALLOWED_WITH_WARNING,
                codes=frozenset({Code.COURSE_MISSING, Code.REQUIREMENT_RECOMMENDED}),
            ),
        ),
    ),
    Character(
        handle="orderer_inactive",
        name="Ivar Inaktivsson",
        number=14,
        shows="Har inte loggat in på 12 månader: behörigheten är inaktiverad",
        story=stories.has_not_logged_in_for_a_year,
        expects=(_denied(Code.AUTHORISATION_INACTIVE, right=UNIT),),
    ),
    Character(
        handle="former_employee",
        name="Bo Bortflyttarsson",
        number=15,
        shows="Har slutat: behörigheten upphörde med anställningen",
        story=stories.has_left,
        expects=(_denied(Code.NOT_EMPLOYED),),
    ),
    Character(
        handle="manager",
        name="Carin Chefsson",
        number=16,
        shows="Chef för teamet med alla dessa, med intyg och ansökningar att besluta om",
        story=stories.manages_the_team,
        expects=(_denied(Code.NOT_APPOINTED),),
    ),
    Character(
        handle="manager_superior",
        name="Vera Verksamhetschefsson",
        number=17,
        shows="Chefens chef: ser hela verksamheten",
        story=stories.manages_the_managers,
        expects=(_denied(Code.NOT_APPOINTED),),
    ),
    Character(
        handle="manager_elsewhere",
        name="Olle Områdeschefsson",
        number=18,
        shows="Chef för ett annat team: ser inte det första",
        story=stories.manages_another_team,
        expects=(_denied(Code.NOT_APPOINTED),),
    ),
    Character(
        handle="editor",
        name="Rut Redaktörsson",
        number=19,
        prefix=VGR,
        shows="Redaktör: webbplatsen och kurserna",
        story=stories.works_with_courses_and_pages,
        groups=(EDITORS,),
        expects=(_denied(Code.NOT_APPOINTED),),
    ),
    Character(
        handle="coordinator",
        name="Sam Samverkarsson",
        number=20,
        prefix=VGR,
        shows="Samverkansfunktionen: statistik, kurser och regler",
        story=stories.coordinates,
        groups=(COORDINATORS,),
        expects=(_denied(Code.NOT_APPOINTED),),
    ),
    Character(
        handle="statistician",
        name="Stina Statistiksson",
        number=21,
        prefix=VGR,
        shows="Statistiker: siffror utan personer",
        story=stories.counts,
        groups=(STATISTICIANS,),
        expects=(_denied(Code.NOT_APPOINTED),),
    ),
    Character(
        handle="admin",
        name="Ada Administratörsson",
        number=22,
        prefix=VGR,
        shows="Administratör: regler, roller och kopplingar",
        story=stories.administers,
        groups=(ADMINISTRATORS, EDITORS),
        expects=(_denied(Code.NOT_APPOINTED),),
    ),
    Character(
        handle="system_administrator",
        name="Sixten Systemförvaltarsson",
        number=23,
        prefix=VGR,
        shows="Förvaltar webSesam och SesamLMN: lägger in behörigheter för hand",
        story=stories.administers_the_ordering_systems,
        expects=(_denied(Code.NOT_APPOINTED),),
    ),
    Character(
        handle="teacher",
        name="Lova Lärarsson",
        number=24,
        prefix=VGR,
        shows="Håller kurser på plats och via video: deltagare och närvaro",
        story=stories.teaches,
        expects=(_denied(Code.NOT_APPOINTED),),
    ),
    Character(
        handle="deputy",
        name="Stella Ställföreträdarsson",
        number=25,
        shows="Ersätter chefen i två månader: ser teamet och beslutar i chefens ställe",
        story=stories.stands_in_for_the_manager,
        expects=(_denied(Code.NOT_APPOINTED),),
    ),
)
