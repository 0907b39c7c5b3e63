"""A list that the product itself exported is imported without a column that nobody knows."""

import pytest

from api.web.kit.languages import LOCALES
from projections.kernel.listing import Listing
from projections.trainees.cohort_roster import TRAINEE_LIST
from projections.trainees.orders import ORDER_LIST
from services.importing.headings import HeadingReader
from services.importing.notes import columns_not_read
from services.importing.tables import read_tables
from services.reading.export import heading
from services.words.texts import read_texts
from tests.services.importing.sheets import sheet


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize("listing", [TRAINEE_LIST, ORDER_LIST], ids=lambda one: one.name)
def test_every_column_of_an_exported_list_is_read_or_follows_from_what_is_recorded(
    language: str, listing: Listing[object]
) -> None:
    say = read_texts(language).sentences.get
    headings = [heading(listing, name, say) for name in listing.columns]
    exported = sheet(headings, [f"x{number}" for number in range(len(headings))])
    assert HeadingReader().find(exported) is not None
    (table,) = read_tables(exported, HeadingReader())
    read = {column.index for column in table.headings.columns.values()}
    notes = list(columns_not_read(exported, table, read))
    assert {note.code for note in notes} == {"column_told"}
    assert len(read) + len(notes) == len(headings)
