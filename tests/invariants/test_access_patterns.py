"""Each access pattern that a store's docstring lists has a test, and each index a pattern.

The convention: a table in the docstring (`| item | pk | sk | read by |`, patterns apart by `;`), or
a sentence `Access patterns: ...; ...`; and beside each pattern, here, the test that proves it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache

import pytest

from chalicelib.intake import service as intake
from chalicelib.intake.answers import UploadIn
from infra.building.sources import load_resources, properties_of, resources_of
from tests.intake import town
from tests.invariants.source import ROOT, sources
from tests.support.api import Api
from tests.support.world import make_world

STORES = {
    "access/store": "AccessTable",
    "access/audit": "AuditTable",
    "creditfile/store": "RecordsTable",
    "crosscheck/store": "IntakeTable",
    "evidence/store": "RecordsTable",
    "intake/store": "IntakeTable",
    "intake/exportstore": "IntakeTable",
    "accounts/store": "IntakeTable",
    "registers/store": "RegistersTable",
    "measures/store": "MeasuresTable",
    "cases/store": "CasesTable",
    "cases/resultstore": "CasesTable",
    "cases/contests": "CasesTable",
    "evaluation/store": "EvaluationTable",
    "evaluation/store_reported": "EvaluationTable",
    "third_parties/store": "EvaluationTable",
    "evaluation/holdstore": "EvaluationTable",
    "feed/store": "PublicTable",
    "disclosure/store": "PublicTable",
    "leads/limits": "LimitsTable",
    "surveys/store": "CasesTable",
    "surveys/store_appraisals": "CasesTable",
    "leads/store": "CasesTable",
    "cases/tallies": "CasesTable",
    "checks/store": "ChecksTable",
    "checks/substore": "ChecksTable",
    "monitoring/store": "MonitoringTable",
    "checks/filestore": "ChecksTable",
}
"""The modules that own items, and their table; a table may have several owners."""

PROVED: dict[str, dict[str, str]] = {
    "checks/filestore": {
        "check file: id": (
            "checks/test_files::test_every_row_is_answered_or_named_with_what_is_wrong"
        ),
        "check file: by_listing": (
            "checks/test_files::test_every_row_is_answered_or_named_with_what_is_wrong"
        ),
        "open mark: by_listing `open_check_files`": (
            "checks/test_files::test_a_file_never_committed_is_deleted_after_a_day"
        ),
    },
    "checks/substore": {
        "subscription: id": (
            "checks/test_subscriptions::test_only_its_client_sees_a_subscription_and_ends_it"
        ),
        "subscription: by_listing": (
            "checks/test_subscriptions::test_only_its_client_sees_a_subscription_and_ends_it"
        ),
        "change of an answer: subscription": (
            "checks/test_subscriptions"
            "::test_each_change_of_the_answer_is_delivered_once_in_order_and_signed"
        ),
        "change of an answer: id and number": (
            "checks/test_subscriptions"
            "::test_a_receiver_that_is_down_gets_it_later_or_when_it_asks_again"
        ),
        "open mark: by_listing `open_subscriptions`": (
            "checks/test_subscriptions::test_a_lost_message_is_made_up_for_by_the_days_job"
        ),
        "watched subject: subject": (
            "checks/test_subscriptions"
            "::test_each_change_of_the_answer_is_delivered_once_in_order_and_signed"
        ),
        "who is watched: subscription": (
            "checks/test_subscriptions::test_only_its_client_sees_a_subscription_and_ends_it"
        ),
    },
    "checks/store": {
        "check: id": "checks/test_asking::test_only_who_asked_can_read_it_again",
        "check: by_listing": "checks/test_asking::test_only_who_asked_can_read_it_again",
        "check: by_due": (
            "checks/test_feedback"
            "::test_feedback_is_reminded_of_before_and_after_its_day_once_each"
        ),
        "overdue mark: by_listing `overdue#<jurisdiction>`": (
            "checks/test_feedback"
            "::test_the_offices_see_figures_and_what_is_late_but_nobody_asked_about"
        ),
        "reminder: by_listing `reminders#<client>`": (
            "checks/test_feedback"
            "::test_feedback_is_reminded_of_before_and_after_its_day_once_each"
        ),
        "looks left to copy: id": (
            "checks/test_asking::test_one_subject_takes_two_calls_and_a_hundred_take_four"
        ),
        "looks left to copy: by_listing `open_looks`": (
            "checks/test_asking::test_a_look_that_was_cut_short_is_shown_to_all_in_the_end"
        ),
        "tally: jurisdiction and month": (
            "checks/test_feedback"
            "::test_the_offices_see_figures_and_what_is_late_but_nobody_asked_about"
        ),
        "head of a client's chain of looks: key": (
            "checks/test_asking::test_two_workers_of_one_system_lengthen_one_chain"
        ),
        "how far the day's job has come: key": (
            "checks/test_feedback::test_a_day_missed_is_made_up_for"
        ),
    },
    "leads/store": {
        "receipt: digest": "leads/test_window::test_codes_lead_to_their_own_case_alone",
        "key of a case whose pictures come first: case": (
            "leads/test_window::test_pictures_reach_the_offices_clean_and_sealed"
        ),
        "picture: case": "leads/test_window::test_pictures_reach_the_offices_clean_and_sealed",
    },
    "monitoring/store": {
        "run: id": "monitoring/test_store::test_a_run_is_found_by_id_and_by_jurisdiction",
        "run: by_listing": "monitoring/test_store::test_a_run_is_found_by_id_and_by_jurisdiction",
        "chunk: its bodies: run, plan and chunk": (
            "monitoring/test_store"
            "::test_chunks_lie_under_the_plan_that_counts_and_each_is_done_once"
        ),
        "chunk: what it found: run": (
            "monitoring/test_store"
            "::test_chunks_lie_under_the_plan_that_counts_and_each_is_done_once"
        ),
        "watch over one object, all rules: jurisdiction and object": (
            "monitoring/test_store::test_a_watch_is_written_only_over_the_one_that_was_read"
        ),
        "values of an object, all rules: object": (
            "monitoring/test_store"
            "::test_values_are_a_series_of_days_and_a_map_is_one_day_of_all_regions"
        ),
        "values of an object, all rules: days": (
            "monitoring/test_store"
            "::test_values_are_a_series_of_days_and_a_map_is_one_day_of_all_regions"
        ),
        "map of a rule over all regions: jurisdiction and day": (
            "monitoring/test_store"
            "::test_values_are_a_series_of_days_and_a_map_is_one_day_of_all_regions"
        ),
        "map of a rule over all regions: rule": (
            "monitoring/test_store"
            "::test_values_are_a_series_of_days_and_a_map_is_one_day_of_all_regions"
        ),
        "warning: id": (
            "monitoring/test_store"
            "::test_a_warning_is_found_by_id_and_in_its_list_with_what_became_of_it"
        ),
        "warning: by_listing": (
            "monitoring/test_store"
            "::test_a_warning_is_found_by_id_and_in_its_list_with_what_became_of_it"
        ),
        "warning: what became of it: warning": (
            "monitoring/test_store"
            "::test_a_warning_is_found_by_id_and_in_its_list_with_what_became_of_it"
        ),
    },
    "surveys/store_appraisals": {
        "round: id": (
            "surveys/test_appraisals::"
            "test_representatives_appraise_and_the_weighed_score_reaches_the_evaluation"
        ),
        "line in the list: jurisdiction and region": (
            "surveys/test_appraisals::test_bad_input_names_the_field_and_changes_nothing"
        ),
        "counters: round (all of it)": (
            "surveys/test_appraisals::"
            "test_representatives_appraise_and_the_weighed_score_reaches_the_evaluation"
        ),
        "a seat has appraised a body: key": (
            "surveys/test_appraisals::test_a_code_appraises_each_body_once_however_it_is_typed"
        ),
    },
    "measures/store": {
        "standing: code": "measures/test_standings::test_an_official_is_found_by_code_until_erased",
        "standing: by_listing": (
            "measures/test_standings::test_everything_is_worked_out_again_on_the_first_of_a_month"
        ),
        "standing: by_due": "measures/test_standings::test_a_measure_ends_with_its_day",
        "newest grade under a scheme: code": (
            "measures/test_standings::test_a_later_evaluation_takes_the_place_of_the_one_before"
        ),
        "how the standing changed: code": (
            "measures/test_standings::test_a_record_brings_measures_and_everybody_can_see_why"
        ),
        "place of a person's standing: subject": (
            "measures/test_standings::test_an_official_is_found_by_code_until_erased"
        ),
        "last day the daily job has done: its name": (
            "measures/test_standings::test_a_measure_ends_with_its_day"
        ),
        "version of a run whose grades were taken: run": (
            "measures/test_standings"
            "::test_runs_and_cases_whose_messages_were_lost_are_found_by_the_daily_job"
        ),
        "when everybody was worked out again last: jurisdiction": (
            "measures/test_standings"
            "::test_everything_is_worked_out_again_under_another_version_of_the_policy"
        ),
    },
    "cases/tallies": {
        "tally: jurisdiction and kind": (
            "leads/test_statistics::test_it_adds_up_and_names_no_body"
        ),
    },
    "leads/limits": {
        "day key: one day": (
            "leads/test_limits::test_two_workers_that_make_the_days_key_at_once_agree"
        ),
        "day key: all that are over": (
            "leads/test_limits::test_a_sweep_that_was_away_forgets_every_day_that_is_over"
        ),
        "count, or that it was done: hash and deed": (
            "leads/test_limits::test_over_the_limit_is_refused_until_the_day_is_over_and_says_so"
        ),
    },
    "cases/contests": {
        "contest: run and subject": (
            "evaluation/test_appeals::test_an_appeal_marks_the_result_and_its_outcome_stays_beside_it"
        ),
        "contest: by_listing `contests` by instant": (
            "disclosure/test_notices::test_a_mark_whose_message_was_lost_is_found"
        ),
    },
    "evaluation/holdstore": {
        "hold on a result: run": (
            "disclosure/test_notices::"
            "test_a_poor_result_waits_five_working_days_and_no_rank_gives_it_away"
        ),
        "hold on a result: run and body": (
            "evaluation/test_appeals::test_the_sweep_lets_results_out_a_day_after_the_last_day"
        ),
        "hold on a result: by_listing `held`": (
            "evaluation/test_appeals::test_the_sweep_lets_results_out_a_day_after_the_last_day"
        ),
    },
    "cases/store": {
        "case: id": "cases/test_api::test_everybody_concerned_finds_the_case_in_their_own_list",
        "case: by_": "cases/test_api::test_everybody_concerned_finds_the_case_in_their_own_list",
        "case: by_due": "cases/test_api::test_what_is_due_is_found_by_its_day_alone",
        "event: case": "cases/test_api::test_what_was_said_and_told_can_be_read_again",
        "event: case and version": (
            "cases/test_api::test_a_stale_version_a_second_time_and_a_closed_case"
        ),
        "event a paper was given with: case and paper": (
            "cases/test_papers::test_the_parties_of_a_case_fetch_its_papers_checked"
        ),
        "what an informant said or was told: case": (
            "cases/test_api::test_whom_a_lead_is_about_never_sees_what_was_said_of_it"
        ),
        "open case of a kind about a record: kind and record": (
            "cases/test_api::test_a_stale_version_a_second_time_and_a_closed_case"
        ),
        "bar to being rated 优秀: subject and year": (
            "cases/test_api::test_a_cautionary_interview_bars_the_rating_of_its_year"
        ),
        "case: by_subject": (
            "ratings/test_ratings::test_a_referral_without_a_conclusion_is_told_but_bars_nothing"
        ),
        "progress of the sweep: its name": (
            "cases/test_clockwork::test_after_five_days_down_everything_is_made_up_for_once"
        ),
        "letter: recipient": "cases/test_api::test_what_was_said_and_told_can_be_read_again",
        "letter: by_listing": "cases/test_api::test_what_was_said_and_told_can_be_read_again",
    },
    "surveys/store": {
        "survey: id": "surveys/test_surveys::test_anyone_answers_and_the_office_reads_the_sums",
        "line in the list: jurisdiction and region": (
            "surveys/test_surveys::test_surveys_are_listed_by_region_for_everybody"
        ),
        "counters of a body: survey (all of it)": (
            "surveys/test_surveys::test_anyone_answers_and_the_office_reads_the_sums"
        ),
    },
    "third_parties/store": {
        "institution: code": (
            "third_parties/test_ratings::test_a_third_party_sees_and_does_what_is_its_own"
        ),
        "institution: by_listing": (
            "third_parties/test_ratings::test_a_third_party_sees_and_does_what_is_its_own"
        ),
        "system: code": (
            "third_parties/test_ratings::test_a_third_party_sees_and_does_what_is_its_own"
        ),
        "system: by_listing": (
            "third_parties/test_ratings::test_a_third_party_sees_and_does_what_is_its_own"
        ),
        "version of a system: code and version": (
            "third_parties/test_ratings"
            "::test_a_withdrawn_system_takes_nothing_new_and_keeps_what_there_is"
        ),
        "how far a period has come: it": (
            "third_parties/test_ratings"
            "::test_the_same_submission_is_one_and_a_later_one_takes_its_place"
        ),
        "how far a period has come: by_listing": (
            "third_parties/test_ratings::test_all_ratings_there_are_can_be_gone_through"
        ),
        "submission: id": (
            "third_parties/test_ratings::test_signed_ratings_are_kept_with_what_proves_them"
        ),
        "submission: by_listing": (
            "third_parties/test_ratings"
            "::test_the_same_submission_is_one_and_a_later_one_takes_its_place"
        ),
        "rating: it": (
            "third_parties/test_ratings::test_signed_ratings_are_kept_with_what_proves_them"
        ),
        "rating: by_listing": (
            "third_parties/test_ratings::test_each_rating_is_taken_or_refused_by_itself"
        ),
    },
    "cases/resultstore": {
        "published result: case": (
            "cases/test_results::test_only_what_the_kind_publishes_is_laid_out"
        ),
        "published result: by_listing": (
            "cases/test_results::test_only_what_the_kind_publishes_is_laid_out"
        ),
        "precedent: by_listing": (
            "cases/test_precedents::test_a_decision_is_found_again_without_whom_it_was_about"
        ),
    },
    "crosscheck/store": {
        "cross-check: id": "crosscheck/test_api::test_a_register_goes_from_place_to_report",
        "cross-check: by_listing": (
            "crosscheck/test_api::test_a_register_goes_from_place_to_report"
        ),
        "open mark: by_listing `open_crosschecks`": (
            "crosscheck/test_checking::test_a_check_that_lost_its_message_is_brought_to_its_end"
        ),
    },
    "access/store": {
        "one agency": "access/test_api::test_an_edit_needs_the_current_version",
        "one client": "access/test_register::test_the_register_is_asked_once_a_minute",
        "agencies or clients of a region": (
            "access/test_register::test_lists_stay_within_region_and_page"
        ),
        "one exception": (
            "access/test_exceptions::test_the_credit_office_lists_a_code_with_reason_and_evidence"
        ),
        "the whole list of exceptions": (
            "access/test_exceptions"
            "::test_a_listed_code_passes_within_a_minute_and_a_revoked_one_no_longer"
        ),
    },
    "access/audit": {
        "append": "access/test_audit::test_a_slower_writer_links_to_the_faster_ones_entry",
        "a trail newest first": "access/test_audit::test_the_lists_are_newest_first_and_paged",
        "one client's entries by time": (
            "access/test_audit::test_the_lists_are_newest_first_and_paged"
        ),
        "one subject's readers newest first": (
            "access/test_audit::test_the_lists_are_newest_first_and_paged"
        ),
        "a stretch, to verify it": "access/test_audit::test_an_untouched_trail_is_intact",
    },
    "creditfile/store": {
        "subject: id": (
            "creditfile/test_register"
            "::test_a_person_on_the_register_is_read_masked_and_with_a_purpose"
        ),
        "subject: by_listing": (
            "creditfile/test_register::test_the_list_by_region_and_kind_pages_without_loss"
        ),
        "person look-up: digest": ("creditfile/test_persons::test_looking_up_by_code_in_the_body"),
        "record, current version: id": (
            "creditfile/test_files::test_a_record_shows_its_deadline_day_by_day_and_its_publicity"
        ),
        "record, current version: by_subject": (
            "creditfile/test_files::test_of_many_records_the_newest_are_shown_and_the_list_has_all"
        ),
        "record, current version: by_reporter": (
            "creditfile/test_persons::test_a_reporter_s_list_does_not_open_persons"
        ),
        "record, current version: by_change": (
            "disclosure/test_upkeep::test_what_was_lost_is_found"
        ),
        "record with a provisional deadline: by_listing": (
            "intake/test_clock"
            "::test_many_deadlines_are_settled_slice_by_slice_and_twice_does_no_harm"
        ),
        "record, earlier version: id and version": (
            "creditfile/test_files::test_versions_keep_what_was_said_and_why_it_changed"
        ),
    },
    "evidence/store": {
        "evidence: holder and id": "evidence/test_evidence::test_access_patterns",
        "evidence: holder": "evidence/test_evidence::test_access_patterns",
        "evidence: by_listing": (
            "cases/test_papers::test_whoever_handed_papers_in_finds_them_again_by_their_matter"
        ),
    },
    "intake/exportstore": {
        "export: id": "intake/test_exports::test_an_agency_exports_its_own_records_of_a_period",
        "export: by_listing `open_exports`": (
            "intake/test_exports::test_an_export_that_lost_its_message_is_brought_to_its_end"
        ),
    },
    "intake/store": {
        "upload: id": (
            "intake/test_uploads::test_counts_add_up_and_errors_name_row_field_and_rule"
        ),
        "upload: by_listing": (
            "invariants/test_access_patterns::test_an_agency_s_uploads_are_listed_newest_first"
        ),
        "open mark: by_listing `open_uploads`": (
            "intake/test_uploads::test_a_lost_message_is_sent_again_by_the_sweep"
        ),
        "latest preflight: id": (
            "intake/test_preflight::test_a_file_may_be_looked_at_again_after_it_was_put_right"
        ),
        "chunk done: id": (
            "intake/test_uploads::test_counts_add_up_and_errors_name_row_field_and_rule"
        ),
    },
    "accounts/store": {
        "account: agency and month": (
            "accounts/test_declaring::test_declared_fewer_than_reported_shows_the_difference"
        ),
        "account: by_listing": (
            "accounts/test_declaring::test_the_clerk_sees_the_account_before_the_credit_office_does"
        ),
        "declaration as it was: agency and month": (
            "accounts/test_declaring::test_a_changed_declaration_keeps_what_was_declared_before"
        ),
        "refused rows of a file: agency and month": (
            "accounts/test_counting::test_nothing_personal_is_kept_of_a_refused_row"
        ),
        "closure of a refused row: agency and month": (
            "accounts/test_declaring::test_a_refused_row_is_closed_with_a_reason_that_is_kept"
        ),
        "open refused rows: agency, month and part": (
            "accounts/test_counting::test_a_finished_file_has_its_months_counted_and_its_wrong_rows"
        ),
        "coverage: by_listing `coverage#<figure>`": (
            "accounts/test_counting::test_coverage_is_the_share_of_a_region_s_bodies_and_officials"
            "_with_anything_on_file"
        ),
        "how far the sweep has come: key": (
            "accounts/test_declaring::test_a_sweep_that_was_away_makes_up_for_it"
        ),
    },
    "registers/store": {
        "entry: id": (
            "registers/test_entries"
            "::test_the_same_entry_sent_again_is_one_entry_and_another_content_is_refused"
        ),
        "entry: by_listing": (
            "registers/test_entries::test_lists_keep_within_agency_or_region_and_page_without_loss"
        ),
        "entry: by_due": (
            "registers/test_entries::test_the_sweep_looks_only_at_what_is_due_and_moves_on"
        ),
        "earlier version of an entry: entry": (
            "registers/test_entries::test_an_edit_names_its_version_and_what_was_before_is_kept"
        ),
        "reminder: by_listing `reminders#<agency>`": (
            "registers/test_walks::test_an_institution_past_its_day_is_overdue_and_reminded_once"
        ),
        "what is late: by_listing `late#<jurisdiction>`": (
            "registers/test_walks::test_an_institution_past_its_day_is_overdue_and_reminded_once"
        ),
        "how far the sweep has come: key": (
            "registers/test_entries::test_the_sweep_looks_only_at_what_is_due_and_moves_on"
        ),
    },
    "evaluation/store_reported": {
        "report: body, figure and period": (
            "evaluation/test_reported::test_a_retry_changes_nothing_and_a_stale_edit_is_refused"
        ),
        "report: body": (
            "evaluation/test_reported::"
            "test_the_office_sees_what_is_to_review_and_who_has_stated_nothing"
        ),
        "report: by_listing": (
            "evaluation/test_reported::"
            "test_the_office_sees_what_is_to_review_and_who_has_stated_nothing"
        ),
        "report as it was: body, figure and period": (
            "evaluation/test_reported::test_only_what_was_reviewed_counts_and_every_step_is_kept"
        ),
    },
    "evaluation/store": {
        "run: id": "evaluation/test_store::test_a_run_is_found_by_id_and_by_jurisdiction",
        "run: by_listing `runs#<jurisdiction>`": (
            "evaluation/test_service::test_runs_are_listed_newest_first"
        ),
        "chunk: what it froze: run and chunk": (
            "evaluation/test_store::test_what_a_chunk_froze_is_kept_once"
        ),
        "result: run, body": "evaluation/test_store::test_results_are_kept_once_and_ranked_once",
        "result: by_listing `results#<run_id>`": (
            "evaluation/test_service::test_pages_follow_rank_within_a_level_and_lose_nothing"
        ),
        "chunk: done, with its standings: run": (
            "evaluation/test_store::test_a_run_moves_forward_only_and_each_step_once"
        ),
        "explanation (runs until 2026): run and body": (
            "evaluation/test_store::test_an_explanation_of_earlier_runs_is_read_wherever_it_lies"
        ),
        "replay: id": (
            "evaluation/test_store::test_a_replay_is_kept_with_its_findings_and_completed_once"
        ),
        "replay: by_listing `replays#<jurisdiction>`": (
            "evaluation/test_service::test_a_lost_replay_message_is_sent_again"
        ),
        "replay: findings of a chunk: replay": (
            "evaluation/test_store::test_a_replay_is_kept_with_its_findings_and_completed_once"
        ),
        "record that changed while the run was under way: run": (
            "evaluation/test_stale::test_a_record_that_changes_while_a_run_is_under_way_is_not_missed"
        ),
    },
    "feed/store": {
        "document: id": "feed/test_sequencer::test_a_decision_is_not_public_before_it_has_a_number",
        "document: by_end": "disclosure/test_upkeep::test_what_has_ended_is_withdrawn",
        "document: by_pending": (
            "feed/test_sequencer::test_changes_whose_message_got_lost_are_found"
        ),
        "head of the log: key": (
            "feed/test_sequencer::test_the_head_knows_the_root_of_its_tree"
        ),
        "up to BATCH changes, named by the first of them: number": (
            "feed/test_sequencer::test_more_changes_than_a_batch_holds_stay_gap_free"
        ),
    },
    "disclosure/store": {
        "receipt keys: key": (
            "disclosure/test_projection::test_keys_are_published_without_opening_the_keyring"
        ),
        "freshness of the projection: key": (
            "disclosure/test_projection"
            "::test_freshness_tells_the_last_change_and_how_late_it_was_shown"
        ),
        "alarm clock: a record that becomes public later: id": (
            "disclosure/test_upkeep::test_what_was_lost_is_found"
        ),
        "alarm clock: a record that becomes public later: by_end": (
            "disclosure/test_upkeep::test_a_record_appears_when_its_notice_has_been_delivered"
        ),
        "how far the sweep has ended terms and compared changes: key": (
            "disclosure/test_upkeep::test_a_sweep_that_was_away_makes_up_for_it"
        ),
    },
}
"""Store -> the beginning of a pattern -> the test that proves it."""


def docstring(store: str) -> str:
    (source,) = sources(f"chalicelib/{store}.py")
    return ast.get_docstring(source.tree) or ""


def patterns(store: str) -> list[str]:
    """`item: pattern` for each pattern of a docstring."""
    text = docstring(store)
    if "| item |" in text:
        return list(_of_table(text))
    told = text.partition("Access patterns: ")[2].partition("\n\n")[0]
    found = " ".join(told.split()).rstrip(".").split("; ")
    first = found[0]
    # `one agency, one client (...)`: two patterns by key.
    return [*first.split(", ", 1), *found[1:]] if first.startswith("one ") else found


def _of_table(text: str) -> Iterator[str]:
    item = ""
    for line in text.splitlines():
        if not line.startswith("| ") or line.startswith("| item "):
            continue
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        item = cells[0] or item
        for pattern in re.split(r"[;,] (?=by_)|; ", cells[3].rstrip(";")) if cells[3] else ["key"]:
            yield f"{item}: {pattern}"


@cache
def all_tests() -> set[str]:
    """`room/file::name` of every test."""
    return {
        f"{source.path.parent.name}/{source.path.stem}::{node.name}"
        for source in sources("tests")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def test_every_store_is_listed() -> None:
    owners = {
        source.path.parent.name + "/" + source.path.stem
        for source in sources("chalicelib")
        if source.room not in ("", "aws", "kernel")
        and "pk" in (ast.get_docstring(source.tree) or "")
    }
    assert owners == set(STORES)


@pytest.mark.parametrize("store", STORES)
def test_every_pattern_has_a_test(store: str) -> None:
    known, there = PROVED[store], all_tests()
    for pattern in patterns(store):
        proofs = [proof for start, proof in known.items() if pattern.startswith(start)]
        assert proofs, f"{store}: nothing proves “{pattern}”"
        assert set(proofs) <= there, f"{store}: {pattern}: no such test as {proofs}"
    for start in known:
        assert any(pattern.startswith(start) for pattern in patterns(store)), f"gone: {start}"


@pytest.mark.parametrize("table", sorted(set(STORES.values())))
def test_indexes_are_those_the_docstrings_read_by(table: str) -> None:
    tables = dict(resources_of(load_resources(), "AWS::DynamoDB::Table"))
    indexes = properties_of(tables[table]).get("GlobalSecondaryIndexes", [])
    assert isinstance(indexes, list)
    made = {str(dict(index)["IndexName"]) for index in indexes if isinstance(index, dict)}
    told = " ".join(docstring(store) for store, its in STORES.items() if its == table)
    assert set(re.findall(r"\bby_[a-z]+\b", told)) == made


def test_no_index_is_named_that_nobody_made() -> None:
    made = set(re.findall(r"IndexName: (\w+)", (ROOT / "infra/template/tables.yaml").read_text()))
    asked = {
        str(argument.value)
        for source in sources("chalicelib")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("query_index", "each_in_index")
        for argument in node.args[:1]
        if isinstance(argument, ast.Constant)
    }
    assert asked and asked <= made


def test_an_agency_s_uploads_are_listed_newest_first(aws: dict[str, str]) -> None:
    world = make_world(aws)
    wanted = UploadIn(type="honour", format="csv", file_name="报送.csv")
    started: list[str] = []
    for caller in (town.clerk(), town.clerk(), town.clerk(town.HOUSING, "clerk-2"), town.clerk()):
        world.clock.advance(minutes=1)
        answer = intake.start_upload(world.platform, caller, wanted, None)
        if caller.agency_code == town.BUREAU:
            started.append(str(answer.location).rpartition("/")[2])
    api = Api(world, town.clerk())
    first = api("GET", "/v1/uploads", query={"limit": "2"}).json
    token = {"limit": "2", "page_token": first["next_page_token"]}
    second = api("GET", "/v1/uploads", query=token).json
    listed = [one["upload_id"] for one in [*first["items"], *second["items"]]]
    assert listed == started[::-1]
    assert second["next_page_token"] is None
