"""Packages of SCORM 2004 with rules of their own, packed by the tests."""

from __future__ import annotations

from tests.courses.packages import zip_of

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<manifest identifier="m" xmlns="http://www.imsglobal.org/xsd/imscp_v1p1"
  xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_v1p3" xmlns:adlseq="http://www.adlnet.org/xsd/adlseq_v1p3"
  xmlns:adlnav="http://www.adlnet.org/xsd/adlnav_v1p3" xmlns:imsss="http://www.imsglobal.org/xsd/imsss">
 <metadata><schema>ADL SCORM</schema><schemaversion>2004 4th Edition</schemaversion></metadata>"""


def part(name: str, sequencing: str = "", *, extra: str = "", kind: str = "sco") -> tuple[str, str]:
    """An item with its sequencing, and its resource."""
    return (
        f'<item identifier="{name}" identifierref="r-{name}"><title>{name.capitalize()}</title>'
        f"{f'<imsss:sequencing>{sequencing}</imsss:sequencing>' if sequencing else ''}{extra}</item>",
        f'<resource identifier="r-{name}" type="webcontent" adlcp:scormType="{kind}" href="{name}.html"/>',
    )


def sequenced_package(
    *parts: tuple[str, str],
    sequencing: str = '<imsss:controlMode choice="false" flow="true"/>',
    everywhere: bool = False,
    stores_everywhere: bool = True,
) -> bytes:
    """A package of these parts. `everywhere`: its objectives outlive it; `stores_everywhere`: its stores do."""
    items = "".join(item for item, _resource in parts)
    names = [resource.partition('href="')[2].partition('"')[0] for _item, resource in parts]
    manifest = (
        f'{HEAD}<organizations default="o"><organization identifier="o" '
        f'adlseq:objectivesGlobalToSystem="{str(everywhere).lower()}" '
        f'adlcp:sharedDataGlobalToSystem="{str(stores_everywhere).lower()}"><title>Kurs med regler</title>{items}'
        f"<imsss:sequencing>{sequencing}</imsss:sequencing></organization></organizations>"
        f"<resources>{''.join(resource for _item, resource in parts)}</resources></manifest>"
    )
    return zip_of({"imsmanifest.xml": manifest, **{name: f"<!doctype html><title>{name}</title>" for name in names}})


def objective(target: str, *, reads: bool = False, writes: bool = False) -> str:
    return (
        '<imsss:objectives><imsss:primaryObjective objectiveID="main">'
        f'<imsss:mapInfo targetObjectiveID="{target}" readSatisfiedStatus="{str(reads).lower()}" '
        f'readNormalizedMeasure="{str(reads).lower()}" writeSatisfiedStatus="{str(writes).lower()}"/>'
        "</imsss:primaryObjective></imsss:objectives>"
    )


def rule(kind: str, condition: str, action: str, *, negated: bool = False) -> str:
    operator = ' operator="not"' if negated else ""
    conditions = f'<imsss:ruleCondition condition="{condition}"{operator}/>'
    return (
        f"<imsss:sequencingRules><imsss:{kind}><imsss:ruleConditions>{conditions}</imsss:ruleConditions>"
        f'<imsss:ruleAction action="{action}"/></imsss:{kind}></imsss:sequencingRules>'
    )


def remedial_package() -> bytes:
    """A lesson, and a test that leads back to the lesson until it is passed."""
    return sequenced_package(
        part("lesson"), part("test", rule("postConditionRule", "satisfied", "previous", negated=True))
    )
