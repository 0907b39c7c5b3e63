"""The subjects of figures: newcomers, classes and submissions, with their facts and groups."""
