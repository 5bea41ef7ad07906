-- Cases that the generator found, each with its story. Their rows are the reference's.

-- Columns that nothing reads were dropped together with the aggregate that computed them, so that one row became all rows.
select 1 from (select max(t4.born) as c1 from pg.customers as t4) as t2;
select sum(t1.c2) from (select distinct t2.status as c1, (1e0) as c2 from pg.orders as t2) as t1;
select 1 from (select distinct t7.credit from pg.customers as t7) as t5;
select t1.c2 as c5 from (select t3.capacity as c1, 65536 as c2 from lite.warehouses as t3 intersect select (12.3456) as c3, 1 as c4) as t1 where (1.5 in (select t4.total from pg.orders as t4));

-- The embedded engine has no correlated IN over several columns.
select t2.name from lite.products as t2 where (1, t2.name) in (select t3.id, t3.name from lite.products as t3 where t3.id = t2.id);

-- A constant is no key to order an aggregate by.
select left(group_concat('a' order by 'a'), 60) from lite.warehouses;

-- DISTINCT and ORDER BY inside an aggregate in HAVING.
select t1.code as c1 from pg.regions as t1 group by c1 having (left(group_concat(distinct t1.title order by t1.title desc separator '|'), 60) is not null);

-- EXTRACT of compound units has up to six or seven digits; decimals made of it were cut to four.
select extract(year_month from cast('1970-01-01 01:00:00' as datetime)) + 999.99 from lite.products;
select avg(extract(hour_second from cast('2024-02-29 08:30:00' as datetime))) over () from lite.warehouses;
select period_add(202401, 1) / t2.id from lite.warehouses as t2;

-- A position that is NULL makes the result NULL, also if its column is unsigned.
select substr('  ', t1.code), substring_index(t1.name, 'ab', t1.big) from my.accounts as t1;

