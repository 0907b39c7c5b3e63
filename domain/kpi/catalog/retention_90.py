"""Retention at 90 days (上岗90天留存率): not left by day 90, of all who went live."""

from domain.kernel.values import Ratio
from domain.kpi.statistics.retention import retention

RETENTION_90 = retention(90, example=Ratio(15, 18))
