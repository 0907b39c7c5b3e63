"""Retention at 30 days (上岗30天留存率): not left by day 30, of all who went live."""

from domain.kernel.values import Ratio
from domain.kpi.statistics.retention import retention

RETENTION_30 = retention(30, example=Ratio(15, 18))
