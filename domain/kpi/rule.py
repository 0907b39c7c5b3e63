"""Why something that a figure is about does not count in it: every reason by its code."""

from typing import Literal

Rule = Literal[
    "after_window",
    "before_go_live",
    "exam_or_drill_not_passed",
    "feedback_missing",
    "first_exam_failed",
    "left_before_cutoff",
    "left_within_30_days",
    "left_within_60_days",
    "left_within_90_days",
    "moved",
    "no_complaint",
    "no_order_in_window",
    "no_trial",
    "not_checked",
    "not_eliminated",
    "not_live",
    "not_opened",
    "not_submitted",
    "opened_late",
    "ordered_after_first_week",
    "reassigned",
    "scored_zero",
    "submitted_late",
    "summary_missing",
    "topic_dropped",
    "trial_failed",
    "voided",
    "window_open",
]
