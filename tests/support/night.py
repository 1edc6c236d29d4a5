"""Whether the tests have a night (FORBEAR_PROFILE=nightly), or CI waits for them; and which tests are left to it.

Each of these is slow, and by day another test fails when the same code breaks in a usual way. Many tests that run by
day try more at night: they ask for `NIGHTLY`, or for `strategies.examples`.
"""

from __future__ import annotations

import os

NIGHTLY = os.environ.get("FORBEAR_PROFILE") == "nightly"

BY_NIGHT: dict[str, tuple[str, ...]] = {
    "analysis/test_bounds.py": ("test_a_hard_policy_ends_in_time[conjunctions]", "test_comparing_hard_policies_ends"),
    "analysis/test_consequences.py": ("test_an_edit_that_suffices_alone_stands_alone_under_packs_too",),
    "analysis/test_earlier.py": ("test_what_is_found_on_all_earlier_days_is_exact_or_undecided",),
    "analysis/test_matrix.py": ("test_a_lender_under_three_packs_is_judged_and_left_with_notes",),
    "analysis/test_relation_systems.py": ("test_large_systems_are_solved_as_by_z3",),
    "analysis/test_single_edits.py": (
        "test_most_edits_are_told_in_few_lines",
        "test_what_is_told_costs_no_more_than_the_exact_conditions",
    ),
    "analysis/test_solver.py": ("",),
    "campaign/test_campaign_growth.py": ("test_growth[is one of]", "test_growth[overrides]"),
    "campaign/test_campaign_sql.py": ("test_spark",),
    "check/sheets/test_table_command.py": (
        "test_a_sheet_there_and_back_again[csv-large]",
        "test_a_sheet_there_and_back_again[xlsx-large]",
    ),
    "cli/test_apply_command.py": ("test_a_disk_that_is_full_leaves_what_was_there",),
    "cli/test_diff_on_cases.py": ("test_rows_are_counted_over_all_batches",),
    "cli/test_folders.py": ("test_a_folder_that_cannot_be_read_is_an_error",),
    "cli/test_memory.py": ("",),
    "cli/test_progress.py": ("test_rate_and_remaining_time",),
    "cli/test_validating_many.py": (
        "test_runs_at_once_do_not_disturb_each_other",
        "test_where_no_process_can_be_started_this_one_does_it",
    ),
    "deciding/test_explain.py": ("test_each_change_alters_the_verdict_and_no_nearer_one_does",),
    "editors/lsp/test_neovim.py": ("test_the_page_of_a_code_is_opened", "test_what_one_types_is_diagnosed"),
    "editors/lsp/test_robust.py": ("test_a_killed_server_is_started_again_and_two_windows_are_two_servers",),
    "editors/studio/test_brought_server.py": ("",),
    "editors/studio/test_server_command.py": ("",),
    "editors/studio/test_studio.py": (
        "test_a_broken_address_says_so",
        "test_a_policy_in_the_address_and_no_network",
        "test_an_address_has_the_files_beside_the_policy",
        "test_files_are_opened_with_those_beside_them",
        "test_on_a_telephone_and_in_the_dark",
        "test_sheets_cases_and_other_files_of_the_folder",
        "test_the_scripts_have_types",
        "test_what_is_no_policy_is_a_message_and_the_text_stays",
        "test_what_the_edit_changes_against_the_saved_text",
    ),
    "editors/studio/test_studio_answers.py": ("test_a_refused_sheet_and_a_portfolio",),
    "editors/studio/test_studio_pages.py": ("",),
    "kernel/history/test_generated.py": ("test_the_second_evaluator_and_java_count_alike",),
    "language/syntax/test_size.py": ("test_many_errors_are_cut",),
    "page/test_page.py": (
        "test_no_pack_stands_in_the_way_of_a_reader_with_a_telephone",
        "test_nothing_stands_in_the_way_of_a_reader_of_a_plan",
        "test_thousands_of_hostile_rules_open",
    ),
    "page/test_paper.py": ("test_a_change_of_one_rule_takes_three_sheets",),
    "page/test_reader.py": ("test_many_rules_and_findings_stay_usable",),
    "portfolio/test_apply_on_spark.py": (
        "test_a_folder_of_parts_is_read_and_zero_rows_are_an_answer",
        "test_a_session_of_its_own_and_one_of_spark_submit",
        "test_killed_at_any_moment_it_leaves_what_was_there_or_all",
        "test_rows_that_do_not_arrive_are_missed",
        "test_what_workers_say_is_told_in_a_sentence",
        "test_without_java_or_pyspark_it_says_what_to_install",
    ),
    "portfolio/test_comparing.py": ("test_a_large_frame_is_decided_even_where",),
    "portfolio/test_spark.py": ("test_the_morning_of_the_page",),
    "portfolio/test_workers.py": (
        "test_what_polars_or_nobody_can_pickle_is_decided_as_by_one_process",
        "test_where_this_process_is_killed_the_others_end",
    ),
    "properties/test_a_million_comparisons.py": ("test_spark_says_the_same",),
    "properties/test_agreement.py": ("test_compiled_modules_pass_mypy",),
    "report/test_golden.py": ("test_thousands_of_findings_are_cut_and_counted",),
    "report/test_json_report.py": ("test_counts_and_total_are_exact_whatever_the_limit",),
    "service/test_deploy.py": ("test_the_steps_of_the_container_make_one_that_serves",),
    "service/test_description.py": ("test_schemathesis_finds_nothing",),
    "service/test_doors_in_time.py": ("",),
    "service/test_guide.py": ("test_the_client_of_the_guide_asks_in_java",),
    "service/test_java_client.py": ("",),
    "service/test_overtime.py": ("test_it_ends_in_time_whatever_its_threads_work_on",),
    "service/test_reloading.py": (
        "test_a_change_as_soon_as_another_is_in_force_is_not_missed",
        "test_a_file_that_is_being_written_does_not_count",
        "test_no_answer_under_load_is_wrong_or_half",
    ),
    "targets/test_java.py": ("test_the_vectors_of_packs_are_met",),
    "test_faults.py": ("test_each_code_is_that_of_a_case[too-many-cases]",),
    "test_site.py": ("test_the_site_asks_for_nothing_elsewhere_and_is_searched",),
    "test_wheel.py": ("test_an_editable_install_follows_the_checkout",),
}
"""By file below `tests`, the tests of it that only the night runs: those whose names begin so, all of them for an empty
beginning."""
