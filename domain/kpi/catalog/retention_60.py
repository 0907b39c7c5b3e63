"""Retention at 60 days (上岗60天留存率): not left by day 60, of all who went live."""

from domain.kernel.values import Ratio
from domain.kpi.statistics.retention import retention

RETENTION_60 = retention(60, example=Ratio(15, 18))
