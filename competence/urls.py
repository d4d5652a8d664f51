"""The pages of eligibility (the person's own) and of the team (the manager's)."""

from django.urls import include, path

from competence.views.apply import apply, my_application
from competence.views.bulk import bulk
from competence.views.change_reports import handled, report
from competence.views.claim_completion import claim_completion
from competence.views.completion_imports import (
    columns,
    completion_import,
    completion_imports,
    discard_import,
    faults_file,
    record_import,
    resume_import,
    stop_import,
)
from competence.views.decisions import application, claim, claim_file, decisions
from competence.views.deputies import deputies, deputy_end, deputy_new
from competence.views.member import member
from competence.views.member_actions import member_action
from competence.views.merging import change_identity, merge, people, person_record, split, wrong_completion
from competence.views.my_applications import delete_application, review_application, withdraw
from competence.views.my_eligibility import my_eligibility
from competence.views.rule_admin import new_draft, rules_admin, rules_version, version_file
from competence.views.rule_draft import compare_draft, draft, draft_file
from competence.views.rule_draft import withdraw as withdraw_draft
from competence.views.rule_pages import rules, rules_of_role
from competence.views.rule_publish import publish
from competence.views.rule_schema import rules_schema
from competence.views.rule_simulation import simulate_draft, simulation, simulation_file, simulations, stop
from competence.views.system_administrators import end_administrator, system_administrators
from competence.views.team import team
from competence.views.team_export import team_export
from competence.views.time_machine import (
    find_person,
    member_time_machine,
    my_time_machine,
    person_time_machine,
)
from competence.views.transfers import carry_out, transfers, transfers_export, undo_carried_out

app_name = "competence"
urlpatterns = [
    path("kurslistor/", completion_imports, name="completion_imports"),
    path("kurslistor/<uuid:public_id>/", completion_import, name="completion_import"),
    path("kurslistor/<uuid:public_id>/kolumner/", columns, name="completion_import_columns"),
    path("kurslistor/<uuid:public_id>/registrera/", record_import, name="record_import"),
    path("kurslistor/<uuid:public_id>/stoppa/", stop_import, name="stop_import"),
    path("kurslistor/<uuid:public_id>/fortsatt/", resume_import, name="resume_import"),
    path("kurslistor/<uuid:public_id>/kasta/", discard_import, name="discard_import"),
    path("kurslistor/<uuid:public_id>/fel/<slug:fmt>/", faults_file, name="completion_import_faults"),
    path("min-behorighet/", my_eligibility, name="my_eligibility"),
    path("min-behorighet/intyga/", claim_completion, name="claim_completion"),
    path("min-behorighet/ansok/", apply, name="apply"),
    path("min-behorighet/ansok/<uuid:public_id>/", my_application, name="my_application"),
    path("min-behorighet/ansok/<uuid:public_id>/granska/", review_application, name="review_application"),
    path("min-behorighet/ansok/<uuid:public_id>/aterta/", withdraw, name="withdraw_application"),
    path("min-behorighet/ansok/<uuid:public_id>/ta-bort/", delete_application, name="delete_application"),
    path("regler/schema.json", rules_schema, name="rules_schema"),
    path("regler/administration/", rules_admin, name="rules_admin"),
    path("regler/administration/utkast/ny/", new_draft, name="new_draft"),
    path("regler/administration/utkast/<uuid:public_id>/", draft, name="draft"),
    path("regler/administration/utkast/<uuid:public_id>/fil/", draft_file, name="draft_file"),
    path("regler/administration/utkast/<uuid:public_id>/jamfor/", compare_draft, name="compare_draft"),
    path("regler/administration/utkast/<uuid:public_id>/simulera/", simulate_draft, name="simulate_draft"),
    path("regler/administration/utkast/<uuid:public_id>/publicera/", publish, name="publish_draft"),
    path("regler/administration/utkast/<uuid:public_id>/lagg-undan/", withdraw_draft, name="withdraw_draft"),
    path("regler/administration/version/<int:number>/", rules_version, name="rules_version"),
    path("regler/administration/version/<int:number>/fil/", version_file, name="version_file"),
    path("regler/", rules, name="rules"),
    path("regler/simulering/", simulations, name="simulations"),
    path("regler/<slug:role>/", rules_of_role, name="rules_of_role"),
    path("regler/simulering/<uuid:public_id>/", simulation, name="simulation"),
    path("regler/simulering/<uuid:public_id>/stoppa/", stop, name="stop_simulation"),
    path("regler/simulering/<uuid:public_id>/fil.<slug:fmt>", simulation_file, name="simulation_file"),
    path("min-behorighet/tidsmaskin/", my_time_machine, name="my_time_machine"),
    path("tidsmaskin/", find_person, name="find_person"),
    path("tidsmaskin/<uuid:public_id>/", person_time_machine, name="person_time_machine"),
    path("mitt-team/", team, name="team"),
    path("mitt-team/fil.<slug:fmt>", team_export, name="team_export"),
    path("min-behorighet/andring/", report, name="report_change"),
    path("mitt-team/andring/<uuid:public_id>/", handled, name="handle_report"),
    path("mitt-team/beslut/", decisions, name="decisions"),
    path("mitt-team/beslut/intyg/<uuid:public_id>/", claim, name="claim"),
    path("mitt-team/beslut/intyg/<uuid:public_id>/fil/", claim_file, name="claim_file"),
    path("mitt-team/beslut/ansokan/<uuid:public_id>/", application, name="application"),
    path("mitt-team/flera/<slug:action>/", bulk, name="bulk"),
    path("mitt-team/ersattare/", deputies, name="deputies"),
    path("mitt-team/ersattare/ny/<uuid:person_id>/", deputy_new, name="deputy_new"),
    path("mitt-team/ersattare/<uuid:public_id>/avsluta/", deputy_end, name="deputy_end"),
    path("mitt-team/<uuid:employment_id>/", member, name="member"),
    path("mitt-team/<uuid:employment_id>/tidsmaskin/", member_time_machine, name="member_time_machine"),
    path("mitt-team/<uuid:employment_id>/<slug:action>/", member_action, name="member_action"),
    path("personposter/", people, name="people"),
    path("personposter/<uuid:person_id>/", person_record, name="person_record"),
    path("personposter/<uuid:person_id>/sla-ihop/<uuid:into_id>/", merge, name="merge_people"),
    path("personposter/sammanslagning/<uuid:public_id>/", split, name="split_people"),
    path("personposter/id/<int:pk>/", change_identity, name="change_identity"),
    path("personposter/kurs/<uuid:public_id>/", wrong_completion, name="wrong_completion"),
    path("maskinklienter/", include("competence.machine_client_urls")),
    path("overforing/", transfers, name="transfers"),
    path("overforing/fil.<slug:fmt>", transfers_export, name="transfers_export"),
    path("overforing/utfort/", carry_out, name="carry_out"),
    path("overforing/utfort/<uuid:public_id>/angra/", undo_carried_out, name="undo_carried_out"),
    path("overforing/ansvariga/", system_administrators, name="system_administrators"),
    path("overforing/ansvariga/<uuid:public_id>/avsluta/", end_administrator, name="end_administrator"),
]
