"""What head office keeps for all partners."""
