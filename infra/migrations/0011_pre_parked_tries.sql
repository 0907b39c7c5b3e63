-- When a parked consumer tried last: the longer it has been parked, the longer until it tries again.
alter table checkpoints add column tried_at timestamptz;
update checkpoints set tried_at = parked_at where parked_at is not null;
