"""What figures count: newcomers and classes, their facts, where each stands, which group holds
it."""
