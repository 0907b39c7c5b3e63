"""The proof of a figure: its parts, and why it moved: explanations, comparisons, restatements."""
