"""Every KPI there is, in the order in which people see them; one file declares one KPI."""

from domain.kpi.catalog.average_orders import AVERAGE_ORDERS
from domain.kpi.catalog.order_rate import ORDER_RATE
from domain.kpi.catalog.trial_pass_rate import TRIAL_PASS_RATE
from domain.kpi.kpi import Kpi

CATALOG: tuple[Kpi, ...] = (ORDER_RATE, AVERAGE_ORDERS, TRIAL_PASS_RATE)
