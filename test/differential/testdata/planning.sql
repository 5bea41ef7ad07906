-- Cases about what the planner has to rewrite for the embedded engine.

-- A row against a subquery is unknown where a NULL hides whether it is there; the embedded engine takes a NULL for equal to a NULL.
with a as (select 1 as x, 2 as y union all select 1, null union all select null, null union all select 3, 4), b as (select 1 as p, 2 as q union all select 1, null union all select 3, 5) select x, y, (x, y) in (select p, q from b), (x, y) in (select p, q from b where p = x), (x, y) in (select p, q from b where p > 7), (x, y) not in (select p, q from b where q = 5), (x, y) not in (select p, q from b where q = 5 and x = p) from a;
select t2.name from lite.products as t2 where (1, t2.name) not in (select t3.id, t3.name from lite.products as t3 where t3.id = t2.id);
select 1 from lite.spread t where (t.n, t.tag) not in (select s.n, s.tag from my.accounts c join lite.spread s on s.id = c.id where s.id > t.id);

-- Subqueries in the ON of an outer join: the embedded engine has none there.
select count(*), sum(length(t8.email)) from (select t5.name as c5 from (select 0 as c4 from lite.products as t3 where ('a' not in (select t4.code from pg.regions as t4))) as t2 left join my.accounts as t5 on true) as t1 right join my.accounts as t7 on true join pg.customers as t8 using (id, region);
select count(*), sum(b.id) from lite.products a left join my.accounts b on a.id = b.id and exists (select 1 from pg.regions r where r.code = b.region);
select count(*), sum(b.id) from lite.products a left join my.accounts b on a.id = b.id or a.id > (select min(r.id) from pg.orders r) and b.id in (select t.n from lite.spread t);
select count(*), sum(b.id) from lite.products a left join my.accounts b on a.id = b.id or b.id < (select max(t.n) from lite.spread t where t.id < a.id);
select count(*), sum(b.id) from lite.products a left join my.accounts b on a.id = b.id or (a.id, b.id) in (select t.n, t.id from lite.spread t);

-- A subquery held a grouped expression, an aggregate or a window function of the query around it, where they mean something else.
with w2 as (select sha2(t2.region, 256) as c1 from pg.customers as t2 group by c1) select (select count(*) from w2 as t4 where (t4.c1 > t3.c1)) as c5 from w2 as t3;
with w2 as (select t2.region as c1, row_number() over (order by id) as r from pg.customers as t2) select (select count(*) from w2 as t4 where (t4.r > t3.r)) as c5 from w2 as t3;

-- GREATEST of dates of different types with a constant cut the constant to the last one's type; a number among dates was compared as text.
select cast(greatest(cast('2024-01-02 10:00:00' as datetime), '2024-01-02 11:00:00') as char), cast(least(cast('10:00:00' as time), '09:00:00') as char);
select greatest(cast('2024-01-02 10:00:00' as datetime), cast('2024-01-02' as date), '2024-01-02 11:00:00');
--> error 1235
select least(cast('2024-01-02' as date), 5.5);
--> error 1235

-- A recursion inside a correlated subquery was computed for each row of the query around it, and its rounds counted together.
with recursive w1(d) as (select 1 union all select d + 1 from w1 where d < 12) select t2.tag from lite.spread as t2 where (exists (select 1 from w1 as t3 left outer join lite.products as t4 on (12 = t4.parent_id) where t4.parent_id = t2.id)) group by t2.tag;
with recursive w1(d) as (select 1 union all select d + 1 from w1 where d < 5), w2(e) as (select max(d) from w1 union all select e + 1 from w2 where e < (select count(*) + 5 from w1)) select * from w2;
with recursive w1(d) as (select 1 union all select d + 1 from w1 where d < 5) select a.d from w1 a join w1 b on a.d = b.d where (a.d, b.d) in (select d, p.id from w1 join lite.products p on p.id >= w1.d and p.id < b.d + 10);

-- NULL times a number is a double; pushed to a source, the column arrived as another type than expected.
select null as a, null * 2 as b, null + 1.5 as c, 5 div null as d from my.accounts;

-- A subquery held a window function of the query around it where rows were ordered in between.
select (select min(t7.met) from my.contacts as t7 where t7.note > t1.c1) as c9 from (select min(t2.note) over (partition by t2.total) as c1, t2.discount as c2 from pg.orders as t2 order by t2.id limit 20) as t1;

-- A recursion stood in the plan twice, by one name.
with recursive w1 as (select '0' as c1, t1.email as c2 from pg.customers as t1 except select t2.email as c3, '100%' as c4 from pg.customers as t2), w2(d, s) as (select cast('2024-01-30' as date), cast('x' as char(60)) union all select d + interval 1 month, concat(s, '-', month(d)) from w2 where d < '2024-10-01') select (-10) as c7 from w1 as t3 where (1.5 not in (select (0.5) from w2 as t6));
