select tenant_id, position, greatest(recorded_at, clock_timestamp()) as now
from heads
where tenant_id = any ($1::uuid[])
order by tenant_id
for update
