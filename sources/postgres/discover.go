package postgres

import (
	"context"
	"math"
	"strconv"
	"strings"

	"weir/sources"
)

// The questions to the system catalogs. $schema stands for the schema's name as a constant.
const (
	// Tables that the account may read at least one column of.
	tablesQuery = `SELECT c.oid, c.relname, c.relkind, coalesce(obj_description(c.oid, 'pg_class'), ''), c.reltuples, c.relpages
FROM pg_class c WHERE c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $schema)
AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND has_any_column_privilege(c.oid, 'SELECT') ORDER BY c.relname`

	// Columns with their types, domains resolved to what they are based on. What inherits from a table may allow NULL where the table doesn't,
	// and rows that were there before a NOT NULL that is NOT VALID (PostgreSQL 18) may have one.
	columnsQuery = `WITH RECURSIVE base AS (
  SELECT t.oid AS id, t.oid AS type, -1 AS mod, 0 AS depth FROM pg_type t
  UNION ALL SELECT b.id, t.typbasetype, CASE WHEN t.typtypmod >= 0 THEN t.typtypmod ELSE b.mod END, b.depth + 1
  FROM base b JOIN pg_type t ON t.oid = b.type WHERE t.typtype = 'd'
), resolved AS (SELECT DISTINCT ON (id) id, type, mod FROM base ORDER BY id, depth DESC)
SELECT a.attrelid, a.attname, format_type(b.type, NULL), format_type(b.type, m.mod), m.mod, t.typtype, t.typcategory = 'A' AND t.typelem <> 0 AND t.typlen = -1,
  t.typnamespace = 'pg_catalog'::regnamespace, a.attnotnull AND (c.relkind = 'p' OR NOT c.relhassubclass)
    AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = a.attrelid AND k.contype = 'n' AND k.conkey[1] = a.attnum AND NOT k.convalidated), coalesce(col_description(a.attrelid, a.attnum), ''),
  coalesce(pg_get_expr(d.adbin, d.adrelid), ''),
  CASE WHEN a.attcollation = 0 THEN '' WHEN NOT l.collisdeterministic THEN 'nondeterministic ' || l.collname
    WHEN l.collname = 'default' AND db.datcollate IN ('C', 'POSIX') AND db.datlocprovider = 'c' THEN 'C' WHEN l.collname = 'POSIX' THEN 'C' ELSE l.collname END,
  coalesce(s.n_distinct, 0), has_column_privilege(a.attrelid, a.attnum, 'SELECT'),
  CASE WHEN t.typtype = 'e' THEN (SELECT string_agg(quote_literal(enumlabel), ', ' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid) ELSE '' END
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN resolved b ON b.id = a.atttypid JOIN pg_type t ON t.oid = b.type
CROSS JOIN LATERAL (SELECT CASE WHEN a.atttypmod >= 0 THEN a.atttypmod ELSE b.mod END AS mod) m
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN pg_collation l ON l.oid = a.attcollation
LEFT JOIN pg_stats s ON s.schemaname = $schema AND s.tablename = c.relname AND s.attname = a.attname AND s.inherited = (c.relkind = 'p')
JOIN pg_database db ON db.datname = current_database()
WHERE c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $schema) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
ORDER BY a.attrelid, a.attnum`

	// Indexes that are whole: valid, without condition, on columns only. An index on expressions has a 0 among its columns. The keys of a
	// table don't hold for the rows of tables that inherit from it, which reading it gives as well; a partitioned table's do.
	indexesQuery = `SELECT i.indrelid, n.relname, i.indisunique AND own.rows, i.indisprimary AND own.rows, i.indisunique AND own.rows AND NOT EXISTS (
  SELECT FROM unnest(i.indkey[0:i.indnkeyatts - 1]) k JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k WHERE NOT a.attnotnull) AND i.indimmediate,
  (SELECT string_agg(a.attname, E'\n' ORDER BY k.i) FROM unnest(i.indkey[0:i.indnkeyatts - 1]) WITH ORDINALITY k(num, i)
   JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.num)
FROM pg_index i JOIN pg_class n ON n.oid = i.indexrelid JOIN pg_class c ON c.oid = i.indrelid JOIN pg_am am ON am.oid = n.relam
CROSS JOIN LATERAL (SELECT c.relkind = 'p' OR NOT c.relhassubclass AS rows) own
WHERE c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $schema) AND i.indisvalid AND i.indpred IS NULL
AND NOT 0 = ANY (i.indkey::int2[]) AND am.amname = 'btree' ORDER BY i.indrelid, i.indisprimary DESC, n.relname`

	foreignKeysQuery = `SELECT k.conrelid, k.conname,
  (SELECT string_agg(a.attname, E'\n' ORDER BY x.i) FROM unnest(k.conkey) WITH ORDINALITY x(num, i) JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = x.num),
  n.nspname, r.relname,
  (SELECT string_agg(a.attname, E'\n' ORDER BY x.i) FROM unnest(k.confkey) WITH ORDINALITY x(num, i) JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = x.num)
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class r ON r.oid = k.confrelid JOIN pg_namespace n ON n.oid = r.relnamespace
WHERE k.contype = 'f' AND k.conparentid = 0 AND c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $schema) ORDER BY k.conrelid, k.conname`
)

