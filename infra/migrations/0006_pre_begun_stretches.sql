-- Where the stretch of the log ends that a reactor has begun: begun again, it must be the same.
alter table checkpoints add column until bigint;
