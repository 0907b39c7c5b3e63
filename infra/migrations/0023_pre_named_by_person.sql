-- A person's key is found by the person's own id, which all streams about the person have in theirs
-- (decision 0046). What was sealed with the key of a stream can be opened no more: where that was
-- done, this is refused.
alter table person_keys add constraint named_by_person check (length(person_id) = 36);
