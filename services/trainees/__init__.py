"""The commands about a trainee: stages, orders, complaints, corrections."""
