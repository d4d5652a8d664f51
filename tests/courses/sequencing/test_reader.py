"""What a manifest says of sequencing, read whole."""

from __future__ import annotations

from courses.scorm.manifest import from_json, to_json
from courses.scorm.manifest_reader import read_manifest
from courses.scorm.sequencing.definition import Condition, ObjectiveMap, Rule, Tree
from courses.scorm.sequencing.definition_reader import tree_of

MANIFEST = """<?xml version="1.0" encoding="UTF-8"?>
<manifest identifier="m" xmlns="http://www.imsglobal.org/xsd/imscp_v1p1"
  xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_v1p3" xmlns:adlseq="http://www.adlnet.org/xsd/adlseq_v1p3"
  xmlns:adlnav="http://www.adlnet.org/xsd/adlnav_v1p3" xmlns:imsss="http://www.imsglobal.org/xsd/imsss">
 <metadata><schema>ADL SCORM</schema><schemaversion>2004 4th Edition</schemaversion></metadata>
 <organizations default="o"><organization identifier="o" {organisation}><title>Kurs</title>{items}
 </organization></organizations>
 <resources><resource identifier="r" type="webcontent" adlcp:scormType="sco" href="a.html"/></resources>
 <imsss:sequencingCollection>{collection}</imsss:sequencingCollection>
</manifest>"""


def tree(items: str, *, organisation: str = "", collection: str = "") -> Tree:
    source = MANIFEST.format(items=items, organisation=organisation, collection=collection).encode()
    manifest = read_manifest(source, ["a.html"])
    assert from_json(to_json(manifest)) == manifest
    return tree_of(manifest)


def test_a_package_that_says_nothing_is_plain_and_keeps_the_learners_work() -> None:
    plain = tree('<item identifier="a" identifierref="r"><title>A</title></item>')
    assert plain.keeps_work
    a = plain.activities["a"]
    assert (a.choice, a.flow, a.tracked, a.rollup_progress, a.measure_weight) == (True, False, True, True, 1.0)
    assert plain.root.identifier == "o"


