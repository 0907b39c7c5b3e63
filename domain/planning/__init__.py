"""What is due when: working days, deadlines, cadences."""
