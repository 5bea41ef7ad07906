-- Keys of the small side travel into the big one.
select o.id, a.owner from erp.orders o join crm.accounts a on a.erp_id = o.customer_id where a.owner = 'smith';
-- A sum over a join between sources is summed before it travels.
select p.name, sum(l.amount), count(*), avg(l.amount) from erp.order_lines l join inventory.products p on p.id = l.product_id group by p.name;
-- A comparison with a constant is carried over an equality.
select o.id, a.owner from erp.orders o join crm.accounts a on a.erp_id = o.customer_id where o.customer_id = 17;
-- An outer join keeps its side; only the inner side takes keys.
select c.name, a.owner from erp.customers c left join crm.accounts a on a.erp_id = c.id where c.country = 'DE';
-- A predicate that NULL can't satisfy makes an outer join an inner one.
select c.name from erp.customers c left join crm.accounts a on a.erp_id = c.id where a.owner = 'smith';
-- Semi and anti joins between sources.
select name from erp.customers where id in (select erp_id from crm.accounts where owner = 'smith');
select name from erp.customers c where not exists (select 1 from crm.accounts a where a.erp_id = c.id);
-- A correlated aggregate of another source becomes a grouped table.
select c.name, (select count(*) from crm.accounts a where a.erp_id = c.id) from erp.customers c;
-- Three sources, five tables: those of one source come together first.
select c.country, p.name, sum(l.amount), sum(s.quantity) from erp.customers c, erp.orders o, erp.order_lines l, inventory.products p, inventory.stock s where c.id = o.customer_id and o.id = l.order_id and l.product_id = p.id and s.product_id = p.id group by c.country, p.name order by 3 desc limit 20;
-- A common table that is read twice is fetched once.
with r as (select product_id, sum(amount) total from erp.order_lines group by product_id) select p.name, r.total from inventory.products p join r on r.product_id = p.id where r.total = (select max(total) from r);
-- Text that looks like a column id keeps fragments apart.
select (select count(*) from erp.orders where status = '#1') + (select count(*) from erp.orders where status = '#2') + (select count(*) from inventory.stock);
-- What every branch of an OR asks for is asked for once, and each side gets its own part.
select sum(l.amount) from erp.order_lines l, inventory.products p where (p.id = l.product_id and p.name = 'bolt' and l.amount > 5) or (p.id = l.product_id and p.name = 'nut' and l.amount > 7);
-- Groups too many to be worth grouping at the source are grouped here, first, and their keys travel.
select c.country, o.id, sum(l.amount) from erp.customers c, erp.orders o, erp.order_lines l, crm.accounts a where a.erp_id = c.id and c.id = o.customer_id and o.id = l.order_id and o.id in (select order_id from (select order_id, id from erp.order_lines) x group by order_id, id having count(*) > 1) group by c.country, o.id;
-- A lateral table reads a computed column that nothing else reads.
select t.n from (select id, customer_id * 2 as k from erp.orders) o join lateral (select count(*) as n from crm.accounts a where a.erp_id = o.k) t;
-- A filter with a subquery below an outer join, and a subquery in its condition: the embedded engine takes neither in ON.
select c.name, a.owner from erp.customers c left join (select * from crm.accounts a where a.erp_id > (select count(*) from inventory.stock)) a on a.erp_id = c.id;
select c.name, a.owner from erp.customers c left join crm.accounts a on a.erp_id = c.id and a.id in (select product_id from inventory.stock);