def test_every_element_is_read() -> None:
    read = tree(
        """<item identifier="c"><title>C</title>
          <item identifier=" a " identifierref=" r "><title>A</title>
           <imsss:sequencing>
            <imsss:sequencingRules>
             <imsss:preConditionRule><imsss:ruleConditions conditionCombination="any">
              <imsss:ruleCondition condition="objectiveMeasureGreaterThan" operator="not" measureThreshold="0.25"
                referencedObjective=" an%20other "/><imsss:ruleCondition condition="always"/>
             </imsss:ruleConditions><imsss:ruleAction action="skip"/></imsss:preConditionRule>
             <imsss:postConditionRule><imsss:ruleConditions><imsss:ruleCondition condition="always"/>
             </imsss:ruleConditions><imsss:ruleAction action="retryAll"/></imsss:postConditionRule>
             <imsss:exitConditionRule><imsss:ruleConditions><imsss:ruleCondition condition="completed"/>
             </imsss:ruleConditions><imsss:ruleAction action="exit"/></imsss:exitConditionRule>
            </imsss:sequencingRules>
            <imsss:limitConditions attemptLimit="2" attemptAbsoluteDurationLimit="PT10M"/>
            <imsss:rollupRules rollupObjectiveSatisfied="false" rollupProgressCompletion="false"
              objectiveMeasureWeight="0.5"/>
            <imsss:objectives>
             <imsss:primaryObjective objectiveID="main" satisfiedByMeasure="true">
              <imsss:minNormalizedMeasure>0.6</imsss:minNormalizedMeasure>
              <imsss:mapInfo targetObjectiveID="g" readNormalizedMeasure="false" writeSatisfiedStatus="true"/>
             </imsss:primaryObjective>
             <imsss:objective objectiveID="an other"/>
            </imsss:objectives>
            <imsss:randomizationControls selectionTiming="once" selectCount="3" reorderChildren="true"
              randomizationTiming="onEachNewAttempt"/>
            <imsss:deliveryControls tracked="false" completionSetByContent="true" objectiveSetByContent="1"/>
            <adlseq:constrainedChoiceConsiderations preventActivation="true" constrainChoice="true"/>
            <adlseq:rollupConsiderations requiredForCompleted="ifAttempted" measureSatisfactionIfActive="false"/>
            <adlseq:objectives><adlseq:objective objectiveID="an other">
             <adlseq:mapInfo targetObjectiveID="h" readMinScore="false" writeRawScore="true"/>
            </adlseq:objective></adlseq:objectives>
           </imsss:sequencing>
           <adlnav:presentation><adlnav:navigationInterface><adlnav:hideLMSUI>continue</adlnav:hideLMSUI>
            <adlnav:hideLMSUI>sing</adlnav:hideLMSUI></adlnav:navigationInterface></adlnav:presentation>
           <adlcp:completionThreshold completedByMeasure="true" minProgressMeasure="0.75" progressWeight="0.2"/>
          </item>
          <imsss:sequencing>
           <imsss:controlMode choice="false" choiceExit="false" flow="true" forwardOnly="true"
             useCurrentAttemptObjectiveInfo="false" useCurrentAttemptProgressInfo="false"/>
           <imsss:rollupRules><imsss:rollupRule childActivitySet="atLeastCount" minimumCount="2">
            <imsss:rollupConditions conditionCombination="all"><imsss:rollupCondition condition="completed"/>
            </imsss:rollupConditions><imsss:rollupAction action="completed"/></imsss:rollupRule></imsss:rollupRules>
          </imsss:sequencing></item>""",
        organisation='adlseq:objectivesGlobalToSystem="false"',
    )
    a, c = read.activities["a"], read.activities["c"]
    conditions = (Condition("objectiveMeasureGreaterThan", True, "an other", 0.25), Condition("always"))
    assert a.pre_rules == (Rule("skip", conditions, "any"),)
    assert a.post_rules == (Rule("retryAll", (Condition("always"),)),)
    assert a.exit_rules == (Rule("exit", (Condition("completed"),)),)
    assert (a.attempt_limit, a.attempt_duration_limit) == (2, 600)
    assert (a.rollup_satisfied, a.rollup_progress, a.measure_weight) == (False, False, 0.5)
    assert (a.primary.identifier, a.primary.satisfied_by_measure, a.primary.minimum_measure) == ("main", True, 0.6)
    assert a.primary.maps == (ObjectiveMap("g", frozenset({"satisfied"}), frozenset({"satisfied"})),)
    other = a.objective("an other")
    assert other is not None
    assert other.maps == (
        ObjectiveMap("h", frozenset({"raw", "maximum", "completed", "progress"}), frozenset({"raw"})),
    )
    assert (a.selection, a.select_count, a.randomisation, a.reorder) == ("once", 3, "onEachNewAttempt", True)
    assert (a.tracked, a.completion_set_by_content, a.objective_set_by_content) == (False, True, True)
    assert (a.prevent_activation, a.constrain_choice) == (True, True)
    assert (a.considerations.completed, a.considerations.measure_satisfaction_if_active) == ("ifAttempted", False)
    assert (a.completed_by_measure, a.minimum_progress, a.progress_weight) == (True, 0.75, 0.2)
    assert a.hidden_buttons == {"continue"}
    assert (c.choice, c.choice_exit, c.flow, c.forward_only) == (False, False, True, True)
    assert (c.use_current_objectives, c.use_current_progress) == (False, False)
    assert (c.rollup_rules[0].children, c.rollup_rules[0].minimum_count) == ("atLeastCount", 2)
    assert not read.objectives_are_global
    assert not read.keeps_work


def test_what_a_part_refers_to_in_the_collection_is_taken_unless_it_says_so_itself() -> None:
    read = tree(
        """<item identifier="a" identifierref="r"><title>A</title><imsss:sequencing IDRef="  shared ">
            <imsss:limitConditions attemptLimit="1"/></imsss:sequencing></item>""",
        collection="""<imsss:sequencing ID="shared"><imsss:controlMode choiceExit="false"/>
            <imsss:limitConditions attemptLimit="9"/></imsss:sequencing>""",
    )
    assert (read.activities["a"].choice_exit, read.activities["a"].attempt_limit) == (False, 1)


def test_the_third_editions_threshold_is_read_too() -> None:
    read = tree(
        """<item identifier="a" identifierref="r"><title>A</title>
            <adlcp:completionThreshold>0.8</adlcp:completionThreshold></item>"""
    )
    assert (read.activities["a"].completed_by_measure, read.activities["a"].minimum_progress) == (True, 0.8)


def test_what_is_misspelt_counts_as_not_said() -> None:
    read = tree(
        """<item identifier="a" identifierref="r"><title>A</title><imsss:sequencing>
            <imsss:controlMode choice="yes" flow="perhaps"/><imsss:limitConditions attemptLimit="many"/>
            <imsss:sequencingRules><imsss:preConditionRule><imsss:ruleAction action="dance"/></imsss:preConditionRule>
            </imsss:sequencingRules></imsss:sequencing></item>"""
    )
    a = read.activities["a"]
    assert (a.choice, a.flow, a.attempt_limit, a.pre_rules) == (True, False, None, ())
