"""Composition only: which function runs which handler, nothing else."""

from __future__ import annotations

from typing import Any

from chalice.app import Chalice

from chalicelib.access import handlers as access_handlers
from chalicelib.access import service as access
from chalicelib.access.routes import routes as access_routes
from chalicelib.access.routes_exceptions import routes as exception_routes
from chalicelib.accounts import handlers as accounts_handlers
from chalicelib.accounts.routes import routes as accounts_routes
from chalicelib.aws.platform import current_platform
from chalicelib.cases import handlers as cases_handlers
from chalicelib.cases.routes import routes as case_kind_routes
from chalicelib.cases.routes_cases import routes as cases_routes
from chalicelib.cases.routes_mine import routes as mine_routes
from chalicelib.cases.routes_papers import routes as papers_routes
from chalicelib.cases.routes_precedents import routes as precedents_routes
from chalicelib.checks import handlers as checks_handlers
from chalicelib.checks.routes import routes as checks_routes
from chalicelib.checks.routes_files import routes as check_files_routes
from chalicelib.checks.routes_proofs import routes as check_proofs_routes
from chalicelib.checks.routes_subscriptions import routes as subscriptions_routes
from chalicelib.creditfile import service as creditfile
from chalicelib.creditfile.routes import routes as creditfile_routes
from chalicelib.crosscheck import handlers as crosscheck_handlers
from chalicelib.crosscheck.routes import routes as crosscheck_routes
from chalicelib.disclosure import handlers as disclosure_handlers
from chalicelib.evaluation import handlers as evaluation_handlers
from chalicelib.evaluation.routes import routes as evaluation_routes
from chalicelib.evaluation.routes_appeals import routes as evaluation_appeal_routes
from chalicelib.evaluation.routes_charts import routes as evaluation_chart_routes
from chalicelib.evaluation.routes_divergence import routes as divergence_routes
from chalicelib.evaluation.routes_persons import routes as evaluation_person_routes
from chalicelib.evaluation.routes_reported import routes as reported_routes
from chalicelib.evaluation.routes_whatif import routes as evaluation_whatif_routes
from chalicelib.evidence.routes import routes as evidence_routes
from chalicelib.feed import handlers as feed_handlers
from chalicelib.feed.routes import routes as feed_routes
from chalicelib.intake import handlers as intake_handlers
from chalicelib.intake.routes import routes as intake_routes
from chalicelib.intake.routes_export import routes as export_routes
from chalicelib.intake.routes_preflight import routes as preflight_routes
from chalicelib.leads.routes import routes as leads_routes
from chalicelib.leads.routes_office import routes as voice_routes
from chalicelib.leads.rules_files import LARGEST_BODY
from chalicelib.measures import handlers as measures_handlers
from chalicelib.measures.routes import routes as measures_routes
from chalicelib.monitoring import handlers as monitoring_handlers
from chalicelib.monitoring.routes import routes as monitoring_routes
from chalicelib.policy.routes import routes as policy_routes
from chalicelib.portal.refusals import refusal_page
from chalicelib.portal.routes import routes as portal_routes
from chalicelib.portal.routes_docs import routes as docs_page_routes
from chalicelib.portal.routes_guide import routes as guide_routes
from chalicelib.portal.routes_leads import routes as lead_page_routes
from chalicelib.portal.routes_open import routes as open_data_page_routes
from chalicelib.portal.routes_results import routes as result_page_routes
from chalicelib.ratings.routes import routes as ratings_routes
from chalicelib.registers.routes import routes as registers_routes
from chalicelib.replica.routes import routes as replica_routes
from chalicelib.replica.routes_charts import routes as replica_chart_routes
from chalicelib.replica.routes_log import routes as replica_log_routes
from chalicelib.replica.routes_proofs import routes as replica_proof_routes
from chalicelib.replica.routes_ratings import routes as replica_ratings_routes
from chalicelib.replica.routes_results import routes as replica_results_routes
from chalicelib.snapshots import handlers as snapshots_handlers
from chalicelib.snapshots.routes import routes as snapshots_routes
from chalicelib.snapshots.routes_public import routes as public_snapshots_routes
from chalicelib.surveys.routes import routes as surveys_routes
from chalicelib.surveys.routes_appraisals import routes as appraisals_routes
from chalicelib.surveys.routes_appraisals_public import routes as public_appraisals_routes
from chalicelib.surveys.routes_public import routes as public_surveys_routes
from chalicelib.third_parties.routes import routes as third_parties_routes
from chalicelib.third_parties.routes_ratings import routes as third_party_ratings_routes
from chalicelib.web import docs, edge

app = Chalice(app_name="govcredit")

