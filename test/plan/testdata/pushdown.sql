-- The whole statement runs at its source; no row passes through the embedded engine.
select id, name from erp.customers where country = 'DE' order by name limit 10;
-- COUNT(*) never moves rows.
select count(*) from erp.orders;
-- A join inside one source is pushed with its aggregate.
select c.country, count(*), sum(l.amount) from customers c join orders o on o.customer_id = c.id join order_lines l on l.order_id = o.id group by c.country having sum(l.amount) > 100 order by 3 desc;
-- ORDER BY COUNT(*) was once taken for a constant key and dropped.
select country, count(*) from customers group by country order by count(*) desc limit 3;
-- A constant grouping key is not a position.
select 'x' k, count(*) from customers group by k;
-- Subqueries inside one source.
select name from customers c where exists (select 1 from orders o where o.customer_id = c.id and o.status = 'open');
select name from customers where id not in (select customer_id from orders);
select id, (select max(day) from orders o where o.customer_id = c.id) from customers c;
-- Windows over groups.
select status, count(*), rank() over (order by count(*) desc) from orders group by status;
-- Distinct, then ordered.
select distinct status from orders order by status desc;
-- Set operations inside one source.
select id from customers union select customer_id from orders order by 1 limit 5;
-- An aggregate that nobody reads still makes one row.
select exists (select max(name) from customers where false), (select count(*) from crm.accounts);
select 1 from (select max(name) from customers) t;
select 1 from (select distinct country from customers) t
;
-- A select list that nobody reads.
select c.name from customers c, (select 1 as x from (select count(*) as n from orders) t) u;
select count(*) from (select name from customers) t, crm.accounts;
-- The groups of one large table come in parts, which its source computes at once, and are added up here.
select account, sum(amount), count(*), avg(amount), min(day) from movements where day >= '2024-01-01' group by account having count(*) > 2 order by 2 desc limit 3;
select count(*), max(amount) from movements;
-- Many groups, groups of unknown number, few rows, DISTINCT and a join at the source are left to it.
select id, sum(amount) from movements group by id;
select year(day), sum(amount) from movements group by year(day);
select sum(amount) from movements where id = 7;
select count(distinct account) from movements;
select m.account, count(*) from movements m join customers c on c.id = m.account group by m.account;
-- A subquery that a system would run again for each row, without an index, is run here; with one, or over few rows, it is pushed.
select owner from crm.accounts a where a.owner = 'x' or a.id not in (select b.erp_id from crm.accounts b where b.owner < a.owner);
select owner from crm.accounts a where a.owner = 'x' or a.id not in (select b.erp_id from crm.accounts b where b.id = a.erp_id);
select name from inventory.products a where a.name = 'x' or a.id not in (select b.id from inventory.products b where b.name < a.name);
