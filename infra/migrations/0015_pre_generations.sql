-- How often the rows below a checkpoint were made anew while it may have stayed where it was: what is
-- remembered of a position is of its generation.
alter table checkpoints add column generation bigint not null default 0;
