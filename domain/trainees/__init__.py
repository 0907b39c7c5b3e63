"""The trainee (学员), from the enrolment to the leaving."""
