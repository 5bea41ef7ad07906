-- Statements of the conformance suite: each is run as planned, with pushdown off, and by MariaDB over plain columns.
-- A statement after ! is not run by the reference: it prints a FLOAT with six digits.
!select id, t1, t2, t3, t4, i, b, u, n, m, x, f, d, dt, dtf, ts, tm, tmf, bt, bin, y from odd order by id
select id from odd where t2 = 'abc' order by id
select id from odd where t1 in ('ABC', 'Äbc', '😀b') order by id
select id from odd where t2 like 'a%' and t2 not like '%C' order by id
select id from odd where t3 >= 'b' or t4 = 'a' order by id
select id from odd where t4 > 'a' order by t4 desc, id
select id, d from odd where d < '2024-01-01' order by d, id
select id from odd where d is null order by id
select id from odd where d between '1999-01-01' and '2024-02-29' order by id
select id from odd where not (dt > '2023-12-31 12:00:00') order by id
select count(*), count(d), count(distinct t2), min(d), max(t1), sum(n), avg(m), sum(i) from odd
select t2, count(*), sum(n), max(d) from odd group by t2 order by t2
select t4, t3, count(*) from odd group by t4, t3 order by t4, t3
select year(d) y, month(d) mo, count(*) from odd group by year(d), month(d) order by y, mo
select distinct t1 from odd order by t1
select distinct d, n from odd order by d, n
select t2, group_concat(distinct t3 order by t3 separator '|') from odd group by t2 having count(*) > 2 order by t2
select a.id, b.id from odd a join odd b on a.t1 = b.t2 where a.id < 15 and b.id < 15 order by 1, 2
select a.id, b.t2 from odd a left join odd b on a.d = b.d and b.id < 5 where a.id < 20 order by 1, 2
select id from odd a where exists (select 1 from odd b where b.t1 = a.t2 and b.id <> a.id) order by id
select id from odd a where not exists (select 1 from odd b where b.t2 = a.t2 and b.id < a.id) order by id
select id from odd where t2 not in (select t1 from odd where t1 is not null and id < 3) order by id
select id, (select count(*) from odd b where b.t2 = a.t2) from odd a order by id
select id from odd where n > (select avg(n) from odd) order by id
select id from odd where t2 >= all (select t1 from odd where id < 3) order by id
select id, row_number() over (partition by t2 order by d desc, id), sum(n) over (order by id), lag(t1) over (order by id) from odd order by id
select id, rank() over (order by t3), count(*) over (partition by t4) from odd order by id
select t1 from odd where id < 20 union select t2 from odd where id < 20 order by 1
select t1 from odd where id < 20 intersect select t2 from odd order by 1
select t1 from odd where id < 30 except select t3 from odd where id < 10 order by 1
select id, t2 from odd order by t2 desc, id limit 7 offset 3
select id, concat(t1, '-', upper(t2)), substring(t3, 2, 3), char_length(t2), length(t1), locate('b', t2) from odd order by id
select id, n / 3, n * m, n % 0.7, i div 4, round(m, 2), truncate(m, 1), abs(n), mod(b, 5), -n from odd order by id
select id, cast(n as signed), cast(t2 as signed), cast(m as decimal(20,2)), cast(d as char), cast(dtf as date), cast(i as char) from odd order by id
select id, d + interval 1 month, dtf + interval 90 minute, datediff(d, '2020-01-01'), last_day(d), dayname(d), week(d, 3), date_format(d, '%d.%m.%Y') from odd order by id
select id, extract(hour from dtf), hour(tmf), tm, timediff(dt, timestamp'2024-02-28 00:00:00'), timestampdiff(day, d, '2024-03-01') from odd order by id
select id, case when t2 = 'abc' then 'x' when d is null then t4 else t3 end, coalesce(t1, t4, 'none'), ifnull(n, 0), if(i > 0, 'p', 'n'), nullif(t2, 'abc') from odd order by id
select id, u, u & 12, u | 3, bt + 1, ~u from odd order by id
select id from odd where u > 9223372036854775807 order by id
select sum(n / 3), avg(n / 7), sum(n) / count(*) from odd
select v, count(*) from (select n / 3 v from odd) q group by v order by v
with w as (select t2, count(*) c from odd group by t2) select a.t2, b.c from w a join w b on a.t2 = b.t2 where a.c > 3 order by 1, 2
-- What must stay here.
select id from odd where t2 regexp 'a.c' order by id
select id from odd where cast(t1 as date) is null order by id
select x, count(*) from odd group by x order by x
select id from odd where unix_timestamp(dt) > 1700000000 order by id
