-- What MariaDB doesn't have or does otherwise: the wanted rows are those of the MySQL 8 manual.

select any_value(1);
--> 1

-- A lateral derived table reads the tables before it.
-- ordered
select r.code, x.n from pg.regions as r, lateral (select count(*) as n from my.accounts as a where a.region = r.code) as x where r.code in ('east') order by 1;
--> east | 2

-- A third operand of LAG and LEAD is given where there is no such row.
-- ordered
select n, lag(n, 1, -1) over (order by n), lead(n, 2, 0) over (order by n) from (select 1 as n union all select 2 union all select 3) as t order by n;
--> 1 | -1 | 3
--> 2 | 1 | 0
--> 3 | 2 | 0

-- Examples of the manual for regular expressions.
select regexp_like('Michael!', '.*'), regexp_like('new*\n*line', 'new\\*.\\*line'), regexp_like('a', '^[a-d]'), regexp_like('abc', 'ABC', 'c');
--> 1 | 0 | 1 | 0
select regexp_instr('dog cat dog', 'dog'), regexp_instr('dog cat dog', 'dog', 2), regexp_instr('aa aaa aaaa', 'a{2}'), regexp_instr('aa aaa aaaa', 'a{4}');
--> 1 | 9 | 1 | 8
select regexp_replace('a b c', 'b', 'X'), regexp_replace('abc def ghi', '[a-z]+', 'X', 1, 3);
--> a X c | abc def X
select regexp_substr('abc def ghi', '[a-z]+'), regexp_substr('abc def ghi', '[a-z]+', 1, 3), regexp_substr('abc', 'x');
--> abc | ghi | NULL

-- Approximate numbers round half to even by the C library; exact ones away from zero.
select round(2.5), round(-2.5), round(2.5e0), round(3.5e0), cast(2.5e0 as signed), truncate(1.999, 1), truncate(122, -2);
--> 3 | -3 | 2 | 4 | 2 | 1.9 | 100

select char(77, 121, 83, 81, '76' using utf8mb4), hex(char(1, 0)), hex(char(256));
--> MySQL | 0100 | 0100

-- MySQL writes JSON documents in its own way: keys in order of length, then bytes; a blank after comma and colon.
select json_object('id', 87, 'name', 'carrot'), json_array(1, 'abc', null, true), json_quote('"null"');
--> {"id": 87, "name": "carrot"} | [1, "abc", null, true] | "\"null\""
select json_extract('[10, 20, [30, 40]]', '$[1]'), json_extract('{"a": {"b": [1, 2]}}', '$.a.b'), json_unquote(json_extract('{"a": "x"}', '$.a'));
--> 20 | [1, 2] | x
select json_set('{"a": 1, "b": [2, 3]}', '$.a', 10, '$.c', '[true, false]'), json_insert('{"a": 1, "b": [2, 3]}', '$.a', 10, '$.c', '[true, false]');
--> {"a": 10, "b": [2, 3], "c": "[true, false]"} | {"a": 1, "b": [2, 3], "c": "[true, false]"}
select json_replace('{"a": 1, "b": [2, 3]}', '$.a', 10, '$.c', '[true, false]'), json_remove('["a", ["b", "c"], "d"]', '$[1]');
--> {"a": 10, "b": [2, 3]} | ["a", "d"]
select json_merge_patch('[1, 2]', '[true, false]'), json_merge_patch('{"name": "x"}', '{"id": 47}'), json_merge_preserve('[1, 2]', '[true, false]');
--> [true, false] | {"id": 47, "name": "x"} | [1, 2, true, false]
select json_array_append('["a", ["b", "c"], "d"]', '$[1]', 1), json_array_insert('["a", {"b": [1, 2]}, [3, 4]]', '$[1]', 'x');
--> ["a", ["b", "c", 1], "d"] | ["a", "x", {"b": [1, 2]}, [3, 4]]
select json_contains_path('{"a": 1, "b": 2, "c": {"d": 4}}', 'one', '$.a', '$.e'), json_contains_path('{"a": 1, "b": 2, "c": {"d": 4}}', 'all', '$.a', '$.e');
--> 1 | 0
select json_overlaps('[1,3,5,7]', '[2,5,7]'), json_overlaps('[1,3,5,7]', '[2,6,8]'), json_depth('[10, {"a": 20}]'), json_length('{"a": 1, "b": {"c": 30}}');
--> 1 | 0 | 3 | 2
select json_keys('{"a": 1, "b": {"c": 30}}'), json_type('{"a": [10, true]}'), json_valid('{"a": 1}'), json_valid('hello');
--> ["a", "b"] | OBJECT | 1 | 0
select json_search('["abc", [{"k": "10"}, "def"], {"x": "abc"}]', 'one', 'abc'), json_search('["abc", [{"k": "10"}, "def"], {"x": "abc"}]', 'all', 'abc');
--> "$[0]" | ["$[0]", "$[2].x"]
select json_value('{"item": "shoes", "price": "49.95"}', '$.item');
--> shoes

-- An error of its own.
select (select id from pg.customers);
--> error 1242
select no_such_function(1);
--> error 1305
select * from pg.no_such_table;
--> error 1146

-- NULL values are not appended to a set.
select make_set(1 | 4, 'hello', 'nice', null, 'world'), make_set(4, null, 'a', 'b'), make_set(null, 'a');
--> hello | b | NULL

-- GREATEST of texts is one of texts, also where a number is made of it.
select cast(greatest('1', 'ETE') as decimal(10, 2)), cast(least('9', '10') as decimal(10, 2));
--> 0.00 | 10.00

-- A value of more digits than Weir's decimals have is refused; only what is too wide for MySQL's 65, too, is out of range.
select (total / discount) * (total / 3) * (total / 7) from pg.orders;
--> error 1235
select greatest('10', 9), least('10', 9), least('a', 1.5), greatest(2, 10), greatest(2.5, 10);
--> 9 | 10 | 1.5 | 10 | 10.0

-- Time zones go beyond 2038.
select convert_tz('2038-01-31 05:19:04', '+00:00', '+05:30');
--> 2038-01-31 10:49:04
