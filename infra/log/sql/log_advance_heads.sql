update heads
set position = head.position, recorded_at = head.recorded_at
from unnest($1::uuid[], $2::bigint[], $3::timestamptz[]) as head (tenant_id, position, recorded_at)
where heads.tenant_id = head.tenant_id
