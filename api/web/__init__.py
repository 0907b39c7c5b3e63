"""The pages: one file per page, templates, what the browser loads, and the words people read.

`routes.routes()` is what api/app.py registers; `catalogs` and `cookies` serve the other doors too.
"""
