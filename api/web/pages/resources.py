"""Every kind of thing that has pages; a new one is added here."""

from api.web.kit.resources import Resources
from api.web.pages.cohorts import COHORTS
from api.web.pages.departments import DEPARTMENTS
from api.web.pages.follow_ups import FOLLOW_UPS
from api.web.pages.orders import ORDERS
from api.web.pages.people import PEOPLE
from api.web.pages.sessions import SESSIONS
from api.web.pages.trainees import TRAINEES

RESOURCES = Resources((TRAINEES, COHORTS, SESSIONS, ORDERS, FOLLOW_UPS, PEOPLE, DEPARTMENTS))
"""In the order of the menu, which follows (places.py)."""
