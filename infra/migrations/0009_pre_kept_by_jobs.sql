-- What a job that is not over keeps for whoever begins it again.
alter table jobs add column kept jsonb;
