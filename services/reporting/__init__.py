"""Reports: what they say (content, pure) and how it is laid out as a workbook."""
