"""Retention at 90 days (上岗90天留存率): not left by day 90, of all who went live."""

from domain.kpi.retention import retention
from domain.values import Ratio

RETENTION_90 = retention(90, example=Ratio(15, 18))
