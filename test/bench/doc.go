// Command bench runs the 22 statements of TPC-H federated and prints how Weir does beside its peers: orders and lineitem are in
// PostgreSQL, customer, nation and region in one MariaDB database, part, partsupp and supplier in another.
//
// The statements of tpch/ are written so that all systems take the same text, apart from how a table is qualified. Systems are
// interleaved, so that the machine's drift hits all alike; a first run warms all of them up and isn't counted; each statement's figure is the
// median of the others, and the rows of all systems are compared.
// Then it runs them as a user with a policy and as one without, in turn (policy.go), and measures what makes Weir light: point lookups beside the source's own, a join of two sources by a key, the streaming of a
// large table, many clients at once, and memory.
//
// The peers run in Python (peers.py), where DuckDB's scanners and Trino's client are at hand. A peer that can't be had is left out, with a word.
//
// What must hold: nothing is measured that isn't compared or counted too, all systems get the same cores, and a figure that falls short is printed like any other.
package main
