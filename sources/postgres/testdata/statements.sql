-- Statements over the table odd: columns whose form in expressions differs from how they are stored. One a line.
SELECT * FROM odd
SELECT id, f, tz, u, en, bo, re, oi, na, ip, mo, un, js, jb, ci, nd, de, ch, ar, iv, tt, ra, bi, `by`, ti, dom FROM odd ORDER BY id
SELECT id FROM odd WHERE bo = 1
SELECT id FROM odd WHERE bo = 0
SELECT id FROM odd WHERE bo
SELECT id FROM odd WHERE bo <> 1
SELECT id, bo + 1, NOT bo FROM odd
SELECT bo, COUNT(*), SUM(bo), AVG(bo) FROM odd GROUP BY bo
SELECT id FROM odd WHERE u = 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'
SELECT id FROM odd WHERE u = 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'
SELECT id FROM odd WHERE u = 'no uuid'
SELECT id FROM odd WHERE u > 'b0000000-0000-0000-0000-000000000000'
SELECT id FROM odd WHERE u > 'c'
SELECT id FROM odd WHERE u IN ('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '00000000-0000-0000-0000-000000000000')
SELECT id FROM odd WHERE u IN ('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'x')
SELECT id FROM odd WHERE u NOT IN ('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', NULL)
SELECT a.id, b.id FROM odd a JOIN odd b ON a.u = b.u
SELECT u, COUNT(*) FROM odd GROUP BY u ORDER BY u
SELECT MIN(u), MAX(u), SUBSTR(MAX(u), 1, 8) FROM odd
SELECT id FROM odd WHERE u LIKE 'a0%'
SELECT id FROM odd WHERE tz >= '2024-03-31 00:30:00'
SELECT id FROM odd WHERE tz = '2024-03-31 00:30:00'
SELECT id FROM odd WHERE tz IN ('2024-03-31 00:30:00', '2024-10-27 01:30:00')
SELECT id FROM odd WHERE tz < DATE '2024-06-01'
SELECT id, DATE(tz), YEAR(tz), HOUR(tz), DATE_FORMAT(tz, '%Y-%m-%d %H:%i'), tz + INTERVAL 1 DAY FROM odd
SELECT tz, COUNT(*), MIN(tz), MAX(tz) FROM odd GROUP BY tz ORDER BY tz
SELECT a.id, b.id FROM odd a JOIN odd b ON a.tz = b.tz
SELECT id FROM odd WHERE en = 'ok'
SELECT id FROM odd WHERE en = 'not a label'
SELECT id FROM odd WHERE en > 'ok'
SELECT en, COUNT(*) FROM odd GROUP BY en ORDER BY en
SELECT MIN(en), MAX(en) FROM odd
SELECT id FROM odd WHERE re = 0.1
SELECT id FROM odd WHERE re > 0.1
SELECT id, re + 1 FROM odd
SELECT re, COUNT(*) FROM odd GROUP BY re ORDER BY re
SELECT MIN(re), MAX(re) FROM odd
SELECT id FROM odd WHERE oi > 5
SELECT id FROM odd WHERE oi = 4294967295
SELECT oi, COUNT(*) FROM odd GROUP BY oi ORDER BY oi
SELECT SUM(oi), MAX(oi) FROM odd
SELECT id FROM odd WHERE na = 'pg_class'
SELECT na, COUNT(*) FROM odd GROUP BY na ORDER BY na
SELECT id FROM odd WHERE ip = '10.0.0.1'
SELECT ip, COUNT(*) FROM odd GROUP BY ip ORDER BY ip
SELECT id FROM odd WHERE un = '1.50'
SELECT id FROM odd WHERE un > '1'
SELECT id FROM odd WHERE js IS NULL
SELECT COUNT(js), COUNT(jb) FROM odd
SELECT id FROM odd WHERE ci = 'ABC'
SELECT id FROM odd WHERE ci < 'b'
SELECT ci, COUNT(*) FROM odd GROUP BY ci ORDER BY ci
SELECT id FROM odd WHERE ci LIKE 'a%'
SELECT id FROM odd WHERE nd = 'ABC'
SELECT id FROM odd WHERE nd IN ('ABC', 'abd')
SELECT id FROM odd WHERE nd < 'b'
SELECT nd, COUNT(*) FROM odd GROUP BY nd ORDER BY nd
SELECT COUNT(DISTINCT nd), COUNT(DISTINCT ci), COUNT(DISTINCT de) FROM odd
SELECT DISTINCT nd FROM odd
SELECT id FROM odd WHERE nd LIKE 'a%'
SELECT id, REPLACE(nd, 'a', 'x'), LOCATE('b', nd), CONCAT(nd, de) FROM odd
SELECT a.id, b.id FROM odd a JOIN odd b ON a.nd = b.nd
SELECT a.id, b.id FROM odd a JOIN odd b ON a.nd = b.de
SELECT id FROM odd WHERE nd IN (SELECT de FROM odd)
SELECT nd FROM odd UNION SELECT de FROM odd
SELECT nd FROM odd INTERSECT SELECT ci FROM odd
SELECT id FROM odd WHERE de = 'ä'
SELECT id FROM odd WHERE de > 'z'
SELECT id, de FROM odd ORDER BY de DESC, id
SELECT MIN(de), MAX(de), MIN(nd), MAX(ci) FROM odd
SELECT id, ROW_NUMBER() OVER (PARTITION BY nd ORDER BY de, id) FROM odd
SELECT id, COALESCE(nd, de), CASE WHEN id > 1 THEN nd ELSE ch END, GREATEST(nd, de) FROM odd
SELECT id FROM odd WHERE ch = 'ab'
SELECT id FROM odd WHERE ch = ci
SELECT a.id, b.id FROM odd a JOIN odd b ON a.ch = b.ch
SELECT a.id, b.id FROM odd a LEFT JOIN odd b ON a.ch = b.de
SELECT id, CHAR_LENGTH(ch), CONCAT(ch, '|') FROM odd
SELECT id FROM odd WHERE iv = '1 day'
SELECT id FROM odd WHERE ar = '{1,2}'
SELECT id FROM odd WHERE bi = 5
SELECT id FROM odd WHERE bi IS NULL
SELECT id FROM odd WHERE `by` = x'00ff'
SELECT id FROM odd WHERE `by` > x'00'
SELECT `by`, COUNT(*) FROM odd GROUP BY `by` ORDER BY `by`
SELECT id FROM odd WHERE ti = '12:00:00'
SELECT id FROM odd WHERE ti < '24:00:01'
SELECT id FROM odd WHERE ti > '-01:00:00'
SELECT id, HOUR(ti), MINUTE(ti), SECOND(ti) FROM odd
SELECT ti, COUNT(*), MIN(ti) FROM odd GROUP BY ti ORDER BY ti
SELECT id FROM odd WHERE dom = 7
SELECT dom + 1, COUNT(*) FROM odd GROUP BY dom + 1
SELECT id FROM part WHERE day >= '2024-06-01' AND v = 'b'
SELECT day, COUNT(*) FROM part GROUP BY day
SELECT COUNT(*), MAX(total) FROM summary
SELECT * FROM shown
SELECT CONCAT(ch, '|'), YEAR(tz), bo + 1, re + 1, CONCAT(u, en) FROM (SELECT ch, tz, bo, re, u, en FROM odd ORDER BY id LIMIT 4) q
SELECT id FROM (SELECT id, ch, tz, u FROM odd ORDER BY id LIMIT 4) q WHERE ch = 'ab' AND tz > '2024-01-01' AND u LIKE 'a%'
SELECT ch, CONCAT(ch, '|'), COUNT(*) FROM odd GROUP BY ch HAVING ch LIKE 'a%' ORDER BY CONCAT(ch, 'x')
SELECT q.ch, CHAR_LENGTH(q.ch), q.tz, HOUR(q.tz), q.bo + 1, q.re FROM (SELECT ch, tz, bo, re, COUNT(*) AS n FROM odd GROUP BY ch, tz, bo, re) q WHERE q.n > 0
SELECT a.id, q.n FROM odd a JOIN (SELECT u, COUNT(*) AS n FROM odd GROUP BY u) q ON a.u = q.u WHERE q.u LIKE 'a%'
SELECT ch, RANK() OVER (PARTITION BY ch ORDER BY COUNT(*)) FROM odd GROUP BY ch, id
SELECT q.ch, COUNT(*) FROM (SELECT ch FROM odd UNION ALL SELECT de FROM odd) q GROUP BY q.ch
SELECT ch, tz FROM odd UNION SELECT ch, tz FROM odd
SELECT t.id, v.column_0 FROM t JOIN (VALUES ROW(1), ROW(3), ROW(NULL)) v ON t.id = v.column_0
SELECT t.id, q.k FROM t JOIN (SELECT 1 AS k UNION ALL SELECT 2) q ON t.id = q.k
SELECT t.id, l.z FROM t, LATERAL (SELECT t.i + 1 AS z) l
SELECT id, (SELECT i * 2) FROM t
SELECT id FROM t WHERE i IN (SELECT 1 UNION ALL SELECT 3)
