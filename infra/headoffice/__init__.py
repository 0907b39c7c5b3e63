"""Head office's schemes and what-ifs for all partners."""
