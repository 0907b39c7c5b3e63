"""Read models of trainees: roster, members of cohorts, timeline."""