-- A derived table that MySQL merges into the query around it ("10.2.2.4 Optimizing Derived Tables, View References, and Common Table Expressions with
-- Merging or Materialization") hands on all digits of a quotient. The reference merges none, because MariaDB makes faults there.
select sum(t5.c7) from (select (t6.id / t6.product_id) as c7 from pg.orders as t6) as t5;
--> 12421346303.2113
with w1 as (select ((-0.001) / 1.5) as c1 from lite.warehouses as t1) select distinct (t2.c1 / 1) as c6 from w1 as t2;
--> -0.00066666667
-- One that it doesn't merge hands on those that its scale has, a set operation those of the common scale.
select (((100.1) / (2.250)) / truncate(t1.reorder, 9)) as c3 from lite.stock as t1;
select ((t2.amount / t2.amount) / (t2.amount / t2.amount)) as c1 from pg.nothing as t2;
select t1.quota / (-1) from pg.regions as t1 union select t2.total / 31 from pg.orders as t2;

-- What was pushed to a source as it couldn't take it: HAVING over a grouped expression, a rank without an order.
select 1.5 from (select (t2.seq % 255) as c1, count(*) as c3 from my.contacts as t2 group by c1) as t1 where (t1.c3 <= t1.c1);
select cast(dense_rank() over (partition by t1.c2 order by t1.c2) as signed) from (select (100.1) as c2 from my.contacts as t2) as t1;

-- A column that is a subquery, in the condition of an outer join.
with w1 as (select (select t2.parent_id from lite.products as t2 where t2.id = t1.n) as c2 from lite.spread as t1) select 1 from w1 as t4 left join w1 as t5 on t4.c2 = t5.c2;

-- A window with a frame of rows but, once its constant key was gone, without an order.
select max('a') over (order by (1.5e0), t2.mid rows between 3 following and 6 following) from my.accounts as t2;

-- What a window function gives is stored with the digits of its scale, also in a set operation of a greater scale.
select t1.shipped as c1, avg(t1.discount) over (order by t1.id range between current row and unbounded following) as c2 from pg.orders as t1 union all select cast('1970-01-01' as date), truncate((-1.5), 7) from lite.warehouses;

-- MariaDB, asked by a fragment: NOT IN over a materialised subquery with NULLs is true for a value that doesn't fit the subquery's column (MDEV-40877).
select 1 from my.activities as t1 where t1.cost * t1.cost not in (select avg(t2.mid) from my.accounts as t2 group by t2.opened);

-- MariaDB compares quotients by the digits that they show, MySQL by all that they have; with pushdown the former was the answer.
select count(*) from my.activities where product_id / id = 0.0278;
--> 0
select count(*) from my.activities where product_id / id in (0.0278);
--> 0
select count(*) from my.activities a join my.activities b on a.product_id / a.id = b.product_id / b.id;
--> 683
select count(*) from pg.orders where total = product_id / id;
--> 0
-- What DISTINCT finds different in an aggregate is stored first, with the digits that show.
select sum(distinct product_id / id), avg(distinct product_id / id) from my.activities;

-- SQLite's Bloom filter of a join took a text that a function had read as a blob, and handed on, for another one than the same text in a column.
select count(*) from lite.spread as t1 join lite.products as t2 on t1.day = t2.since;
select count(*) from lite.spread as t1 left join lite.products as t2 on t1.day <=> t2.since;

-- What MariaDB has faults in was sent to it as a source. PERCENT_RANK and CUME_DIST keep ten digits in a temporary table.
-- ordered
select max(t1.kind) over (partition by t1.cost) is null, round(cume_dist() over (order by t1.id) * 1e12) from my.activities as t1 where t1.id < 4 order by t1.id;
--> 0 | 3.33333333333e+11
--> 0 | 6.66666666667e+11
--> 0 | 1e+12
-- The value of a quotient there has the digits that show.
select sum((100 / t1.seq)) as c1 from my.contacts as t1 where t1.seq = 3 group by t1.seq;
--> 2000.0000
-- A window function inside an expression, over groups with a DISTINCT aggregate, is NULL.
select 1 + avg(abs(1)) over () as c9, count(distinct abs(1)) as c10 from my.accounts as t7 left join my.activities as t8 on true where t8.id < 2 group by t8.cost;
--> 2.0000 | 1
-- ORD of a character of four bytes is cut to 2147483647.
select max(ord(name)), ord(name) from my.accounts group by ord(name) order by 1 desc limit 1;
--> 4036991362 | 4036991362
-- An OFFSET skips no row of a DISTINCT of constants.
select distinct 1 from my.accounts limit 2 offset 9;
--> none
select distinct (select 'a' from lite.warehouses as t2 order by t2.id limit 1) as c1 from pg.orders as t1 order by 1 desc limit 2 offset 9;
--> none

-- A sum of quotients has a digit less than they have, once its digits before the point are taken off 38; PostgreSQL gave all.
select sum(((12.3456) / t1.total)) as c1, extract(hour_second from cast('23:59:59' as time)) as c2 from pg.orders as t1;

-- MariaDB, asked by a fragment, adds the group of NULL to that of the least decimal that is computed, if groups are ordered by it descending; so it does with peers.
-- ordered
select balance + 1 as c1, count(distinct id) as x from my.accounts group by c1 order by c1 desc limit 3 offset 57;
--> -554.498383 | 1
--> -735.645584 | 1
--> -701210912.000000 | 1
-- ordered
select id, rank() over (order by balance + 1 desc) as r from my.accounts where balance < -700 or balance is null order by balance is null desc, id limit 2;
--> 4 | 3
--> 13 | 3
-- NOT IN over groups takes a date's MIN that is NULL for one that differs there.
select count(*) from my.activities t3 where t3.at not in (select min(cast(t4.opened as datetime)) from my.accounts as t4 group by t4.opened);
--> 0
-- A predicate over IS_IPV4, which is never NULL, makes an inner join of an outer one in MariaDB.
select count(*) from pg.orders as t1 left join lite.warehouses as t2 on t1.product_id = t2.id where t1.customer_id not in (31, is_ipv4(t2.name));
--> 354

-- MariaDB cuts the text of a negative time in a temporary table.
select distinct time_format(subtime(cast('08:30:00' as time), cast('12:34:56' as time)), '%r') as c9, t6.kind from my.activities as t6 where t6.id = 1 order by 1 desc;
--> -04:04:56 AM | call

-- The remainder of a negative decimal is a negative zero there, less than zero.
select count(*), sum(t1.balance % t1.balance >= 0), sum(mod(-2.5 * t1.id, 2.5) >= 0) from my.accounts as t1 where t1.balance <> 0;
--> 60 | 60 | 60

-- NULL of a type was written as a bare NULL, which MariaDB computes with as with a text or a double: the result's type was told to be another one than the table's.
SELECT ROUND(c, 4) FROM (SELECT CAST(NULL AS DECIMAL(9,3)) AS c FROM my.accounts) AS t;
SELECT ADDDATE(d, 5), SUBDATE(d, INTERVAL 1 MONTH) FROM (SELECT CAST(NULL AS DATE) AS d FROM my.accounts) AS t;
SELECT GROUP_CONCAT(s) FROM (SELECT CAST(NULL AS CHAR) AS s FROM my.accounts) AS t;

-- MariaDB merges derived tables, so that one expression stands twice as an operand, and writes the second separator into its only buffer.
SELECT CONCAT_WS('é', s, s, id) FROM (SELECT id, CASE WHEN CHAR_LENGTH(subject) > 5 THEN CONCAT(LEFT(subject, 3), '***', RIGHT(subject, 2)) ELSE '***' END AS s FROM my.activities) AS t;
SELECT REPLACE(s, '*', s) FROM (SELECT id, CASE WHEN CHAR_LENGTH(subject) > 5 THEN CONCAT(LEFT(subject, 3), '***', RIGHT(subject, 2)) ELSE '***' END AS s FROM my.activities) AS t;

-- The embedded engine failed with an internal error of its own where it moved a filter below a RIGHT JOIN.
select case when ((select count(distinct cast('2020-10-10' as date)) from lite.stock t2 where t2.product_id=t1.n) in (select 7 from my.activities t3)) then 1.50 else 2.250 end as c1 from lite.spread t1 where t1.tag='red';

-- A RANGE frame with an offset, ordered by a subquery: the embedded engine couldn't copy it ("Cannot copy BoundSubqueryExpression").
select max(t1.name) over (order by t2.c2 range 3 preceding) as c4 from my.nothing as t1 join (select (select abs(1) from pg.regions as t4 limit 1) as c2 from lite.stock as t3) as t2 on true;
select t1.id, sum(t1.id) over (order by (select count(*) from pg.regions as t4 where t4.id < t1.id) range between 2 preceding and 3 following) as c4 from my.accounts as t1 order by t1.id;
select t1.id, sum(t1.id) over (order by case when not exists (select 1 from pg.regions as t3 where t3.code = t4.code) then 1 else 2 end range between 2 preceding and 3 following) as c10 from my.accounts as t1 join pg.regions as t4 on t1.id = t4.id;

-- FIELD, which is never NULL, makes an inner join of an outer one in MariaDB: rows without a match are lost there.
select count(*) from pg.customers as t1 left join lite.warehouses as t2 on t1.region = t2.region where 0 >= field(t2.name, 'A', 'B');
--> 237
select count(*) from pg.customers as t1 left join lite.warehouses as t2 on t1.region = t2.region;