access.know_subjects(creditfile.region_of)
intake_handlers.know_job(crosscheck_handlers.JOB, crosscheck_handlers.work)
private_api = edge.build(
    [
        policy_routes,
        access_routes,
        exception_routes,
        creditfile_routes,
        evidence_routes,
        intake_routes,
        preflight_routes,
        accounts_routes,
        export_routes,
        crosscheck_routes,
        registers_routes,
        case_kind_routes,
        cases_routes,
        precedents_routes,
        ratings_routes,
        measures_routes,
        papers_routes,
        mine_routes,
        voice_routes,
        surveys_routes,
        appraisals_routes,
        third_parties_routes,
        third_party_ratings_routes,
        divergence_routes,
        evaluation_routes,
        monitoring_routes,
        reported_routes,
        evaluation_chart_routes,
        evaluation_person_routes,
        checks_routes,
        evaluation_appeal_routes,
        check_proofs_routes,
        check_files_routes,
        subscriptions_routes,
        evaluation_whatif_routes,
        snapshots_routes,
    ],
    access.authenticate,
    access.authorize,
    current_platform,
)
public_api = edge.build(
    [
        docs.routes,
        feed_routes,
        replica_routes,
        replica_results_routes,
        replica_ratings_routes,
        replica_chart_routes,
        replica_log_routes,
        replica_proof_routes,
        public_snapshots_routes,
        portal_routes,
        result_page_routes,
        open_data_page_routes,
        docs_page_routes,
        guide_routes,
    ],
    None,
    None,
    current_platform,
    refusal_page=refusal_page,
)
leads_api = edge.build(
    [leads_routes, public_surveys_routes, public_appraisals_routes, lead_page_routes],
    None,
    None,
    current_platform,
    LARGEST_BODY,
    refusal_page,
)


@app.lambda_function(name="api")
def api(event: dict[str, Any], context: object) -> object:
    """The private API: agencies, credit offices, auditors, those recorded."""
    return private_api(event, context)


@app.lambda_function(name="public")
def public(event: dict[str, Any], context: object) -> object:
    """The public API and its documentation: 信用 websites, citizens."""
    return public_api(event, context)


@app.lambda_function(name="leads")
def leads(event: dict[str, Any], context: object) -> object:
    """What anyone may report without an account. It keeps nothing of who calls."""
    return leads_api(event, context)


@app.lambda_function(name="stream")
def stream(event: dict[str, Any], context: object) -> None:
    """Table changes, forwarded to the queues of their consumers."""
    disclosure_handlers.forward_stream(event, context)


@app.lambda_function(name="intake")
def intake(event: dict[str, Any], context: object) -> object:
    """Work on uploaded files."""
    return intake_handlers.work_intake_queue(event, context)


@app.lambda_function(name="accounts")
def accounts(event: dict[str, Any], context: object) -> object:
    """Months of agencies counted: declared, accepted, refused, late."""
    return accounts_handlers.work_accounts_queue(event, context)


@app.lambda_function(name="cases")
def cases(event: dict[str, Any], context: object) -> object:
    """Cases that records give rise to, and cases that time moves."""
    return cases_handlers.work_cases_queue(event, context)


@app.lambda_function(name="disclosure")
def disclosure(event: dict[str, Any], context: object) -> object:
    """Changes projected for the public."""
    return disclosure_handlers.work_disclosure_queue(event, context)


@app.lambda_function(name="sequencer")
def sequencer(event: dict[str, Any], context: object) -> object:
    """What is to be public numbered, and the log of it published."""
    return feed_handlers.work_sequencer_queue(event, context)


@app.lambda_function(name="snapshots")
def snapshots(event: dict[str, Any], context: object) -> object:
    """All that is public as files to take away."""
    return snapshots_handlers.work_snapshots_queue(event, context)


@app.lambda_function(name="evaluation")
def evaluation(event: dict[str, Any], context: object) -> object:
    """Chunks of evaluation runs."""
    return evaluation_handlers.work_evaluation_queue(event, context)


@app.lambda_function(name="evaluation_schedule")
def evaluation_schedule(event: dict[str, Any], context: object) -> object:
    """The daily tick that starts evaluation runs that are due."""
    return evaluation_handlers.start_due_evaluations(event, context)


@app.lambda_function(name="measures")
def measures(event: dict[str, Any], context: object) -> object:
    """Who is under which measure, worked out again when something changed it."""
    return measures_handlers.work_measures_queue(event, context)


@app.lambda_function(name="checks")
def checks(event: dict[str, Any], context: object) -> object:
    """Files of subjects checked, and changed answers delivered."""
    return checks_handlers.work_checks_queue(event, context)


@app.lambda_function(name="monitoring")
def monitoring(event: dict[str, Any], context: object) -> object:
    """Warning rules looked at, warnings raised and lowered."""
    return monitoring_handlers.work_monitoring_queue(event, context)


@app.lambda_function(name="sweep")
def sweep(event: dict[str, Any], context: object) -> object:
    """The hourly tick that ends terms and re-sends what got lost."""
    return disclosure_handlers.sweep(event, context)


@app.lambda_function(name="setup")
def setup(event: dict[str, Any], context: object) -> object:
    """Founding, invoked by the operator: keyring, first agencies and clients."""
    return access_handlers.setup(event, context)
