"""Reports and what was submitted (上报) of them."""
