"""What a figure is made of and why it moved: explanations, comparisons, restatements, the
example."""
