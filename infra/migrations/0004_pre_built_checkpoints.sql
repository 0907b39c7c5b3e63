-- Whether a projection has once reached the head of a tenant's log: before that it may not be read.
alter table checkpoints add column built boolean not null default false;
