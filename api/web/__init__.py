"""The pages: one file per page, templates, assets, and the catalogs of sentences.

`routes.routes()` is what api/app.py registers; `languages` and `cookies` serve the other doors too.
"""
