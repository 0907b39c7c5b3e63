-- With the params of a job's refusal their types are kept, since JSON knows no days.
alter table jobs no force row level security;
update jobs set error_params = jsonb_build_object('params', error_params)
where error_params <> '{}';
alter table jobs force row level security;
