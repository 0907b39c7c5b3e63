"""The base of all projections: the declaration, rows, pages, names in pinyin."""