// Tables implements sources.Source. All is read in one transaction, so that it fits together.
func (s *Source) Tables(ctx context.Context) ([]sources.Table, error) {
	const doing = "reading the system catalogs"
	var answers [5][][][]byte
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.base, cancel)()
	if err := s.Ping(ctx); err != nil { // replaces connections that broke while idle
		return nil, err
	}
	c, err := s.acquire(ctx, doing)
	if err != nil {
		return nil, err
	}
	unwatch := c.watch(ctx)
	_, err = c.ask(beginSnapshot)
	for i, q := range []string{tablesQuery, columnsQuery, indexesQuery, foreignKeysQuery, versionsQuery} {
		if err == nil {
			if i == 1 && c.version < 15 {
				q = strings.ReplaceAll(q, " AND db.datlocprovider = 'c'", "")
			}
			answers[i], err = c.ask(strings.ReplaceAll(q, "$schema", quote(s.schema)))
		}
	}
	if err == nil {
		_, err = c.ask("COMMIT")
	}
	unwatch()
	if err != nil {
		s.pool.discard(c)
		return nil, s.fail(ctx, doing, err)
	}
	s.giveBack(c, nil)
	return s.assemble(answers), nil
}

// assemble makes tables of the answers.
func (s *Source) assemble(answers [5][][][]byte) []sources.Table {
	tables := make([]sources.Table, 0, len(answers[0]))
	byOID := map[string]*sources.Table{}
	pages := map[string]int64{}
	for _, r := range answers[0] {
		t := sources.Table{Schema: s.schema, Name: string(r[1]), Kind: tableKind(r[2][0]), Comment: string(r[3]), RowCount: number(r[4])}
		if r[2][0] == 'v' || t.RowCount < 0 {
			t.RowCount = -1 // never counted
		}
		tables = append(tables, t)
		if r[2][0] == 'r' {
			pages[t.Name] = int64(number(r[5]))
		}
	}
	for i, r := range answers[0] {
		byOID[string(r[0])] = &tables[i]
	}
	s.mu.Lock()
	s.pages = pages
	s.mu.Unlock()
	for _, r := range answers[1] {
		if t := byOID[string(r[0])]; t != nil && isTrue(r[13]) {
			t.Columns = append(t.Columns, s.describeColumn(r, t.RowCount))
		}
	}
	for _, r := range answers[2] {
		t := byOID[string(r[0])]
		if t == nil || len(r[5]) == 0 {
			continue
		}
		cols := strings.Split(string(r[5]), "\n")
		t.Indexes = append(t.Indexes, sources.Index{Name: string(r[1]), Columns: cols, Unique: isTrue(r[2])})
		switch {
		case isTrue(r[3]):
			t.PrimaryKey = cols
		case isTrue(r[4]):
			t.Uniques = append(t.Uniques, cols)
		}
	}
	for _, r := range answers[3] {
		if t := byOID[string(r[0])]; t != nil {
			t.ForeignKeys = append(t.ForeignKeys, sources.ForeignKey{Name: string(r[1]), Columns: strings.Split(string(r[2]), "\n"),
				RefSchema: string(r[3]), RefTable: string(r[4]), RefColumns: strings.Split(string(r[5]), "\n")})
		}
	}
	for _, r := range answers[4] {
		if t := byOID[string(r[0])]; t != nil {
			t.Version = versionOf(r)
		}
	}
	for i := range tables {
		if len(tables[i].Columns) == 0 {
			tables[i].Broken = "it has no columns that the account may read"
		}
	}
	return tables
}

func (s *Source) describeColumn(r [][]byte, rows float64) sources.Column {
	mod, _ := strconv.Atoi(string(r[4]))
	n := nativeType{name: string(r[2]), full: string(r[3]), mod: mod, kind: r[5][0], element: isTrue(r[6]), system: isTrue(r[7])}
	t, note := mapType(n, s.datesAsText)
	if n.kind == 'e' {
		note += " (" + string(r[14]) + ")"
	}
	t.NotNull, t.Collation = isTrue(r[8]), string(r[11])
	distinct := number(r[12])
	if distinct < 0 { // a fraction of the rows
		distinct = math.Max(0, -distinct*rows)
	}
	return sources.Column{Name: string(r[1]), Type: t, Comment: comment(string(r[9]), note), Default: string(r[10]), Distinct: math.Round(distinct)}
}

func tableKind(k byte) sources.TableKind {
	switch k {
	case 'v':
		return sources.View
	case 'm':
		return sources.MaterializedView
	}
	return sources.BaseTable // partitioned and foreign tables too
}

func isTrue(b []byte) bool { return len(b) > 0 && b[0] == 't' }

func number(b []byte) float64 {
	f, _ := strconv.ParseFloat(string(b), 64)
	return f
}
