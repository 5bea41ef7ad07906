// Package leaks attacks the whole program with statements of users who may not see what they ask for.
//
// Two worlds are made: in each a Weir with the same policies over a PostgreSQL, a MariaDB and SQLite files of its own. The worlds are equal in all
// that the attackers may see and differ in everything that they may not: values under masks, in hidden columns, in rows that are filtered away, in tables that are
// hidden as a whole. Canaries, texts and numbers that occur nowhere else, stand in all these places.
//
// Each attack of testdata is run in both worlds, by users of several roles, over each source, pushdown on and off, as text and prepared. What must hold:
//   - no canary comes back that wasn't in the statement itself;
//   - both worlds answer alike: rows, types, errors, warnings and EXPLAIN, so that not one bit was told;
//   - a guess that is right is answered as one that is wrong.
//
// So that the suite can't pass by asking nothing: for somebody who may see everything, the worlds must answer each attack differently.
package leaks
