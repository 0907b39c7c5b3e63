"""Monthly reports and submissions: their commands, and the workbook of a report."""
