-- Functions that the generator doesn't make, with their examples from the manual.
select soundex('Hello'), soundex('Quadratically'), inet6_ntoa(inet6_aton('fdfe::5a55:caff:fefa:9089')), is_ipv6('::1'), is_ipv6('10.0.5.9');
select hex(unhex('4D7953514C')), unhex('GG'), from_base64(to_base64('abc')), hex(inet6_aton('10.0.5.9')), inet6_ntoa(unhex('0A000509'));
select json_length(json_pretty('[1, 2]'));
select convert_tz('2004-01-01 12:00:00', '+00:00', '+10:00'), last_day('2003-02-05'), last_day('2003-03-32'), makedate(2011, 31), makedate(2011, 0);
select period_add(200801, 2), period_diff(200802, 200703), sec_to_time(2378), time_format('100:00:00', '%H %k %h %I %l'), yearweek('1987-01-01', 0);
select make_set(1, 'a', 'b', 'c'), make_set(1 | 4, 'hello', 'nice', 'world'), make_set(0, 'a', 'b', 'c');
